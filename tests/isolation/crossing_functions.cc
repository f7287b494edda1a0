// Functions: B names A's rows in every argument that names one, and reads while A's kind of rows
// become more.
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/isolation/crossing.h"
#include "tests/support/function_requests.h"
#include "tests/support/test_server.h"

namespace tenantry::isolation {

using google::protobuf::Message;
using schema::Table;
using test::CallResult;

namespace {

std::string KeyOf(const Table& table) {
  return absl::StrCat("ROW(",
                      absl::StrJoin(table.primary_key, ", ",
                                    [](std::string* out, const schema::Column* column) {
                                      absl::StrAppend(out, "t.", column->sql_name);
                                    }),
                      ")::text");
}

}  // namespace

void Crossing::Function(const schema::Method& method) {
  const MessagePtr own = test::FunctionRequest(schema_, method, b_.factory(),
                                               [&](const Table& table) { return b_.first(table); });
  const auto before = KeysOfB();
  MustSucceed(method, "its own rows", *own);
  RemoveWithoutKeys(before);
  for (const schema::Function::Argument& argument : method.function->arguments) {
    const std::optional<test::Target> target = test::TargetOf(schema_, argument);
    if (!target.has_value()) continue;
    for (const Message* row : Targets(*target->table)) {
      const MessagePtr nobody = test::Copy(*row);
      b_.factory().Freshen({target->column}, *nobody);
      const MessagePtr foreign = test::Copy(*own), unknown = test::Copy(*own);
      test::NameRow(argument, *target, *row, *foreign);
      test::NameRow(argument, *target, *nobody, *unknown);
      MustBeToldAlike(method, argument.name, *foreign, *unknown);
      RemoveWithoutKeys(before);
    }
  }
  if (method.read_only) MustNotDependOnOthers(method, *own);
}

// Whatever the function makes of a row that is not there: it makes the same of another tenant's.
void Crossing::MustBeToldAlike(const schema::Method& method, std::string_view what,
                               const Message& foreign, const Message& unknown) {
  const CallResult one = Call(method, foreign);
  const CallResult other = Call(method, unknown);
  const bool same_bytes = !method.read_only || one.bytes == other.bytes;
  const bool alike = one.ok() ? other.ok() && same_bytes : one.Refusal() == other.Refusal();
  if (alike) return;
  Report(method,
         absl::StrCat("another tenant's row by ", std::string(what),
                      ": is told from one that never was"),
         absl::StrCat(one.ToString(), "\nagainst\n", other.ToString()));
}

// Another tenant gets rows with the keys of B's own.
void Crossing::MustNotDependOnOthers(const schema::Method& method, const Message& request) {
  const CallResult before = Call(method, request);
  const Population others(options_.client, options_.superuser_url, test::NewTenantId(),
                          test::RowFactory("gammas-own", 20'000), 3, findings_, &b_);
  const CallResult after = Call(method, request);
  if (before.ok() && after.ok() && before.bytes == after.bytes) return;
  Report(method, "answers with what other tenants have",
         absl::StrCat(before.ToString(), "\nand then\n", after.ToString()));
}

std::vector<std::string> Crossing::KeysOfB() {
  std::vector<std::string> keys;
  for (const Table* table : test::ParentsFirst(schema_)) {
    keys.push_back(Ask(absl::StrCat("SELECT coalesce(array_agg(", KeyOf(*table), "), '{}') FROM ",
                                    table->sql_name, " t WHERE ", table->tenant_sql_name, " = '",
                                    b_.tenant(), "'")));
  }
  return keys;
}

void Crossing::RemoveWithoutKeys(const std::vector<std::string>& keys) {
  const auto tables = test::ParentsFirst(schema_);
  for (std::size_t i = tables.size(); i-- > 0;) {
    Ask(absl::StrCat("DELETE FROM ", tables[i]->sql_name, " t WHERE ", tables[i]->tenant_sql_name,
                     " = '", b_.tenant(), "' AND NOT (", KeyOf(*tables[i]), " = ANY ($keys$",
                     keys[i], "$keys$::text[]))"));
  }
}

}  // namespace tenantry::isolation
