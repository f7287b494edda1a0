#include "server/pg/stream.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "server/pg/failure.h"
#include "server/pg/interaction.h"
#include "server/pg/pool.h"

namespace tenantry::pg {
namespace {

class Runner final : public StreamRunner {
 public:
  explicit Runner(Pool& pool) : pool_(pool) {}

  absl::Status Read(const InteractiveTerms& terms, const Statement& statement,
                    EachRows each) override {
    return Run(terms, Access::kReadOnly, [&](Interaction& on) {
      const absl::Status begun = on.Begin(Isolation::kRepeatableRead);
      if (!begun.ok()) return begun;
      return on.Stream(statement.text->sql.c_str(), statement.params,
                       [&](const ResultRows& rows) { return each(rows); });
    });
  }

  absl::Status Write(const InteractiveTerms& terms,
                     absl::FunctionRef<absl::Status(WriteStream&)> body) override {
    return Run(terms, Access::kReadWrite, [&](Interaction& on) {
      WriteStream stream(on);
      return body(stream);
    });
  }

 private:
  using Body = absl::FunctionRef<absl::Status(Interaction&)>;

  // A connection that died while it was idle is left for another. Once `body` has begun, nothing is
  // tried again: its caller has heard of what it did.
  absl::Status Run(const InteractiveTerms& terms, Access access, Body body) {
    const ExecutorOptions& options = pool_.options();
    while (absl::Now() < terms.deadline) {
      if (terms.cancelled != nullptr && terms.cancelled()) return Cancelled();
      absl::StatusOr<Pool::Lease> lease = pool_.Borrow(
          Route::kStreams, std::min(terms.deadline, absl::Now() + options.queue_wait_max));
      if (!lease.ok()) {
        return absl::Now() < terms.deadline ? lease.status() : DeadlineExceeded();
      }
      const std::optional<absl::Status> outcome = RunOn(**lease, terms, access, body);
      (*std::move(lease)).GiveBack();
      if (outcome.has_value()) return *outcome;
    }
    return DeadlineExceeded();
  }

  // Nothing: the connection was dead.
  std::optional<absl::Status> RunOn(TenantConnection& opened, const InteractiveTerms& terms,
                                    Access access, Body body) {
    const Watchdog::Watch watch(pool_.watchdog(), opened.connection.sock(),
                                terms.deadline + pool_.options().stall_margin);
    Interaction interaction(opened, terms, access, terms.deadline);
    interaction.WatchForItsEnd();
    if (interaction.lost()) return std::nullopt;
    const absl::Status status = body(interaction);
    return status;
  }

  Pool& pool_;
};

}  // namespace

absl::StatusOr<ResultRows> WriteStream::Run(const Statement& statement) {
  if (!interaction_.under_way()) {
    if (absl::Status begun = interaction_.Begin(); !begun.ok()) return begun;
  }
  return interaction_.Run(statement);
}

absl::Status WriteStream::End(How how) {
  if (!interaction_.under_way()) return absl::OkStatus();
  return how == How::kCommit ? interaction_.Commit() : interaction_.RollBack();
}

std::unique_ptr<StreamRunner> MakeStreamRunner(Executor& executor) {
  return std::make_unique<Runner>(executor.pool());
}

}  // namespace tenantry::pg
