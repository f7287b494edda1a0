// The cases of writes of many rows, and of those that were deleted.

#include "absl/strings/str_cat.h"
#include "tests/isolation/crossing.h"

namespace tenantry::isolation {

using google::protobuf::Message;
using schema::Column;
using schema::Method;
using schema::Table;
using test::CallResult;

void Crossing::Undelete(const Method& method) {
  const Table& table = *method.table;
  for (const Message* row : Targets(table)) {
    MustBeAlike(method, "another tenant's row", grpc::StatusCode::NOT_FOUND,
                *test::KeyRequest(method, *row),
                *test::KeyRequest(method, *WithUnknownKey(table, *row)));
  }
  const Message* deleted = b_.deleted(table);
  if (deleted == nullptr) return Report(method, "could not be tried", "no row was deleted");
  MustSucceed(method, "its own row", *test::KeyRequest(method, *deleted));
  const Method* remove = test::FindMethod(schema_, table, v1::METHOD_KIND_DELETE);
  if (remove != nullptr) MustSucceed(*remove, "again", *test::KeyRequest(*remove, *deleted));
}

void Crossing::MissingInBatch(const Method& method) {
  const Table& table = *method.table;
  const Message* own = b_.rows(table)[0].get();
  for (const Message* row : Targets(table)) {
    const MessagePtr unknown = WithUnknownKey(table, *row);
    MustBeAlike(method, "another tenant's row", grpc::StatusCode::NOT_FOUND,
                *test::BatchRequest(method, {row}), *test::BatchRequest(method, {unknown.get()}));
    MustBeAlike(method, "another tenant's row behind an own one", grpc::StatusCode::NOT_FOUND,
                *test::BatchRequest(method, {own, row}),
                *test::BatchRequest(method, {own, unknown.get()}));
  }
}

void Crossing::BatchUpdate(const Method& method) {
  MustSucceed(method, "its own row",
              *test::BatchRequest(method, {b_.rows(*method.table)[0].get()}));
  MissingInBatch(method);
}

void Crossing::BatchDelete(const Method& method) {
  const Table& table = *method.table;
  MissingInBatch(method);
  const Method* create = test::FindMethod(schema_, table, v1::METHOD_KIND_CREATE);
  if (create == nullptr) return;
  const std::string before = PlacesOfB(table);
  const CallResult made = Call(*create, *test::RowRequest(*create, *b_.NewRow(table)));
  if (!made.ok()) return Report(*create, "its own row", made.ToString());
  MustSucceed(method, "its own row", *test::BatchRequest(method, {made.reply.get()}));
  RemoveAdded(table, before);
}

void Crossing::BatchUpsert(const Method& method) {
  const Table& table = *method.table;
  const std::string before = PlacesOfB(table);
  std::vector<MessagePtr> rows;
  std::vector<const Message*> batch;
  for (const Message* row : Targets(table)) rows.push_back(OwnRowWithKeysOf(table, *row));
  for (const MessagePtr& row : rows) batch.push_back(row.get());
  MustSucceed(method, "another tenant's primary keys", *test::BatchRequest(method, batch));
  RemoveAdded(table, before);
  References(method, [&](const Message& row, const schema::Relation&) {
    const MessagePtr own = b_.NewRow(table);
    return test::BatchRequest(method, {own.get(), &row});
  });
}

void Crossing::ManyOfNobodyElse(const Method& method) {
  const Table& table = *method.table;
  for (const Message* row : Targets(table)) {
    const CallResult result =
        Call(method, *test::ManyRequest(method, {.filter = table.primary_key, .row = row}));
    if (!result.ok() || test::AffectedOf(*result.reply) > 0) {
      Report(method, "another tenant's row", result.ToString());
    }
  }
  if (options_.way == Way::kTransact) return;  // a step cannot be only tried
  // What all rows can have alike.
  const MessagePtr row = test::Copy(*b_.rows(table)[0]);
  for (const schema::UniqueKey& key : table.unique_keys) {
    for (const Column* column : key.columns) {
      if (!column->is_hidden()) row->GetReflection()->ClearField(row.get(), column->api);
    }
  }
  // A delete may be refused for own rows that refer to the own rows.
  const auto own = static_cast<std::int64_t>(b_.rows(table).size());
  const CallResult all = Call(
      method,
      *test::ManyRequest(method, {.row = row.get(), .max_affected = own, .validate_only = true}));
  const bool refused = all.status.error_code() == grpc::StatusCode::FAILED_PRECONDITION &&
                       all.error.reason == "ROW_IS_REFERENCED";
  if (refused) return;
  if (!all.ok() || test::AffectedOf(*all.reply) != own) {
    Report(method, absl::StrCat("everything must be ", own, " rows"), all.ToString());
  }
}

void Crossing::UpdateMany(const Method& method) { ManyOfNobodyElse(method); }

void Crossing::DeleteMany(const Method& method) { ManyOfNobodyElse(method); }

}  // namespace tenantry::isolation
