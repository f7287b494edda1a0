// The statements of a hand-written method that are all known at once: they go to a lane together,
// in one round trip and one transaction, as those of derived methods do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "server/base/sql.h"
#include "server/identity/identity.h"
#include "server/pg/executor.h"
#include "server/pg/statement_values.h"

namespace tenantry::call {

// One of the statements, as Results is asked for it. `Columns`: those that its rows have.
template <typename... Columns>
struct Query {
  std::size_t index;
};
struct Change {
  std::size_t index;
};

// Collects the statements of one call. They run in their order, after the tenant's context; when
// one fails, none has happened. Made by the method's frame alone.
class ReadStatements {
 public:
  ReadStatements(const ReadStatements&) = delete;
  ReadStatements& operator=(const ReadStatements&) = delete;

  // Who is calling. The tenant must come from here, never from the request.
  const identity::Identity& identity() const { return transaction_.identity(); }

  // A statement that returns rows.
  template <typename... Columns, typename... Params>
  call::Query<Columns...> Query(SqlLiteral sql, const Params&... params) {
    return {Add(sql, params...)};
  }

 protected:
  explicit ReadStatements(pg::TenantTransaction& transaction) : transaction_(transaction) {}
  ~ReadStatements() = default;

  template <typename... Params>
  std::size_t Add(SqlLiteral sql, const Params&... params) {
    SqlParams& bound = AddStatement(sql);
    (pg::AddParam(bound, params), ...);
    return transaction_.statements.size() - 1;
  }

 private:
  friend class HandWrittenLaneCall;
  SqlParams& AddStatement(SqlLiteral sql);

  pg::TenantTransaction& transaction_;
};

class WriteStatements : public ReadStatements {
 public:
  // A statement that returns no rows.
  template <typename... Params>
  Change Execute(SqlLiteral sql, const Params&... params) {
    return {Add(sql, params...)};
  }

 private:
  friend class HandWrittenLaneCall;
  using ReadStatements::ReadStatements;
};

// What the statements of one call found. They are committed.
class Results {
 public:
  explicit Results(const absl::InlinedVector<pg::ResultRows, 1>& results) : results_(results) {}

  // All rows of a statement. INTERNAL: its columns are not those that it was said to have.
  template <typename... Columns>
  absl::StatusOr<std::vector<std::tuple<Columns...>>> Rows(Query<Columns...> query) const {
    return pg::ReadRows<Columns...>(results_[query.index]);
  }
  // The row of a statement that finds one at most; nothing when it found none.
  template <typename... Columns>
  absl::StatusOr<std::optional<std::tuple<Columns...>>> Row(Query<Columns...> query) const {
    return pg::ReadRow<Columns...>(results_[query.index]);
  }
  // How many rows a statement changed.
  std::int64_t Changed(Change change) const { return results_[change.index].affected(); }

 private:
  const absl::InlinedVector<pg::ResultRows, 1>& results_;
};

}  // namespace tenantry::call
