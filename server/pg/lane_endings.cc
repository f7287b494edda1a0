// How the transactions of a lane end, or wait again.

#include <utility>

#include "server/base/log.h"
#include "server/pg/conflict.h"
#include "server/pg/failure.h"
#include "server/pg/lane.h"

namespace tenantry::pg {

void Lane::Ended(Outcome outcome) {
  TenantTransaction* transaction = outcome.transaction;
  switch (outcome.kind) {
    case Outcome::Kind::kCommitted: {
      const bool read = transaction->access() == Access::kReadOnly;
      (read ? metrics_.read_seconds : metrics_.write_seconds)
          .Observe(absl::ToDoubleSeconds(now_ - transaction->sent_at));
      metrics_.committed.Add();
      links_.service_time().Learn(outcome.service_time);
      return Finish(transaction, absl::OkStatus(), std::move(outcome.results));
    }
    case Outcome::Kind::kStalePlan:
      if (!std::exchange(transaction->plan_was_stale_, true)) {
        metrics_.retried_stale_plan.Add();
        return Requeue(transaction);
      }
      [[fallthrough]];
    case Outcome::Kind::kRefused:
      return EndRefused(transaction, *outcome.failure);
    case Outcome::Kind::kAborted:
      metrics_.retried_aborted.Add();
      return Requeue(transaction);
    case Outcome::Kind::kNotRun:
    case Outcome::Kind::kLost:
      return EndLost(outcome);
  }
}

void Lane::EndRefused(TenantTransaction* transaction, const Failure& failure) {
  if (RestsAfter(transaction, failure)) return;
  metrics_.refused.Add();
  const auto& statements = transaction->statements;
  DatabaseError error = failure.error;
  const bool alone = statements.size() - std::size_t{transaction->validate_only} == 1;
  // Of one statement, also the commit can fail for nothing else.
  const SqlText* text = error.statement >= 0 ? statements[error.statement].text.get()
                        : alone              ? statements[0].text.get()
                                             : nullptr;
  if (alone) error.statement = -1;
  LogFailure(failure, transaction->request_id, text == nullptr ? "" : text->name);
  Finish(transaction, StatusOf(error, transaction->access(), text));
}

// The caller was told nothing yet, and the database has taken all of it back.
bool Lane::RestsAfter(TenantTransaction* transaction, const Failure& failure) {
  if (!IsConflict(failure.error.sqlstate)) return false;
  if (transaction->conflicts_ >= options_.conflict_retries_max) return false;
  const absl::Time until = now_ + RestAfterConflict(++transaction->conflicts_, random_);
  if (until >= transaction->deadline) return false;
  metrics_.retried_conflict.Add();
  transaction->rests_until_ = until;
  resting_.PushBack(transaction);
  return true;
}

void Lane::WakeRested() {
  resting_.RemoveIf([this](TenantTransaction* transaction) {
    if (now_ < transaction->rests_until_) return false;
    Requeue(transaction);
    return true;
  });
}

void Lane::EndLost(const Outcome& outcome) {
  TenantTransaction* transaction = outcome.transaction;
  if (transaction->access() == Access::kReadOnly && transaction->connections_lost_++ == 0) {
    metrics_.retried_lost.Add();
    return Requeue(transaction);
  }
  const bool unknown = transaction->access() == Access::kReadWrite && !transaction->validate_only &&
                       outcome.kind == Outcome::Kind::kLost;
  Log(LogLevel::kWarn, "connection lost under a call",
      {{"request_id", transaction->request_id}, {"write_outcome_unknown", unknown}});
  (unknown ? metrics_.outcome_unknown : metrics_.unavailable).Add();
  Finish(transaction, unknown ? OutcomeUnknown() : DatabaseUnavailable());
}

void Lane::Abandoned(TenantTransaction* transaction) {
  metrics_.expired.Add();
  Finish(transaction, DeadlineExceeded());
}

void Lane::GivenBack(TenantTransaction* transaction) {
  metrics_.retried_held_up.Add();
  Requeue(transaction);
}

void Lane::Requeue(TenantTransaction* transaction) {
  waiting_.fetch_add(1, std::memory_order_relaxed);
  transaction->waits_since_ = now_;
  backlog_.PutBack(transaction);
}

void Lane::Finish(TenantTransaction* transaction, absl::Status status,
                  absl::InlinedVector<ResultRows, 1> results) {
  load_.fetch_sub(1, std::memory_order_relaxed);
  transaction->Done(std::move(status), std::move(results));
}

// Ends a transaction that was waiting, and counts how it ended.
void Lane::EndWaiting(TenantTransaction* transaction, absl::Status status) {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      metrics_.expired.Add();
      break;
    case absl::StatusCode::kUnavailable:
      metrics_.unavailable.Add();
      break;
    default:
      metrics_.rejected.Add();
  }
  Finish(transaction, std::move(status));
}

}  // namespace tenantry::pg
