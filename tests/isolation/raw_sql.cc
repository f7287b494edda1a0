#include "tests/isolation/raw_sql.h"

#include <algorithm>
#include <deque>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/base/strings.h"
#include "tests/support/rows.h"

namespace tenantry::isolation {
namespace {

using schema::Table;

class FakeCall final : public identity::CallContext {
 public:
  FakeCall(std::string tenant, std::string role)
      : tenant_(std::move(tenant)), role_(std::move(role)) {}
  std::optional<std::string_view> Header(std::string_view name) const override {
    if (name == "x-tenant-id") return tenant_;
    if (name == "x-user-role") return role_;
    return std::nullopt;
  }
  int HeaderCount(std::string_view name) const override { return Header(name) ? 1 : 0; }

 private:
  std::string tenant_, role_;
};

class Transaction final : public pg::TenantTransaction {
 public:
  Transaction(const identity::Identity& identity, const std::vector<std::string>& sql,
              pg::Access access = pg::Access::kReadWrite)
      : TenantTransaction(identity, access) {
    may_share = true;  // which must not matter to anyone
    static std::atomic<int> count{0};
    for (const std::string& text : sql) {
      auto statement = std::make_shared<SqlText>();
      statement->name = absl::StrCat("raw", ++count);
      statement->sql = text;
      statements.push_back({std::move(statement), {}});
    }
    deadline = absl::Now() + absl::Seconds(20);
  }

  void Done(absl::Status status, absl::InlinedVector<pg::ResultRows, 1> results) override {
    result.status = std::move(status);
    if (result.status.ok() && !results.empty()) {
      const pg::ResultRows& rows = results.back();
      for (int i = 0; i < rows.row_count() && rows.column_count() > 0; ++i) {
        result.values.emplace_back(rows.at(i, 0).view());
      }
    }
    ended.Notify();
  }

  SqlResult result;
  absl::Notification ended;
};

std::string Is(const Table& table, const std::string& tenant) {
  return absl::StrCat(table.tenant_sql_name, " = '", tenant, "'");
}

std::string ColumnList(const Table& table) {
  std::vector<std::string> names;
  for (const schema::Column& column : table.columns) {
    if (!column.stored || !column.generated_sql.empty()) continue;
    if (!table.tenant_root || &column != table.primary_key[0]) names.push_back(column.sql_name);
  }
  return absl::StrJoin(names, ", ");
}

}  // namespace

identity::Identity IdentityOf(const std::string& tenant, const std::string& role) {
  identity::MetadataAuthenticator authenticator({.roles = {role}, .default_role = role});
  return authenticator.Authenticate(FakeCall(tenant, role)).value();
}

std::string SqlResult::value() const {
  if (!status.ok()) return status.ToString();
  return values.size() == 1 ? values[0] : absl::StrCat(values.size(), " rows");
}

SqlRunner::SqlRunner(pg::ExecutorOptions options) : executor_(std::move(options), {}, metrics_) {}

SqlResult SqlRunner::Run(const identity::Identity& identity,
                         const std::vector<std::string>& statements) {
  Transaction transaction(identity, statements);
  executor_.Submit(&transaction);
  transaction.ended.WaitForNotification();
  return std::move(transaction.result);
}

std::vector<SqlResult> SqlRunner::ReadAtOnce(const std::vector<identity::Identity>& identities,
                                             const std::string& statement) {
  std::deque<Transaction> transactions;
  for (const identity::Identity& identity : identities) {
    transactions.emplace_back(identity, std::vector{statement}, pg::Access::kReadOnly);
  }
  for (Transaction& transaction : transactions) executor_.Submit(&transaction);
  std::vector<SqlResult> results;
  for (Transaction& transaction : transactions) {
    transaction.ended.WaitForNotification();
    results.push_back(std::move(transaction.result));
  }
  return results;
}

RawSql::RawSql(Options options, Findings& findings)
    : options_(std::move(options)),
      findings_(findings),
      superuser_(options_.superuser_url),
      runner_(options_.executor),
      b_(IdentityOf(options_.tenant_b, options_.role)) {}

void RawSql::Run() {
  const std::string before = RowsOfA();
  CheckRoles();
  for (const Table& table : options_.schema.tables()) {
    if (CountOfB(table) == "0") Report(table.sql_name, "has no rows to try with");
    CheckReads(table);
    CheckWrites(table);
    CheckForbidden(table);
    CheckContextDoesNotStay(table);
    CheckCallersApart(table);
    CheckFailedContext(table);
    CheckNoContext(table);
  }
  CheckDeletes();
  const std::string after = RowsOfA();
  if (after != before) Report("all statements", absl::StrCat(before, "became\n", after));
}

void RawSql::CheckReads(const Table& table) {
  const std::string own = CountOfB(table);
  const std::string count = absl::StrCat("SELECT count(*)::text FROM ", table.sql_name);
  MustBe(own, count);
  MustBe("0", absl::StrCat(count, " WHERE ", Is(table, options_.tenant_a)));
  MustBe("0", absl::StrCat(count, " WHERE NOT ", Is(table, options_.tenant_b)));
  // Not leakproof, so the policy must come first: foreign rows would divide by zero.
  MustBe(own,
         absl::StrCat(count, " WHERE CASE WHEN ", Is(table, options_.tenant_b),
                      " THEN 1 ELSE 1 / (length(", table.tenant_sql_name, "::text) - 36) END = 1"));
  MustBe("0", absl::StrCat("SELECT count(*)::text FROM pg_catalog.pg_stats WHERE schemaname = '",
                           table.schema, "' AND tablename = '", table.name, "'"));
}

void RawSql::CheckWrites(const Table& table) {
  // Where the role has no such right at all, that will do.
  auto counted = [&](const std::string& sql) {
    const SqlResult result =
        RunAsB({absl::StrCat("WITH w AS (", sql, " RETURNING 1) SELECT count(*)::text FROM w")});
    if (absl::IsPermissionDenied(result.status)) return;
    if (result.value() != CountOfB(table)) Report(sql, absl::StrCat("touches ", result.value()));
  };
  if (!table.is_view())
    counted(absl::StrCat("UPDATE ", table.sql_name, " SET ", table.tenant_sql_name, " = ",
                         table.tenant_sql_name));
  const std::string& a = options_.tenant_a;
  const std::string columns = ColumnList(table);
  if (table.is_view()) MustFail({absl::StrCat("DELETE FROM ", table.sql_name)});
  MustFail(
      {absl::StrCat("UPDATE ", table.sql_name, " SET ", table.tenant_sql_name, " = '", a, "'")});
  MustFail({absl::StrCat("INSERT INTO ", table.sql_name, " (", table.tenant_sql_name, ", ", columns,
                         ") SELECT '", a, "', ", columns, " FROM ", table.sql_name)});
}

void RawSql::CheckForbidden(const Table& table) {
  const std::string& name = table.sql_name;
  for (const std::string& sql :
       {absl::StrCat("TRUNCATE ", name, " CASCADE"), absl::StrCat("DROP TABLE ", name),
        absl::StrCat("ALTER TABLE ", name, " DISABLE ROW LEVEL SECURITY"),
        absl::StrCat("ALTER TABLE ", name, " NO FORCE ROW LEVEL SECURITY"),
        absl::StrCat("CREATE POLICY mine ON ", name, " USING (true)"),
        absl::StrCat("CREATE TABLE ", table.schema, ".mine AS SELECT * FROM ", name),
        absl::StrCat("CREATE TEMPORARY TABLE mine AS SELECT * FROM ", name),
        absl::StrCat("CREATE VIEW ", table.schema, ".mine AS SELECT * FROM ", name),
        absl::StrCat("COPY ", name, " TO '/tmp/tenantry-isolation'"),
        absl::StrCat("COPY ", name, " TO PROGRAM 'true'"),
        absl::StrCat("COPY ", name, " TO STDOUT"),
        std::string("SELECT pg_catalog.set_config('role', 'tenantry_owner', true)"),
        std::string("SELECT pg_catalog.set_config('role', 'postgres', true)"),
        std::string("SET SESSION AUTHORIZATION postgres")}) {
    MustFail({sql});
  }
  MustFail({"SET LOCAL row_security = off", absl::StrCat("SELECT count(*)::text FROM ", name)});
}

// Hand-written SQL may set another tenant within its own transaction: the context is made of
// settings, and SQL can change settings. Isolation does not cover that, which is why no caller
// writes SQL. But the next transaction on the connection must not be affected.
void RawSql::CheckContextDoesNotStay(const Table& table) {
  const std::string& a = options_.tenant_a;
  const std::vector<std::vector<std::string>> attempts = {
      {absl::StrCat("SELECT pg_catalog.set_config('app.tenant_id', '", a, "', true)")},
      {absl::StrCat("SELECT pg_catalog.set_config('app.tenant_id', '", a, "', false)")},
      {absl::StrCat("SET app.tenant_id = '", a, "'")},
      {"RESET ROLE"},
      {"SET ROLE NONE"},
      {"SELECT pg_catalog.set_config('role', 'admin', false)"},
      {"SET row_security = off"},
      {"SET search_path = pg_temp"},
      {"SELECT pg_catalog.set_config('transaction_read_only', 'on', true)"},
      {"SELECT pg_catalog.set_config('statement_timeout', '1', false)"},
      {absl::StrCat("SELECT pg_catalog.set_config('app.tenant_id', '", a, "', false)"),
       "SELECT 1/0"},
      {"COMMIT", absl::StrCat("SELECT count(*)::text FROM ", table.sql_name)},
      {"ROLLBACK", absl::StrCat("SELECT count(*)::text FROM ", table.sql_name)},
  };
  const std::string next = absl::StrCat(
      "SELECT count(*)::text || current_user || current_setting('app.tenant_id') FROM ",
      table.sql_name);
  const std::string wanted = absl::StrCat(CountOfB(table), options_.role, options_.tenant_b);
  for (const std::vector<std::string>& attempt : attempts) {
    const SqlResult stepped = RunAsB(attempt);
    if (attempt[0] == "COMMIT" || attempt[0] == "ROLLBACK") {
      // Either it did not end the transaction, and the context still holds; or it did, and the
      // statement after it sees nothing.
      const bool leaks = stepped.value() != "0" && stepped.value() != CountOfB(table);
      if (stepped.status.ok() && leaks) {
        Report(absl::StrJoin(attempt, "; "), absl::StrCat("gives ", stepped.value()));
      }
    }
    const SqlResult result = RunAsB({next});
    // What is set for the session may break the next transactions on it; it must not open them.
    if (result.status.ok() && result.value() != wanted) {
      Report(absl::StrCat(absl::StrJoin(attempt, "; "), " and then ", next), result.value());
    }
    RunAsB({"RESET ROLE", "RESET ALL"});
  }
  MustBe(wanted, next);
}

// Calls that wait at the same time may share a transaction, but never calls of two tenants or
// roles.
void RawSql::CheckCallersApart(const Table& table) {
  const std::vector<std::string> roles = {"authenticated", "support", "admin"};
  std::vector<identity::Identity> callers;
  std::vector<std::string> wanted;
  for (int i = 0; i < 4; ++i) {
    for (const std::string& tenant : {options_.tenant_a, options_.tenant_b}) {
      for (const std::string& role : roles) {
        callers.push_back(IdentityOf(tenant, role));
        wanted.push_back(absl::StrCat(CountOf(table, tenant), role, tenant));
      }
    }
  }
  const std::string sql = absl::StrCat(
      "SELECT count(*)::text || current_user || current_setting('app.tenant_id') FROM ",
      table.sql_name);
  SqlRunner runner(options_.executor);
  const std::vector<SqlResult> results = runner.ReadAtOnce(callers, sql);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (absl::IsPermissionDenied(results[i].status)) continue;  // a role without rights there
    if (results[i].value() != wanted[i]) {
      Report(sql,
             absl::StrCat("at once with others' gives ", results[i].value(), ", not ", wanted[i]));
    }
  }
}

void RawSql::CheckFailedContext(const Table& table) {
  // Both roles exist, but the login may become neither; and one that does not exist.
  for (const char* role : {"postgres", "tenantry_owner", "nobody_at_all"}) {
    const identity::Identity identity = IdentityOf(options_.tenant_b, role);
    const std::string read = absl::StrCat("SELECT count(*)::text FROM ", table.sql_name);
    if (runner_.Run(identity, {read}).status.ok()) Report(read, absl::StrCat("runs as ", role));
    // Needs no right, so only the failed context can stop it.
    const std::string lock = "SELECT pg_catalog.pg_advisory_lock(815)::text";
    if (runner_.Run(identity, {lock}).status.ok()) Report(lock, absl::StrCat("runs as ", role));
    if (Ask("SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory'") != "0") {
      Report(lock, absl::StrCat("ran although the context failed for ", role));
    }
  }
}

void RawSql::CheckNoContext(const Table& table) {
  pqxx::connection connection(options_.executor.database_url);
  for (const std::string& sql :
       {absl::StrCat("SELECT count(*) FROM ", table.sql_name),
        absl::StrCat("DELETE FROM ", table.sql_name),
        absl::StrCat("UPDATE ", table.sql_name, " SET ", table.tenant_sql_name, " = ",
                     table.tenant_sql_name),
        absl::StrCat("INSERT INTO ", table.sql_name, " (", table.tenant_sql_name, ") VALUES ('",
                     options_.tenant_b, "')")}) {
    try {
      pqxx::work work(connection);
      work.exec(sql);
      Report(sql, "runs without a context");
    } catch (const pqxx::insufficient_privilege&) {
    } catch (const pqxx::sql_error& error) {
      // No view with groups can be written to, whoever tries.
      if (!table.is_view() || error.sqlstate() != "55000") throw;
    }
  }
  // The role alone, without a tenant, sees no row.
  pqxx::work work(connection);
  work.exec(absl::StrCat("SET LOCAL ROLE ", options_.role));
  const auto count =
      work.exec(absl::StrCat("SELECT count(*) FROM ", table.sql_name))[0][0].as<std::string>();
  if (count != "0") Report(table.sql_name, absl::StrCat("shows ", count, " rows without a tenant"));
}

// What the guard of a server checks, seen from outside: rights that would void row-level security.
void RawSql::CheckRoles() {
  const std::string bad =
      Ask("SELECT string_agg(rolname, ' ') FROM pg_roles WHERE (rolsuper OR rolbypassrls OR "
          "rolcreaterole) "
          "AND rolname IN ('tenantry_app', 'tenantry_owner', 'authenticated', 'support', 'admin')");
  if (!bad.empty()) Report("pg_roles", absl::StrCat("past row-level security: ", bad));
  for (const Table& table : options_.schema.tables()) {
    if (table.is_view()) continue;
    const std::string forced =
        Ask(absl::StrCat("SELECT (relrowsecurity AND relforcerowsecurity)::text FROM pg_class "
                         "WHERE oid = '",
                         table.sql_name, "'::regclass"));
    if (forced != "true") Report(table.sql_name, "row-level security is not forced");
  }
}

// Children first, so that nothing is refused for being referred to.
void RawSql::CheckDeletes() {
  std::vector<const Table*> tables = test::ParentsFirst(options_.schema);
  std::reverse(tables.begin(), tables.end());
  for (const Table* table : tables) {
    const std::string own = CountOfB(*table);
    const std::string sql = absl::StrCat("DELETE FROM ", table->sql_name);
    const SqlResult result =
        RunAsB({absl::StrCat("WITH w AS (", sql, " RETURNING 1) SELECT count(*)::text FROM w")});
    if (absl::IsPermissionDenied(result.status)) continue;
    if (result.value() != own) Report(sql, absl::StrCat("touches ", result.value()));
  }
}

SqlResult RawSql::RunAsB(const std::vector<std::string>& statements) {
  return runner_.Run(b_, statements);
}

void RawSql::MustBe(std::string_view wanted, const std::string& sql) {
  const SqlResult result = RunAsB({sql});
  if (result.value() != wanted) {
    Report(sql, absl::StrCat("gives ", result.value(), ", not ", ToAbsl(wanted)));
  }
}

void RawSql::MustFail(const std::vector<std::string>& statements) {
  const SqlResult result = RunAsB(statements);
  if (result.status.ok()) Report(absl::StrJoin(statements, "; "), "is not refused");
  // The connection goes on working for the same tenant, whatever the statement did.
  const SqlResult next = RunAsB({"SELECT current_setting('app.tenant_id')"});
  if (next.value() != options_.tenant_b) {
    Report(absl::StrCat("after ", absl::StrJoin(statements, "; ")), next.value());
  }
}

std::string RawSql::Ask(const std::string& sql) {
  pqxx::nontransaction work(superuser_);
  const pqxx::result result = work.exec(sql);
  return result.empty() || result[0][0].is_null() ? "" : result[0][0].as<std::string>();
}

std::string RawSql::CountOf(const Table& table, const std::string& tenant) {
  return Ask(
      absl::StrCat("SELECT count(*)::text FROM ", table.sql_name, " WHERE ", Is(table, tenant)));
}

std::string RawSql::CountOfB(const Table& table) { return CountOf(table, options_.tenant_b); }

std::string RawSql::RowsOfA() {
  std::string all;
  for (const Table& table : options_.schema.tables()) {
    absl::StrAppend(
        &all, table.sql_name, ": ",
        Ask(absl::StrCat(
            table.is_view() ? "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM "
                            : "SELECT string_agg(t::text || xmin || ctid, ' ' ORDER BY ctid) FROM ",
            table.sql_name, " t WHERE ", Is(table, options_.tenant_a))),
        "\n");
  }
  return all;
}

void RawSql::Report(const std::string& sql, const std::string& what) {
  findings_.Add(absl::StrCat("raw SQL as ", options_.role, ": ", sql, ": ", what));
}

}  // namespace tenantry::isolation
