#include "tests/pg/plan/explain.h"

#include <pqxx/pqxx>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tenantry::test {
namespace {

constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";
// What is left of tenantry.tenant_id() when it is inlined.
constexpr char kPolicy[] = "current_setting('app.tenant_id'";

}  // namespace

std::vector<std::string> Explain(const Database& database, const std::string& sql,
                                 std::size_t parameters) {
  pqxx::connection connection(database.app_url());
  pqxx::work tx(connection);
  tx.exec(
      "SELECT set_config('role', 'authenticated', true), set_config('app.tenant_id', $1, true),"
      " set_config('plan_cache_mode', 'force_generic_plan', true)",
      pqxx::params{kTenant});
  tx.exec(absl::StrCat("PREPARE asked AS ", sql));
  std::string nulls;
  for (std::size_t i = 0; i < parameters; ++i) absl::StrAppend(&nulls, i == 0 ? "" : ", ", "NULL");
  std::vector<std::string> lines;
  for (const pqxx::row& row :
       tx.exec(absl::StrCat("EXPLAIN (COSTS OFF, VERBOSE) EXECUTE asked (", nulls, ")"))) {
    lines.push_back(row[0].as<std::string>());
  }
  return lines;
}

PolicyChecks FindPolicyChecks(const std::vector<std::string>& plan) {
  PolicyChecks checks;
  for (const std::string& line : plan) {
    if (!absl::StrContains(line, kPolicy)) continue;
    ++(absl::StrContains(line, "One-Time Filter:") ? checks.once : checks.per_row);
  }
  return checks;
}

}  // namespace tenantry::test
