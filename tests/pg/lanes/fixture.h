// What the tests of server/pg share: a database with one tenant table, calls that can be waited
// for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "server/base/metrics.h"
#include "server/base/status.h"
#include "server/pg/executor.h"
#include "tests/support/postgres.h"

namespace tenantry::test {

// Tenant number `n` of as many as a test likes.
std::string TenantText(int n);
identity::Identity MakeIdentity(int tenant, const std::string& user = "",
                                const std::string& role = "authenticated",
                                const std::string& claims = "");

// One statement with text parameters. Its name is unique per text.
pg::Statement MakeStatement(const std::string& sql, const std::vector<std::string>& params = {});

// A transaction whose end can be waited for.
class Call : public pg::TenantTransaction {
 public:
  Call(identity::Identity identity, pg::Access access, std::vector<pg::Statement> list);

  const absl::Status& Wait();  // until Done
  bool done() const { return done_.HasBeenNotified(); }
  // After Wait. A value of the n-th statement; tests cast to text.
  std::string Value(int row = 0, int column = 0, int statement = 0) const;
  int RowCount(int statement = 0) const { return results_[statement].row_count(); }
  const Rows& rows(int statement = 0) const { return results_[statement]; }
  std::string reason() const { return ReasonOf(status_); }

 private:
  void Done(absl::Status status, absl::InlinedVector<pg::ResultRows, 1> results) override;

  absl::Status status_;
  absl::InlinedVector<pg::ResultRows, 1> results_;
  absl::Notification done_;
};

std::unique_ptr<Call> Read(int tenant, const std::string& sql,
                           const std::vector<std::string>& params = {});
std::unique_ptr<Call> Write(int tenant, const std::string& sql,
                            const std::vector<std::string>& params = {});

// A fresh database with the table `app.notes (tenant_id, id, body)` under row-level security, and
// executors on it.
class PgTest : public ::testing::Test {
 protected:
  PgTest();

  // Starts `call` and gives it back, so that it can be waited for.
  Call& Submit(pg::Executor& executor, Call& call) {
    executor.Submit(&call);
    return call;
  }
  std::unique_ptr<pg::Executor> MakeExecutor(pg::ExecutorOptions options = {},
                                             pg::Executor::Hooks hooks = {});
  // Goes around row-level security. One value.
  std::string Admin(const std::string& sql) const;
  // What a metric of the rendered registry says, by its whole name with labels.
  double Metric(const std::string& name) const;

  std::unique_ptr<Database> database_;
  MetricRegistry metrics_;
};

}  // namespace tenantry::test
