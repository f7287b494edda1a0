#include "server/pg/context.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace tenantry::pg {
namespace {

// set_config returns the value that it set, so every condition is true and all of them are run. The
// function is volatile, so the planner neither removes nor moves the calls.
#define TENANTRY_CONTEXT_SQL                                               \
  "SELECT WHERE pg_catalog.set_config('role', $1, true) IS NOT NULL"       \
  " AND pg_catalog.set_config('app.tenant_id', $2, true) IS NOT NULL"      \
  " AND pg_catalog.set_config('app.user_id', $3, true) IS NOT NULL"        \
  " AND pg_catalog.set_config('app.role', $4, true) IS NOT NULL"           \
  " AND pg_catalog.set_config('request.jwt.claims', $5, true) IS NOT NULL" \
  " AND pg_catalog.set_config('statement_timeout', $6, true) IS NOT NULL"

#define TENANTRY_READ_ONLY_SQL \
  " AND pg_catalog.set_config('transaction_read_only', 'on', true) IS NOT NULL"

// What a session is set to when there is no pooler (open.cc).
#define TENANTRY_POOLED_SQL                                                           \
  " AND pg_catalog.set_config('datestyle', 'ISO, YMD', true) IS NOT NULL"             \
  " AND pg_catalog.set_config('intervalstyle', 'iso_8601', true) IS NOT NULL"         \
  " AND pg_catalog.set_config('timezone', 'UTC', true) IS NOT NULL"                   \
  " AND pg_catalog.set_config('bytea_output', 'hex', true) IS NOT NULL"               \
  " AND pg_catalog.set_config('extra_float_digits', '1', true) IS NOT NULL"           \
  " AND pg_catalog.set_config('standard_conforming_strings', 'on', true) IS NOT NULL" \
  " AND pg_catalog.set_config('row_security', 'on', true) IS NOT NULL"

constexpr char kReadWriteSql[] = TENANTRY_CONTEXT_SQL;
constexpr char kReadOnlySql[] = TENANTRY_CONTEXT_SQL TENANTRY_READ_ONLY_SQL;
constexpr char kPooledReadWriteSql[] = TENANTRY_CONTEXT_SQL TENANTRY_POOLED_SQL;
constexpr char kPooledReadOnlySql[] =
    TENANTRY_CONTEXT_SQL TENANTRY_POOLED_SQL TENANTRY_READ_ONLY_SQL;

#undef TENANTRY_CONTEXT_SQL
#undef TENANTRY_READ_ONLY_SQL
#undef TENANTRY_POOLED_SQL

// In binary format the length counts. Postgres refuses a zero byte; it does not end the text there.
constexpr std::array<int, ContextValues::kCount> kFormats = {1, 1, 1, 1, 1, 1};

}  // namespace

const char* ContextName(Access access) {
  return access == Access::kReadOnly ? "tenantry_context_read" : "tenantry_context_write";
}

const char* ContextSql(Access access, bool pooled) {
  if (pooled) return access == Access::kReadOnly ? kPooledReadOnlySql : kPooledReadWriteSql;
  return access == Access::kReadOnly ? kReadOnlySql : kReadWriteSql;
}

ContextValues::ContextValues(const identity::Identity& identity, std::int64_t timeout_ms) {
  Set(0, identity.database_role());
  Set(1, identity.tenant_text());
  Set(2, identity.user());
  Set(3, identity.role());
  Set(4, identity.claims());
  // Postgres accepts an int, and takes zero for "no limit".
  auto end = std::to_chars(
      timeout_.data(), timeout_.data() + timeout_.size(),
      std::clamp<std::int64_t>(timeout_ms, 1, std::numeric_limits<std::int32_t>::max()));
  Set(5, {timeout_.data(), static_cast<std::size_t>(end.ptr - timeout_.data())});
}

void ContextValues::Set(int i, std::string_view value) {
  data_[i] = value.data();
  lengths_[i] = static_cast<int>(value.size());
}

Values ContextValues::values() const {
  return {kCount, data_.data(), lengths_.data(), kFormats.data()};
}

}  // namespace tenantry::pg
