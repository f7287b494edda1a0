#include "server/pg/interactive.h"

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

#include "absl/time/clock.h"
#include "server/pg/conflict.h"
#include "server/pg/failure.h"
#include "server/pg/interaction.h"
#include "server/pg/open.h"
#include "server/pg/pool.h"

namespace tenantry::pg {
namespace {

class Runner final : public InteractiveRunner {
 public:
  explicit Runner(Pool& pool) : pool_(pool) {}

  void Read(const InteractiveTerms& terms, absl::FunctionRef<absl::Status(ReadTransaction&)> body,
            Done done) override {
    Run(
        terms, Access::kReadOnly, [&](Interaction& on) { return on.RunBody(body); }, done);
  }

  void Write(const InteractiveTerms& terms, absl::FunctionRef<absl::Status(WriteTransaction&)> body,
             Done done) override {
    Run(
        terms, Access::kReadWrite, [&](Interaction& on) { return on.RunBody(body); }, done);
  }

 private:
  using Body = absl::FunctionRef<absl::Status(Interaction&)>;

  void Run(const InteractiveTerms& terms, Access access, Body body, Done done) {
    const ExecutorOptions& options = pool_.options();
    if (terms.cancelled != nullptr && terms.cancelled()) return done(Cancelled());
    const absl::Time deadline =
        std::min(terms.deadline, absl::Now() + options.statement_timeout_max);
    int conflicts = 0;
    while (absl::Now() < deadline) {
      absl::StatusOr<Pool::Lease> lease = pool_.Borrow(
          Route::kInteractive, std::min(deadline, absl::Now() + options.queue_wait_max));
      if (!lease.ok()) {
        return done(absl::Now() < deadline ? lease.status() : DeadlineExceeded());
      }
      const bool last_try = conflicts >= options.conflict_retries_max;
      const Attempt attempt = RunOn(**lease, terms, access, deadline, body, last_try, done);
      (*std::move(lease)).GiveBack();
      if (attempt == Attempt::kAnswered) return;
      if (attempt == Attempt::kConflict) Rest(++conflicts, deadline);
    }
    done(DeadlineExceeded());
  }

  void Rest(int conflicts, absl::Time deadline) {
    thread_local std::minstd_rand random{std::random_device()()};
    pool_.metrics().retried_conflict.Add();
    const absl::Duration rest = RestAfterConflict(conflicts, random);
    absl::SleepFor(std::min(rest, std::max(deadline - absl::Now(), absl::ZeroDuration())));
  }

  enum class Attempt {
    kAnswered,
    kDead,      // the connection had died while it was idle, and nothing was done on it
    kConflict,  // all was rolled back, and it may succeed when it runs again
  };

  Attempt RunOn(TenantConnection& opened, const InteractiveTerms& terms, Access access,
                absl::Time deadline, Body body, bool last_try, Done done) {
    const Watchdog::Watch watch(pool_.watchdog(), opened.connection.sock(),
                                deadline + pool_.options().stall_margin);
    Interaction interaction(opened, terms, access, deadline);
    absl::Status status = interaction.Begin();
    if (interaction.lost()) return Attempt::kDead;  // removes one such connection from the pool
    if (status.ok()) status = body(interaction);
    if (status.ok()) status = interaction.Commit();
    if (interaction.conflicted() && !last_try) return Attempt::kConflict;
    done(status);
    return Attempt::kAnswered;
  }

  Pool& pool_;
};

}  // namespace

std::unique_ptr<InteractiveRunner> MakeInteractiveRunner(Executor& executor) {
  return std::make_unique<Runner>(executor.pool());
}

}  // namespace tenantry::pg
