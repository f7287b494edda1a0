// Hand-written SQL inside tenant transactions, as a careless or hostile handler might send it: no
// WHERE, other tenants' ids, attempts to step out of the context. Also statements without a
// context.
#pragma once

#include <pqxx/connection>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/identity/identity.h"
#include "server/pg/executor.h"
#include "server/schema/schema.h"
#include "tests/isolation/findings.h"

namespace tenantry::isolation {

// An identity for any role, known to the service or not.
identity::Identity IdentityOf(const std::string& tenant, const std::string& role);

// What a transaction gave: the first column of the last statement's rows, as text.
struct SqlResult {
  absl::Status status;
  std::vector<std::string> values;

  // The only value, or what went wrong.
  std::string value() const;
};

// Runs transactions through an executor, one connection unless told otherwise.
class SqlRunner {
 public:
  explicit SqlRunner(pg::ExecutorOptions options);
  SqlResult Run(const identity::Identity& identity, const std::vector<std::string>& statements);
  // Sends one read for each identity, all at once. On a runner that has run nothing yet they all
  // wait for its first connection.
  std::vector<SqlResult> ReadAtOnce(const std::vector<identity::Identity>& identities,
                                    const std::string& statement);

 private:
  MetricRegistry metrics_;
  pg::Executor executor_;
};

class RawSql {
 public:
  struct Options {
    const schema::Schema& schema;
    std::string superuser_url;
    std::string tenant_a, tenant_b;  // both with rows in every table
    std::string role = "authenticated";
    pg::ExecutorOptions executor;
  };
  RawSql(Options options, Findings& findings);

  // All of it. B's rows are gone after.
  void Run();

 private:
  void CheckReads(const schema::Table& table);
  void CheckWrites(const schema::Table& table);
  void CheckForbidden(const schema::Table& table);
  void CheckContextDoesNotStay(const schema::Table& table);
  void CheckCallersApart(const schema::Table& table);
  void CheckFailedContext(const schema::Table& table);
  void CheckNoContext(const schema::Table& table);
  void CheckRoles();
  void CheckDeletes();

  SqlResult RunAsB(const std::vector<std::string>& statements);
  void MustBe(std::string_view wanted, const std::string& sql);
  void MustFail(const std::vector<std::string>& statements);
  std::string Ask(const std::string& sql);
  std::string CountOf(const schema::Table& table, const std::string& tenant);
  std::string CountOfB(const schema::Table& table);
  std::string RowsOfA();
  void Report(const std::string& sql, const std::string& what);

  Options options_;
  Findings& findings_;
  pqxx::connection superuser_;
  SqlRunner runner_;
  identity::Identity b_;
};

}  // namespace tenantry::isolation
