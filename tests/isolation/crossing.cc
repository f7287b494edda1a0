#include "tests/isolation/crossing.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/strings.h"

namespace tenantry::isolation {
namespace {

using google::protobuf::Message;
using schema::Column;
using schema::Method;
using schema::Relation;
using schema::Table;
using test::CallResult;

constexpr int kRowsPerTable = 3;

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool IsKey(const Table& table, const Column* column) {
  return std::find(table.primary_key.begin(), table.primary_key.end(), column) !=
         table.primary_key.end();
}

// Whether callers may set all of its columns.
bool IsInApi(const schema::UniqueKey& key) {
  return std::all_of(key.columns.begin(), key.columns.end(),
                     [](const Column* column) { return column->is_settable(); });
}

std::string OfTenant(const Table& table, const std::string& tenant) {
  return absl::StrCat(" FROM ", table.sql_name, " t WHERE ", table.tenant_sql_name, " = '", tenant,
                      "'");
}

}  // namespace

Crossing::Crossing(Options options, Findings& findings)
    : options_(std::move(options)),
      schema_(options_.client.schema()),
      findings_(findings),
      superuser_(options_.superuser_url),
      a_(options_.client, options_.superuser_url, options_.tenant_a, test::RowFactory("alphas-own"),
         kRowsPerTable, findings),
      b_(options_.client, options_.superuser_url, options_.tenant_b,
         test::RowFactory("betas-own", 10'000), kRowsPerTable, findings),
      rows_of_a_(RowsOfA()) {}

const std::map<v1::MethodKind, Crossing::Case>& Crossing::Cases() {
  static const auto& cases = *new std::map<v1::MethodKind, Case>{
      {v1::METHOD_KIND_GET, &Crossing::Get},
      {v1::METHOD_KIND_LIST, &Crossing::List},
      {v1::METHOD_KIND_CREATE, &Crossing::Create},
      {v1::METHOD_KIND_UPDATE, &Crossing::Update},
      {v1::METHOD_KIND_DELETE, &Crossing::Delete},
      {v1::METHOD_KIND_UPSERT, &Crossing::Upsert},
      {v1::METHOD_KIND_BATCH_GET, &Crossing::BatchGet},
      {v1::METHOD_KIND_BATCH_CREATE, &Crossing::BatchCreate},
      {v1::METHOD_KIND_AGGREGATE, &Crossing::Aggregate},
      {v1::METHOD_KIND_UNDELETE, &Crossing::Undelete},
      {v1::METHOD_KIND_BATCH_UPDATE, &Crossing::BatchUpdate},
      {v1::METHOD_KIND_BATCH_DELETE, &Crossing::BatchDelete},
      {v1::METHOD_KIND_BATCH_UPSERT, &Crossing::BatchUpsert},
      {v1::METHOD_KIND_UPDATE_MANY, &Crossing::UpdateMany},
      {v1::METHOD_KIND_DELETE_MANY, &Crossing::DeleteMany},
      {v1::METHOD_KIND_EXPORT, &Crossing::Export},
      {v1::METHOD_KIND_IMPORT, &Crossing::Import},
      {v1::METHOD_KIND_FUNCTION, &Crossing::Function},
  };
  return cases;
}

std::vector<v1::MethodKind> Crossing::CoveredKinds() {
  std::vector<v1::MethodKind> kinds;
  for (const auto& entry : Cases()) kinds.push_back(entry.first);
  return kinds;
}

void Crossing::Run(std::optional<v1::MethodKind> only) {
  for (const Method& method : schema_.methods()) {
    if (only.has_value() && method.kind != *only) continue;
    auto found = Cases().find(method.kind);
    if (found == Cases().end()) {
      Report(method, "has no case in this suite", "");
    } else if (method.function == nullptr &&
               (b_.rows(*method.table).empty() || Targets(*method.table).empty())) {
      Report(method, "could not be tried", "there are no rows");
    } else {
      (this->*found->second)(method);
      CheckUnchanged(method);
    }
  }
}

void Crossing::Get(const Method& method) {
  const Table& table = *method.table;
  for (const MessagePtr& row : b_.rows(table)) {
    MustSucceed(method, "its own row", *test::KeyRequest(method, *row));
    MustHoldOnlyOwn(method, "its own row with relations", test::KeyRequest(method, *row));
  }
  for (const Message* row : Targets(table)) {
    MustBeAlike(method, "another tenant's row", grpc::StatusCode::NOT_FOUND,
                *test::KeyRequest(method, *row),
                *test::KeyRequest(method, *WithUnknownKey(table, *row)));
  }
}

void Crossing::List(const Method& method) {
  const Table& table = *method.table;
  const bool soft = table.delete_time != nullptr;
  MustListOnlyOwn(method, "everything", {}, true);
  MustListOnlyOwn(method, "everything, deleted rows too", {.show_deleted = soft}, true);
  MustListOnlyOwn(method, "everything with relations",
                  {.page_size = 20, .show_deleted = soft, .relations = kRelationLevels}, true);
  for (const Column* order : table.orderable()) {
    MustListOnlyOwn(method, "ordered", {.order = order, .descending = true}, true);
  }
  for (const Column* column : table.comparable()) {
    for (const Message* row : Targets(table)) {
      // What is absent cannot be asked for.
      if (column->api->has_presence() && !row->GetReflection()->HasField(*row, column->api)) {
        continue;
      }
      MustListOnlyOwn(method, absl::StrCat("filtered by another tenant's ", column->name),
                      {.filter = column, .filter_row = row, .show_deleted = soft}, false);
    }
  }
  test::CallResult page = options_.client.Call(method, *test::ListRequest(method, {.page_size = 1}),
                                               {.headers = test::As(a_.tenant())});
  if (!page.ok()) return Report(method, "cannot list own rows", page.ToString());
  const std::string token = test::NextPageToken(*page.reply);
  if (token.empty() && a_.rows(table).size() > 1) Report(method, "gives no page token", "");
  if (!token.empty()) {
    MustListOnlyOwn(method, "with another tenant's page token", {.page_token = token}, false);
  }
}

void Crossing::Create(const Method& method) {
  const Table& table = *method.table;
  for (const Message* row : Targets(table)) {
    const std::string before = PlacesOfB(table);
    MustSucceed(method, "keys that another tenant uses",
                *test::RowRequest(method, *OwnRowWithKeysOf(table, *row)));
    RemoveAdded(table, before);
  }
  References(method,
             [&](const Message& row, const Relation&) { return test::RowRequest(method, row); });
  Nested(method);
}

// The request with a requirement that nothing meets: `require {none_of {}}`. It is unchanged where
// the method has none.
MessagePtr Requiring(MessagePtr request) {
  const auto* field = request->GetDescriptor()->FindFieldByName("require");
  if (field == nullptr) return request;
  Message* require = request->GetReflection()->MutableMessage(request.get(), field);
  require->GetReflection()->AddMessage(require,
                                       require->GetDescriptor()->FindFieldByName("none_of"));
  return request;
}

void Crossing::Update(const Method& method) {
  const Table& table = *method.table;
  MustSucceed(method, "its own row", *test::RowRequest(method, *b_.rows(table)[0]));
  for (const Message* row : Targets(table)) {
    const MessagePtr unknown = WithUnknownKey(table, *row);
    MustBeAlike(method, "another tenant's row", grpc::StatusCode::NOT_FOUND,
                *test::RowRequest(method, *row), *test::RowRequest(method, *unknown));
    MustBeAlike(method, "another tenant's row, as a whole", grpc::StatusCode::NOT_FOUND,
                *test::RowRequest(method, *row, {"*"}), *test::RowRequest(method, *unknown, {"*"}));
    MustBeAlike(method, "another tenant's row, with a requirement that no row meets",
                grpc::StatusCode::NOT_FOUND, *Requiring(test::RowRequest(method, *row)),
                *Requiring(test::RowRequest(method, *unknown)));
  }
  References(method, [&](const Message& row, const Relation& relation) -> MessagePtr {
    const MessagePtr own = test::Copy(*b_.rows(table)[0]);
    std::vector<std::string> mask;
    for (const Column* column : relation.columns) {
      if (column->immutable || IsKey(table, column)) return nullptr;
      test::CopyValue(row, *column->api, *own, *column->api);
      mask.push_back(column->api->name());
    }
    return test::RowRequest(method, *own, mask);
  });
  Children(method);
}

void Crossing::Delete(const Method& method) {
  const Table& table = *method.table;
  for (const Message* row : Targets(table)) {
    MustBeAlike(method, "another tenant's row", grpc::StatusCode::NOT_FOUND,
                *test::KeyRequest(method, *row),
                *test::KeyRequest(method, *WithUnknownKey(table, *row)));
    MustBeAlike(method, "another tenant's row, with a requirement that no row meets",
                grpc::StatusCode::NOT_FOUND, *Requiring(test::KeyRequest(method, *row)),
                *Requiring(test::KeyRequest(method, *WithUnknownKey(table, *row))));
  }
  const Method* create = test::FindMethod(schema_, table, v1::METHOD_KIND_CREATE);
  if (create == nullptr) return;
  const std::string before = PlacesOfB(table);
  const CallResult made = Call(*create, *test::RowRequest(*create, *b_.NewRow(table)));
  if (!made.ok()) return Report(*create, "its own row", made.ToString());
  MustSucceed(method, "its own row", *test::KeyRequest(method, *made.reply));
  RemoveAdded(table, before);
}

void Crossing::Upsert(const Method& method) {
  const Table& table = *method.table;
  for (const Message* row : Targets(table)) {
    std::string before = PlacesOfB(table);
    MustSucceed(method, "another tenant's primary key",
                *test::RowRequest(method, *OwnRowWithKeysOf(table, *row), {}, 1));
    RemoveAdded(table, before);
    for (const schema::UniqueKey& key : table.unique_keys) {
      if (!IsInApi(key)) continue;
      before = PlacesOfB(table);
      const MessagePtr own = b_.NewRow(table);
      for (const Column* column : key.columns) {
        test::CopyValue(*row, *column->api, *own, *column->api);
      }
      MustSucceed(method, absl::StrCat("another tenant's ", key.name),
                  *test::RowRequest(method, *own, {}, key.number));
      RemoveAdded(table, before);
    }
  }
  References(method, [&](const Message& row, const Relation&) {
    return test::RowRequest(method, row, {}, 1);
  });
}

void Crossing::BatchGet(const Method& method) {
  const Table& table = *method.table;
  const Message* own = b_.rows(table)[0].get();
  MustSucceed(method, "its own row", *test::BatchRequest(method, {own}));
  MustHoldOnlyOwn(method, "its own row with relations", test::BatchRequest(method, {own}));
  for (const Message* row : Targets(table)) {
    const MessagePtr unknown = WithUnknownKey(table, *row);
    MustBeAlike(method, "another tenant's row", grpc::StatusCode::NOT_FOUND,
                *test::BatchRequest(method, {row}), *test::BatchRequest(method, {unknown.get()}));
    MustBeAlike(method, "another tenant's row behind an own one", grpc::StatusCode::NOT_FOUND,
                *test::BatchRequest(method, {own, row}),
                *test::BatchRequest(method, {own, unknown.get()}));
  }
}

void Crossing::BatchCreate(const Method& method) {
  const Table& table = *method.table;
  const std::string before = PlacesOfB(table);
  std::vector<MessagePtr> rows;
  std::vector<const Message*> batch;
  for (const Message* row : Targets(table)) {
    rows.push_back(OwnRowWithKeysOf(table, *row));
    rows.push_back(b_.NewRow(table));
  }
  for (const MessagePtr& row : rows) batch.push_back(row.get());
  MustSucceed(method, "keys that another tenant uses", *test::BatchRequest(method, batch));
  RemoveAdded(table, before);
  References(method, [&](const Message& row, const Relation&) {
    const MessagePtr own = b_.NewRow(table);
    return test::BatchRequest(method, {own.get(), &row});
  });
}

// Call looks for the texts of others; what numbers tell, aggregating.cc looks at.
void Crossing::Aggregate(const Method& method) {
  for (const Column* column : method.table->orderable()) {
    MustSucceed(method, absl::StrCat("groups by ", column->name),
                *test::AggregateRequest(method, {.group = column}));
  }
}

CallResult Crossing::Call(const Method& method, const Message& request) {
  CallResult result =
      CallBy(options_.way, options_.client, method, request,
             {.headers = test::WithRequestId(test::As(b_.tenant(), options_.role), "isolation")},
             [this] { return IdOfA(); });
  const std::string sent = request.SerializePartialAsString();
  const std::string answer = absl::StrCat(result.bytes, result.Refusal());
  for (const std::string& mark : a_.marks()) {
    if (Contains(answer, mark) && !Contains(sent, mark)) {
      Report(method, absl::StrCat("tells `", mark, "` of another tenant"), result.ToString());
    }
  }
  return result;
}

void Crossing::MustSucceed(const Method& method, std::string_view what, const Message& request) {
  const CallResult result = Call(method, request);
  if (!result.ok()) Report(method, absl::StrCat(ToAbsl(what), ": is refused"), result.ToString());
}

void Crossing::MustBeAlike(const Method& method, std::string_view what, grpc::StatusCode code,
                           const Message& foreign, const Message& unknown) {
  const CallResult one = Call(method, foreign);
  const CallResult other = Call(method, unknown);
  if (one.ok() || one.status.error_code() != code) {
    Report(method, absl::StrCat(ToAbsl(what), ": must be ", client::CodeName(code)),
           one.ToString());
  } else if (one.Refusal() != other.Refusal()) {
    Report(method, absl::StrCat(ToAbsl(what), ": is told from one that never was"),
           absl::StrCat(one.Refusal(), "\nagainst\n", other.Refusal()));
  }
}

void Crossing::References(const Method& method, const MakeRequest& make) {
  References(method, *method.table, "a reference", make);
}

void Crossing::References(const Method& method, const Table& table, std::string_view what,
                          const MakeRequest& make) {
  for (const Relation& relation : table.relations) {
    if (!relation.is_foreign_key() || relation.target->tenant_root) continue;
    for (const Message* parent : Targets(*relation.target)) {
      const MessagePtr foreign = b_.NewRow(table);
      const MessagePtr unknown = test::Copy(*foreign);
      const MessagePtr nobody = test::Copy(*parent);
      b_.factory().Freshen(relation.references, *nobody);
      test::Refer(relation, *parent, *foreign);
      test::Refer(relation, *nobody, *unknown);
      const MessagePtr one = make(*foreign, relation);
      const MessagePtr other = make(*unknown, relation);
      if (one == nullptr) continue;
      MustBeAlike(method, absl::StrCat(ToAbsl(what), " by ", relation.name),
                  grpc::StatusCode::FAILED_PRECONDITION, *one, *other);
    }
  }
}

void Crossing::MustListOnlyOwn(const Method& method, std::string_view what,
                               const test::ListOptions& list, bool all) {
  MustTellOnlyOwn(method, what, *test::ListRequest(method, list), list.show_deleted, all);
}

void Crossing::MustTellOnlyOwn(const Method& method, std::string_view what, const Message& request,
                               bool deleted_too, bool all) {
  const Table& table = *method.table;
  const CallResult result = Call(method, request);
  if (!result.ok() || !result.reply) {
    return Report(method, absl::StrCat(ToAbsl(what), ": is refused"), result.ToString());
  }
  std::set<std::string> own;
  for (const MessagePtr& row : b_.rows(table)) own.insert(test::ValuesOf(table.primary_key, *row));
  const std::size_t live = own.size();
  const Message* deleted = b_.deleted(table);
  if (deleted != nullptr) own.insert(test::ValuesOf(table.primary_key, *deleted));
  const auto rows = test::RowsOf(*result.reply);
  for (const Message* row : rows) {
    CheckRelations(method, what, table, *row);
    if (own.contains(test::ValuesOf(table.primary_key, *row))) continue;
    Report(method, absl::StrCat(ToAbsl(what), ": lists a foreign row"), row->ShortDebugString());
  }
  const std::size_t wanted = deleted_too ? own.size() : live;
  if (all && rows.size() != wanted) {
    Report(method, absl::StrCat(ToAbsl(what), ": does not list exactly the own rows"),
           absl::StrCat(rows.size(), " instead of ", wanted));
  }
}

void Crossing::MustHoldOnlyOwn(const Method& method, std::string_view what,
                               const MessagePtr& request) {
  if (!test::SelectRelations(kRelationLevels, *request)) return;
  const CallResult result = Call(method, *request);
  if (!result.ok() || !result.reply) {
    return Report(method, absl::StrCat(ToAbsl(what), ": is refused"), result.ToString());
  }
  const Table& table = *method.table;
  if (result.reply->GetDescriptor() == table.resource) {
    return CheckRelations(method, what, table, *result.reply);
  }
  for (const Message* row : test::RowsOf(*result.reply)) CheckRelations(method, what, table, *row);
}

// The rows of relations, and theirs, are the tenant's own. (Call looks for the texts of others.)
void Crossing::CheckRelations(const Method& method, std::string_view what, const Table& table,
                              const Message& row) {
  for (const Relation& relation : table.relations) {
    const google::protobuf::Reflection& reflection = *row.GetReflection();
    const auto* field = row.GetDescriptor()->FindFieldByNumber(relation.number);
    const int size = field->is_repeated() ? reflection.FieldSize(row, field)
                                          : static_cast<int>(reflection.HasField(row, field));
    for (int i = 0; i < size; ++i) {
      const Message& related = field->is_repeated() ? reflection.GetRepeatedMessage(row, field, i)
                                                    : reflection.GetMessage(row, field);
      ++related_rows_;
      if (!b_.Owns(*relation.target, related)) {
        Report(method, absl::StrCat(ToAbsl(what), ": holds a foreign row"),
               related.ShortDebugString());
      }
      CheckRelations(method, what, *relation.target, related);
    }
  }
}

std::vector<const Message*> Crossing::Targets(const Table& table) const {
  std::vector<const Message*> rows;
  for (const MessagePtr& row : a_.rows(table)) rows.push_back(row.get());
  if (a_.deleted(table) != nullptr) rows.push_back(a_.deleted(table));
  return rows;
}

MessagePtr Crossing::WithUnknownKey(const Table& table, const Message& row) {
  MessagePtr unknown = test::Copy(row);
  b_.factory().Freshen(table.primary_key, *unknown);
  return unknown;
}

// Foreign keys keep B's values: a row that refers to A's rows would be refused for that reason
// alone. So a column of the key that is also part of a foreign key keeps B's value.
MessagePtr Crossing::OwnRowWithKeysOf(const Table& table, const Message& row) {
  MessagePtr own = b_.NewRow(table);
  std::set<const Column*> columns(table.primary_key.begin(), table.primary_key.end());
  for (const schema::UniqueKey& key : table.unique_keys) {
    if (IsInApi(key)) columns.insert(key.columns.begin(), key.columns.end());
  }
  for (const Relation& relation : table.relations) {
    if (!relation.is_foreign_key()) continue;
    for (const Column* column : relation.columns) columns.erase(column);
  }
  for (const Column* column : columns) {
    test::CopyValue(row, *column->api, *own, *column->api);
  }
  return own;
}

// Includes the system columns, which differ after an update even if all values stay the same.
std::string Crossing::RowsOfA() {
  std::string all;
  for (const Table& table : schema_.tables()) {
    absl::StrAppend(
        &all, table.sql_name, ": ",
        Ask(absl::StrCat(table.is_view()
                             ? "SELECT string_agg(t::text, ' ' ORDER BY t::text)"
                             : "SELECT string_agg(t::text || xmin || ctid, ' ' ORDER BY ctid)",
                         OfTenant(table, a_.tenant()))),
        "\n");
  }
  return all;
}

void Crossing::CheckUnchanged(const Method& method) {
  std::string now = RowsOfA();
  if (now == rows_of_a_) return;
  Report(method, "changes another tenant's rows", absl::StrCat(rows_of_a_, "became\n", now));
  rows_of_a_ = std::move(now);
}

std::string Crossing::PlacesOfB(const Table& table) {
  return Ask(absl::StrCat("SELECT COALESCE(array_agg(ctid), '{}')", OfTenant(table, b_.tenant())));
}

void Crossing::RemoveAdded(const Table& table, const std::string& places) {
  Ask(absl::StrCat("DELETE", OfTenant(table, b_.tenant()), " AND NOT (ctid = ANY ('", places,
                   "'::tid[]))"));
}

// Of the same fingerprint as any request of B's: its rows would be B's answer if it were seen.
std::string Crossing::IdOfA() {
  const std::string id = Ask("SELECT gen_random_uuid()");
  Ask(absl::StrCat("SELECT set_config('app.tenant_id', '", a_.tenant(),
                   "', false), tenantry.keep_rows('", id, "', '', 0, 0, '')"));
  return id;
}

// The first value of the first row, or nothing.
std::string Crossing::Ask(const std::string& sql) {
  pqxx::nontransaction work(superuser_);
  const pqxx::result result = work.exec(sql);
  return result.empty() || result.columns() == 0 || result[0][0].is_null()
             ? ""
             : result[0][0].as<std::string>();
}

void Crossing::Report(const Method& method, std::string_view what, const std::string& detail) {
  findings_.Add(absl::StrCat(method.path, options_.role.empty() ? "" : " as ", options_.role, ": ",
                             ToAbsl(what), ": ", detail));
}

}  // namespace tenantry::isolation
