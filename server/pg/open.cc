#include "server/pg/open.h"

#include <algorithm>
#include <utility>

#include <pqxx/nontransaction>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/status.h"
#include "server/pg/connect.h"
#include "server/pg/context.h"
#include "server/pg/system.h"

namespace tenantry::pg {
namespace {

// Results are binary, but statements may cast a value to text. Its form must not depend on how the
// server or the role is configured. Behind a pooler these settings go with the context
// (TENANTRY_POOLED_SQL in context.cc).
constexpr char kSessionSql[] =
    "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET timezone = 'UTC';"
    "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on;"
    "SET row_security = on; SET client_min_messages = 'warning'";

// A pooler that keeps track of prepared statements gives them names of its own on the server. A
// pooler that does not passes our names through, and may give the next transaction a server without
// the statement.
bool PoolerKeepsPrepared(pqxx::connection& connection) {
  try {
    pqxx::work tx(connection);  // a transaction stays on one server connection
    connection.prepare("tenantry_probe", "SELECT 1");
    const bool passed_through = tx.query_value<bool>(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_prepared_statements"
        " WHERE name = 'tenantry_probe')");
    if (passed_through) tx.exec("DEALLOCATE tenantry_probe");
    tx.commit();
    return !passed_through;
  } catch (const pqxx::sql_error&) {
    return false;  // there is one of another client already
  }
}

Session Explore(const ExecutorOptions& options, pqxx::connection& connection) {
  const absl::Time asked = absl::Now();
  Session session;
  session.pooled = IsPooled(connection);
  session.round_trip = absl::Now() - asked;
  session.prepared = options.prepared_statements;
  if (session.pooled && session.prepared) session.prepared = PoolerKeepsPrepared(connection);
  return session;
}

void Configure(TenantConnection& opened) {
  if (!opened.session.pooled) pqxx::nontransaction(opened.connection).exec(kSessionSql);
}

void PrepareContext(TenantConnection& opened) {
  if (!opened.session.prepared) return;
  for (Access access : {Access::kReadOnly, Access::kReadWrite}) {
    opened.connection.prepare(ContextName(access), ContextSql(access, opened.session.pooled));
  }
}

// Questions to the catalog may wait for a lock on a table, such as a migration's. The pool opens no
// other connection meanwhile.
absl::Status VerifyInTime(const ExecutorOptions& options, TenantConnection& opened,
                          const std::function<absl::Status(pqxx::connection&)>& verify) {
  if (opened.session.pooled) return verify(opened.connection);
  pqxx::nontransaction(opened.connection)
      .exec(absl::StrCat("SET statement_timeout = ",
                         absl::ToInt64Milliseconds(options.connect_timeout)));
  absl::Status verdict = verify(opened.connection);
  pqxx::nontransaction(opened.connection).exec("RESET statement_timeout");
  return verdict;
}

// In place of the message of libpqxx about a socket that was shut down.
absl::Status NoAnswer() {
  return MakeError(absl::StatusCode::kUnavailable, "connected, but no answer in time",
                   ErrorDetails{"DATABASE_UNAVAILABLE", {}, {}});
}

}  // namespace

absl::StatusOr<TenantConnection> OpenTenantConnection(
    const ExecutorOptions& options, const std::function<absl::Status(pqxx::connection&)>& verify,
    Watchdog& watchdog, absl::Time until) {
  absl::StatusOr<pqxx::connection> connection = Connect(options, watchdog, until);
  if (!connection.ok()) return connection.status();
  TenantConnection opened{{}, *std::move(connection), {}};
  const Watchdog::Watch watch(watchdog, opened.connection.sock(),
                              std::min(until, absl::Now() + options.connect_timeout));
  absl::Status verdict;
  absl::Status status = CatchPqxx([&] {
    opened.session = Explore(options, opened.connection);
    Configure(opened);
    PrepareContext(opened);
    if (verify) verdict = VerifyInTime(options, opened, verify);
  });
  status.Update(verdict);
  if (watch.fired()) status = NoAnswer();
  if (!status.ok()) return status;
  return opened;
}

absl::Status ResetTenantConnection(TenantConnection& opened, Watchdog& watchdog, absl::Time until) {
  // Behind a pooler there is no session to clean: the server connection is shared.
  if (opened.session.pooled) return absl::OkStatus();
  const Watchdog::Watch watch(watchdog, opened.connection.sock(), until);
  absl::Status status = CatchPqxx([&] {
    pqxx::nontransaction(opened.connection).exec("DISCARD ALL");
    Configure(opened);
  });
  return watch.fired() ? NoAnswer() : status;
}

// A pooler accepts a connection itself, and the process id that it reports is not a backend's.
bool IsPooled(pqxx::connection& connection) {
  return pqxx::nontransaction(connection).query_value<int>("SELECT pg_catalog.pg_backend_pid()") !=
         connection.backendpid();
}

absl::StatusOr<pqxx::connection> OpenSystemConnection(const std::string& url) {
  ExecutorOptions options;
  options.database_url = url;
  Watchdog watchdog;
  absl::StatusOr<pqxx::connection> connection = Connect(options, watchdog, absl::InfiniteFuture());
  if (!connection.ok()) return connection;
  // A pooler accepts connections even while its database is silent.
  const Watchdog::Watch watch(watchdog, connection->sock(), absl::Now() + options.connect_timeout);
  absl::Status status = CatchPqxx([&] { pqxx::nontransaction(*connection).exec("SELECT"); });
  if (watch.fired()) status = NoAnswer();
  if (!status.ok()) return status;
  return connection;
}

}  // namespace tenantry::pg
