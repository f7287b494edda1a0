#include "server/pg/open.h"

#include <libpq-fe.h>

#include <memory>
#include <utility>
#include <vector>

#include <pqxx/nontransaction>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/pg/context.h"
#include "server/pg/system.h"

namespace tenantry::pg {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// Results are binary, but statements may cast a value to text: its form must not depend on how the
// server or the role is configured.
// Behind a pooler these go with the context: kPooledSettings there.
constexpr char kSessionSql[] =
    "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET timezone = 'UTC';"
    "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on;"
    "SET row_security = on; SET client_min_messages = 'warning'";

absl::Status AppendUrl(const std::string& url, Parameters* parameters) {
  char* error = nullptr;
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(url.c_str(), &error), PQconninfoFree);
  if (parsed == nullptr) {
    // libpq's message may quote the url, and with it a password.
    PQfreemem(error);
    return absl::InvalidArgumentError(
        "the database url is neither a libpq URI nor key=value pairs");
  }
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters->emplace_back(option->keyword, option->val);
  }
  return absl::OkStatus();
}

std::string Seconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))));
}

// Ours first: what the url says comes later and wins.
absl::StatusOr<Parameters> ParametersOf(const ExecutorOptions& options) {
  Parameters parameters = {
      {"client_encoding", "UTF8"},
      {"fallback_application_name", options.application_name},
      {"connect_timeout", Seconds(options.connect_timeout)},
      {"keepalives_idle", Seconds(options.keepalive_idle)},
      {"keepalives_interval", "10"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", absl::StrCat(absl::ToInt64Milliseconds(options.tcp_user_timeout))},
  };
  absl::Status status = AppendUrl(options.database_url, &parameters);
  if (!status.ok()) return status;
  return parameters;
}

// As a connection string: pqxx takes a list of parameters only where it was built for C++20, which
// Debian's was not.
std::string ToConnectionString(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    absl::StrAppend(&text, name, "='", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}),
                    "' ");
  }
  return text;
}

absl::StatusOr<pqxx::connection> Connect(const ExecutorOptions& options) {
  absl::StatusOr<Parameters> parameters = ParametersOf(options);
  if (!parameters.ok()) return parameters.status();
  std::optional<pqxx::connection> connection;
  absl::Status status = CatchPqxx([&] { connection.emplace(ToConnectionString(*parameters)); });
  if (!status.ok()) return status;
  return *std::move(connection);
}

// A pooler that keeps track of prepared statements gives them names of its own on the server; one
// that does not, passes ours through (and would give the next transaction a server without it).
bool PoolerKeepsPrepared(pqxx::connection& connection) {
  try {
    pqxx::work tx(connection);  // stays on one server connection
    connection.prepare("tenantry_probe", "SELECT 1");
    const bool passed_through = tx.query_value<bool>(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_prepared_statements"
        " WHERE name = 'tenantry_probe')");
    if (passed_through) tx.exec("DEALLOCATE tenantry_probe");
    tx.commit();
    return !passed_through;
  } catch (const pqxx::sql_error&) {
    return false;  // somebody's is there already
  }
}

Session Explore(const ExecutorOptions& options, pqxx::connection& connection) {
  Session session{IsPooled(connection), options.prepared_statements};
  if (session.pooled && session.prepared) session.prepared = PoolerKeepsPrepared(connection);
  return session;
}

void Configure(TenantConnection& opened) {
  pqxx::connection& connection = opened.connection;
  const bool pooled = opened.session.pooled;
  if (!pooled) pqxx::nontransaction(connection).exec(kSessionSql);
  if (!opened.session.prepared) return;
  for (Access access : {Access::kReadOnly, Access::kReadWrite}) {
    connection.prepare(ContextName(access), ContextSql(access, pooled));
  }
}

// What is asked of the catalog waits for the table locks of others, a migration's for example; the
// pool opens no other connection meanwhile.
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

}  // namespace

absl::StatusOr<TenantConnection> OpenTenantConnection(
    const ExecutorOptions& options, const std::function<absl::Status(pqxx::connection&)>& verify) {
  absl::StatusOr<pqxx::connection> connection = Connect(options);
  if (!connection.ok()) return connection.status();
  TenantConnection opened{*std::move(connection), {}};
  absl::Status verdict;
  absl::Status status = CatchPqxx([&] {
    opened.session = Explore(options, opened.connection);
    Configure(opened);
    if (verify) verdict = VerifyInTime(options, opened, verify);
  });
  status.Update(verdict);
  if (!status.ok()) return status;
  return opened;
}

absl::Status ResetTenantConnection(TenantConnection& opened) {
  // Behind a pooler there is no session to clean: it would be anybody's.
  if (opened.session.pooled) return absl::OkStatus();
  return CatchPqxx([&] {
    pqxx::nontransaction(opened.connection).exec("DISCARD ALL");
    Configure(opened);
  });
}

// A pooler answers a connection by itself, and makes up the process id that it tells.
bool IsPooled(pqxx::connection& connection) {
  return pqxx::nontransaction(connection).query_value<int>("SELECT pg_catalog.pg_backend_pid()") !=
         connection.backendpid();
}

absl::StatusOr<pqxx::connection> OpenSystemConnection(const std::string& url) {
  ExecutorOptions options;
  options.database_url = url;
  return Connect(options);
}

}  // namespace tenantry::pg
