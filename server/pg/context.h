// The context: the statement that makes a transaction a tenant's. It is the first statement of
// every transaction, before anything is parsed, and is never followed by a Sync of its own.
#pragma once

#include <array>
#include <cstdint>

#include "server/identity/identity.h"
#include "server/pg/executor.h"
#include "server/pg/wire.h"

namespace tenantry::pg {

// The context is prepared once per connection, under this name.
const char* ContextName(Access access);

// Sets role, app.tenant_id, app.user_id, app.role, request.jwt.claims and statement_timeout, and
// transaction_read_only for kReadOnly. All of them are local to the transaction. The result is
// exactly one row without columns: the values are set by the WHERE clause, because a result of six
// or seven columns costs a backend 1 us and libpq 0.4 us more per transaction (of 15 and 4.5).
// Behind a pooler it also sets everything else that our statements rely on.
const char* ContextSql(Access access, bool pooled);

// Parameters of the context. It points into `identity`, which must outlive it. It cannot be copied,
// because the values point into it.
class ContextValues {
 public:
  // `timeout_ms` is statement_timeout, at least 1 (0 would mean none).
  ContextValues(const identity::Identity& identity, std::int64_t timeout_ms);
  ContextValues(const ContextValues&) = delete;
  ContextValues& operator=(const ContextValues&) = delete;

  Values values() const;

  // The n-th parameter, for callers that do not use libpq.
  static constexpr int kCount = 6;
  std::string_view value(int i) const { return {data_[i], static_cast<std::size_t>(lengths_[i])}; }

 private:
  void Set(int i, std::string_view value);

  std::array<const char*, kCount> data_;
  std::array<int, kCount> lengths_;
  std::array<char, 24> timeout_;
};

}  // namespace tenantry::pg
