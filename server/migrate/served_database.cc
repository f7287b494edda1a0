#include "server/migrate/served_database.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/log.h"
#include "server/base/roles.h"
#include "server/base/strings.h"

namespace tenantry::migrate {
namespace {

constexpr absl::Duration kInterval = absl::Hours(1);

}  // namespace

ServedDatabase::ServedDatabase(const schema::Schema& schema, const std::string& role_prefix)
    : guard_(schema, role_prefix), role_(TenantRoles(role_prefix).front()) {}

absl::Status ServedDatabase::Verify(pqxx::connection& connection) {
  absl::Status verdict = guard_.Verify(connection);
  if (!verdict.ok() || !TakeTurn()) return verdict;
  const absl::Status cleared = pg::CatchPqxx([&] {
    pqxx::work tx(connection);
    // A standby changes nothing; its primary's servers clear.
    if (tx.query_value<bool>("SELECT pg_catalog.pg_is_in_recovery()")) return;
    tx.exec(absl::StrCat("SET LOCAL ROLE ", tx.quote_name(role_)));
    tx.exec("SELECT tenantry.clear_requests()");
    tx.commit();
  });
  if (!cleared.ok()) {
    Log(LogLevel::kWarn, "old requests were not cleared", {{"why", ToStd(cleared.message())}});
  }
  return verdict;
}

bool ServedDatabase::TakeTurn() {
  absl::MutexLock lock(&mutex_);
  if (absl::Now() < next_) return false;
  next_ = absl::Now() + kInterval;
  return true;
}

}  // namespace tenantry::migrate
