// Streams that aim at another tenant's rows.

#include "absl/strings/str_cat.h"
#include "tests/isolation/crossing.h"

namespace tenantry::isolation {

using google::protobuf::Message;
using schema::Method;
using schema::Relation;
using schema::Table;
using test::CallResult;

void Crossing::Import(const Method& method) {
  const Table& table = *method.table;
  const std::string before = PlacesOfB(table);
  std::vector<MessagePtr> rows;
  std::vector<const Message*> stream;
  for (const Message* row : Targets(table)) {
    rows.push_back(OwnRowWithKeysOf(table, *row));
    rows.push_back(b_.NewRow(table));
  }
  for (const MessagePtr& row : rows) stream.push_back(row.get());
  MustSucceed(method, "keys that another tenant uses", *test::ImportRequest(method, stream));
  RemoveAdded(table, before);
  References(method, [&](const Message& row, const Relation&) {
    const MessagePtr own = b_.NewRow(table);
    return test::ImportRequest(method, {own.get(), &row});
  });
}

// Wherever it begins, also behind a row of another tenant.
void Crossing::Export(const Method& method) {
  const bool soft = method.table->delete_time != nullptr;
  const auto must = [&](std::string_view what, const test::ExportOptions& options) {
    MustTellOnlyOwn(method, what, *test::ExportRequest(method, options), options.show_deleted,
                    options.resume_token.empty());
  };
  must("everything", {});
  must("everything, deleted rows too", {.show_deleted = soft});
  must("everything with relations", {.relations = kRelationLevels});
  const CallResult of_a = options_.client.Call(method, *test::ExportRequest(method, {}),
                                               {.headers = test::As(a_.tenant(), options_.role)});
  if (!of_a.ok() || !of_a.reply) return Report(method, "is refused to A", of_a.ToString());
  must("behind another tenant's rows", {.resume_token = test::ResumeToken(*of_a.reply)});
}

}  // namespace tenantry::isolation
