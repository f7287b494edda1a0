// Interactive tenant transactions, for code that must see what one statement found before it knows
// the next:
//
//   auto row = transaction.QueryRow<std::string, std::int64_t>(
//       "SELECT name, version FROM saas.contacts WHERE tenant_id = $1 AND id = $2",
//       transaction.identity().tenant(), id);
//   if (!row.ok()) return row.status();
//   if (!*row) return absl::NotFoundError("no such contact");
//   auto& [name, version] = **row;
//
// Only an InteractiveRunner makes one (server/pg/interactive.h), for an Identity, so there is no
// way from here to the rows of a tenant without the tenant's context. server/pg/statement_values.h
// says which C++ types parameters and columns may have.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/sql.h"
#include "server/identity/identity.h"
#include "server/pg/executor.h"
#include "server/pg/statement_values.h"

namespace tenantry::pg {

class Interaction;

// A transaction that changes nothing: the database refuses that. Its functions block. Use it on the
// thread that it was given to, and not after that code has returned.
//
// After the first statement that fails, every other one fails with the same status, and the
// transaction is rolled back with it, whatever its code returns.
class ReadTransaction {
 public:
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

  const identity::Identity& identity() const;
  // Ends the statement that runs then; no other begins after it.
  absl::Time deadline() const;
  // The caller waits no more. No statement begins after that, and nothing is committed.
  bool cancelled() const;

  // All rows of one statement.
  template <typename... Columns, typename... Params>
  absl::StatusOr<std::vector<std::tuple<Columns...>>> Query(SqlLiteral sql,
                                                            const Params&... params) {
    absl::StatusOr<ResultRows> result = RunWith(sql, params...);
    if (!result.ok()) return result.status();
    return ReadRows<Columns...>(*result);
  }

  // The row of a statement that finds one at most; nothing when it finds none. INTERNAL: it finds
  // more.
  template <typename... Columns, typename... Params>
  absl::StatusOr<std::optional<std::tuple<Columns...>>> QueryRow(SqlLiteral sql,
                                                                 const Params&... params) {
    absl::StatusOr<ResultRows> result = RunWith(sql, params...);
    if (!result.ok()) return result.status();
    return ReadRow<Columns...>(*result);
  }

 protected:
  explicit ReadTransaction(Interaction& interaction) : interaction_(interaction) {}
  ~ReadTransaction() = default;

  template <typename... Params>
  absl::StatusOr<ResultRows> RunWith(SqlLiteral sql, const Params&... params) {
    SqlParams bound;
    (AddParam(bound, params), ...);
    return Run(sql, bound);
  }

 private:
  friend class Interaction;
  absl::StatusOr<ResultRows> Run(SqlLiteral sql, const SqlParams& params);

  Interaction& interaction_;
};

// A transaction that may change rows. It is committed when its code returns OK.
class WriteTransaction : public ReadTransaction {
 public:
  // Runs a statement that returns no rows. How many it has changed.
  template <typename... Params>
  absl::StatusOr<std::int64_t> Execute(SqlLiteral sql, const Params&... params) {
    absl::StatusOr<ResultRows> result = RunWith(sql, params...);
    if (!result.ok()) return result.status();
    return result->affected();
  }

 private:
  friend class Interaction;
  using ReadTransaction::ReadTransaction;
};

}  // namespace tenantry::pg
