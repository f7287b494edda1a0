#include "server/pg/interactive.h"

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

std::int64_t TimeoutMilliseconds(absl::Time deadline, absl::Duration max) {
  return absl::ToInt64Milliseconds(std::min(deadline - absl::Now(), max));
}

void SetContext(pqxx::work& work, const identity::Identity& identity, Access access, bool pooled,
                std::int64_t timeout_ms) {
  const ContextValues context(identity, timeout_ms);
  pqxx::params params;
  for (int i = 0; i < ContextValues::kCount; ++i) params.append(context.value(i));
  work.exec(ContextSql(access, pooled), params).expect_rows(1);
}

// What CatchPqxx says is for an operator: it is logged, and the caller gets code and reason alone.
absl::Status ForCaller(const absl::Status& status) {
  if (status.ok()) return status;
  const ErrorDetails details = DetailsOf(status);
  Log(LogLevel::kWarn, "interactive transaction failed", {{"why", std::string(status.message())}});
  if (details.reason == "OUTCOME_UNKNOWN") return OutcomeUnknown();
  if (details.reason == "DATABASE_UNAVAILABLE") return DatabaseUnavailable();
  for (const auto& [key, value] : details.metadata) {
    DatabaseError error;
    error.sqlstate = value;
    if (key == "sqlstate") return FromDatabaseError(error);
  }
  return absl::InternalError("internal error");
}

class Runner final : public InteractiveRunner {
 public:
  explicit Runner(Pool& pool) : pool_(pool) {}

  absl::Status Run(const identity::Identity& identity, Access access, absl::Time deadline,
                   const std::function<absl::Status(pqxx::work&)>& body) override {
    const ExecutorOptions& options = pool_.options();
    if (deadline == absl::InfiniteFuture()) deadline = absl::Now() + options.statement_timeout_max;
    while (absl::Now() < deadline) {
      absl::StatusOr<TenantConnection> borrowed =
          pool_.Borrow(std::min(deadline, absl::Now() + options.queue_wait_max));
      if (!borrowed.ok()) return absl::Now() < deadline ? borrowed.status() : DeadlineExceeded();
      auto opened = std::make_unique<TenantConnection>(*std::move(borrowed));
      bool begun = false;
      absl::Status status = RunOn(*opened, identity, access, deadline, body, &begun);
      const bool lost = !opened->connection.is_open();
      GiveBack(std::move(opened));
      // It had died while idle; nothing was done on it. Each turn uses one such up.
      if (lost && !begun) continue;
      return status;
    }
    return DeadlineExceeded();
  }

 private:
  absl::Status RunOn(TenantConnection& opened, const identity::Identity& identity, Access access,
                     absl::Time deadline, const std::function<absl::Status(pqxx::work&)>& body,
                     bool* begun) {
    const Watchdog::Watch watch(pool_.watchdog(), opened.connection.sock(),
                                deadline + pool_.options().stall_margin);
    absl::Status verdict;
    const absl::Status status = CatchPqxx([&] {
      pqxx::work work(opened.connection);
      SetContext(work, identity, access, opened.session.pooled,
                 TimeoutMilliseconds(deadline, pool_.options().statement_timeout_max));
      *begun = true;
      verdict = body(work);
      if (verdict.ok()) work.commit();
    });
    return status.ok() ? verdict : ForCaller(status);
  }

  void GiveBack(std::unique_ptr<TenantConnection> opened) {
    const bool good = opened->connection.is_open() &&
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
