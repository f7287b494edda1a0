#include "tests/pg/lanes/fixture.h"

#include <cstdio>
#include <functional>
#include <pqxx/pqxx>
#include <sstream>

namespace tenantry::test {
namespace {

// Authenticators alone may make identities; this one asks no questions.
class TrustingAuthenticator : public identity::Authenticator {
 public:
  absl::StatusOr<identity::Identity> Authenticate(const identity::CallContext&) const override {
    return absl::UnimplementedError("");
  }
  static identity::Identity Of(identity::TenantId tenant, std::string user, std::string role,
                               std::string claims) {
    return Make(tenant, std::move(user), std::move(role), std::move(claims));
  }
};

constexpr char kTables[] = R"(
  SET ROLE tenantry_owner;
  CREATE SCHEMA app;
  GRANT USAGE ON SCHEMA app TO authenticated, support, admin;
  CREATE TABLE app.notes (
    tenant_id uuid NOT NULL DEFAULT tenantry.tenant_id(),
    id bigint NOT NULL,
    body text NOT NULL DEFAULT '',
    parent bigint,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent) REFERENCES app.notes DEFERRABLE INITIALLY DEFERRED);
  ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY;
  ALTER TABLE app.notes FORCE ROW LEVEL SECURITY;
  CREATE POLICY notes_tenant ON app.notes TO authenticated, support, admin
    USING (tenant_id = tenantry.tenant_id()) WITH CHECK (tenant_id = tenantry.tenant_id());
  GRANT SELECT, INSERT, UPDATE, DELETE ON app.notes TO authenticated, support, admin;
  RESET ROLE;
)";

}  // namespace

std::string TenantText(int n) {
  char text[40];
  std::snprintf(text, sizeof(text), "01920000-0000-7000-8000-%012x", n);
  return text;
}

identity::Identity MakeIdentity(int tenant, const std::string& user, const std::string& role,
                                const std::string& claims) {
  return TrustingAuthenticator::Of(*identity::TenantId::Parse(TenantText(tenant)), user, role,
                                   claims);
}

pg::Statement MakeStatement(const std::string& sql, const std::vector<std::string>& params) {
  auto text = std::make_shared<SqlText>();
  text->name = "test_" + std::to_string(std::hash<std::string>()(sql));
  text->sql = sql;
  pg::Statement statement{text, {}};
  for (const std::string& param : params) statement.params.AddText(param);
  return statement;
}

Call::Call(identity::Identity identity, pg::Access access, std::vector<pg::Statement> list)
    : TenantTransaction(std::move(identity), access) {
  for (pg::Statement& statement : list) statements.push_back(std::move(statement));
  request_id = "test";
}

const absl::Status& Call::Wait() {
  done_.WaitForNotification();
  return status_;
}

std::string Call::Value(int row, int column, int statement) const {
  return std::string(results_[statement].at(row, column).view());
}

void Call::Done(absl::Status status, absl::InlinedVector<pg::ResultRows, 1> results) {
  status_ = std::move(status);
  results_ = std::move(results);
  done_.Notify();
}

std::unique_ptr<Call> Read(int tenant, const std::string& sql,
                           const std::vector<std::string>& params) {
  return std::make_unique<Call>(MakeIdentity(tenant), pg::Access::kReadOnly,
                                std::vector<pg::Statement>{MakeStatement(sql, params)});
}

std::unique_ptr<Call> Write(int tenant, const std::string& sql,
                            const std::vector<std::string>& params) {
  return std::make_unique<Call>(MakeIdentity(tenant), pg::Access::kReadWrite,
                                std::vector<pg::Statement>{MakeStatement(sql, params)});
}

PgTest::PgTest() : database_(CreateBootstrappedDatabase()) { database_->Execute(kTables); }

std::unique_ptr<pg::Executor> PgTest::MakeExecutor(pg::ExecutorOptions options,
                                                   pg::Executor::Hooks hooks) {
  if (options.database_url.empty()) options.database_url = database_->app_url();
  return std::make_unique<pg::Executor>(std::move(options), std::move(hooks), metrics_);
}

std::string PgTest::Admin(const std::string& sql) const {
  pqxx::connection connection(database_->superuser_url());
  const pqxx::result result = pqxx::nontransaction(connection).exec(sql);
  return result.empty() || result.columns() == 0 ? "" : result[0][0].as<std::string>("");
}

double PgTest::Metric(const std::string& name) const {
  std::istringstream lines(metrics_.Render());
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(name + " ", 0) == 0) return std::stod(line.substr(name.size() + 1));
  }
  return 0;
}

}  // namespace tenantry::test
