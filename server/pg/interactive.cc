#include "server/pg/interactive.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <pqxx/connection>
#include <pqxx/transaction>

#include "server/base/log.h"
#include "server/base/status.h"
#include "server/pg/context.h"
#include "server/pg/failure.h"
#include "server/pg/open.h"
#include "server/pg/pool.h"
#include "server/pg/system.h"

namespace tenantry::pg {
namespace {

// Rounded up. The watchdog keeps the deadline itself.
std::int64_t TimeoutMilliseconds(absl::Time deadline) {
  return absl::ToInt64Milliseconds(absl::Ceil(deadline - absl::Now(), absl::Milliseconds(1)));
}

void SetContext(pqxx::work& work, const identity::Identity& identity, Access access, bool pooled,
                std::int64_t timeout_ms) {
  const ContextValues context(identity, timeout_ms);
  pqxx::params params;
  for (int i = 0; i < ContextValues::kCount; ++i) params.append(context.value(i));
  work.exec(ContextSql(access, pooled), params).expect_rows(1);
}

// The SQLSTATE in a status that CatchPqxx made; empty when the database gave none.
std::string SqlStateOf(const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    if (key == "sqlstate") return value;
  }
  return "";
}

// A status of CatchPqxx is for an operator. It is logged, and the caller gets its code and reason.
absl::Status ForCaller(const absl::Status& status, Access access) {
  if (status.ok()) return status;
  Log(LogLevel::kWarn, "interactive transaction failed", {{"why", std::string(status.message())}});
  DatabaseError error;
  error.sqlstate = SqlStateOf(status);
  if (!error.sqlstate.empty()) return StatusOf(error, access);
  const std::string reason = ReasonOf(status);
  if (reason == "OUTCOME_UNKNOWN") return OutcomeUnknown();
  if (reason == "DATABASE_UNAVAILABLE") return DatabaseUnavailable();
  return absl::InternalError("internal error");
}

class Runner final : public InteractiveRunner {
 public:
  explicit Runner(Pool& pool) : pool_(pool) {}

  void Run(const identity::Identity& identity, Access access, absl::Time deadline,
           absl::FunctionRef<absl::Status(pqxx::work&)> body,
           absl::FunctionRef<void(const absl::Status&)> done) override {
    const ExecutorOptions& options = pool_.options();
    deadline = std::min(deadline, absl::Now() + options.statement_timeout_max);
    while (absl::Now() < deadline) {
      absl::StatusOr<TenantConnection> borrowed =
          pool_.Borrow(std::min(deadline, absl::Now() + options.queue_wait_max));
      if (!borrowed.ok()) {
        return done(absl::Now() < deadline ? borrowed.status() : DeadlineExceeded());
      }
      auto opened = std::make_unique<TenantConnection>(*std::move(borrowed));
      const Attempt attempt = RunOn(*opened, identity, access, deadline, body);
      // The connection had died while it was idle, and nothing was done on it. Each turn removes
      // one such connection from the pool.
      const bool again = !attempt.begun && !opened->connection.is_open();
      if (!again) done(attempt.status);
      GiveBack(std::move(opened), attempt.read_only);
      if (!again) return;
    }
    done(DeadlineExceeded());
  }

 private:
  struct Attempt {
    absl::Status status;     // for the caller
    bool begun = false;      // the context is set
    bool read_only = false;  // the connection leads to a server that takes no changes
  };

  Attempt RunOn(TenantConnection& opened, const identity::Identity& identity, Access access,
                absl::Time deadline, absl::FunctionRef<absl::Status(pqxx::work&)> body) {
    const Watchdog::Watch watch(pool_.watchdog(), opened.connection.sock(),
                                deadline + pool_.options().stall_margin);
    Attempt attempt;
    const absl::Status status = CatchPqxx([&] {
      pqxx::work work(opened.connection);
      SetContext(work, identity, access, opened.session.pooled, TimeoutMilliseconds(deadline));
      attempt.begun = true;
      attempt.status = body(work);
      if (attempt.status.ok()) work.commit();
    });
    if (status.ok()) return attempt;
    attempt.read_only = access == Access::kReadWrite && SqlStateOf(status) == kReadOnlySqlState;
    attempt.status = ForCaller(status, access);
    return attempt;
  }

  void GiveBack(std::unique_ptr<TenantConnection> opened, bool read_only) {
    const bool good = !read_only && opened->connection.is_open() &&
                      ResetTenantConnection(*opened, pool_.watchdog(),
                                            absl::Now() + pool_.options().connect_timeout)
                          .ok();
    pool_.Return(good ? std::move(opened) : nullptr);
  }

  Pool& pool_;
};

}  // namespace

std::unique_ptr<InteractiveRunner> MakeInteractiveRunner(Executor& executor) {
  return std::make_unique<Runner>(executor.pool());
}

}  // namespace tenantry::pg
