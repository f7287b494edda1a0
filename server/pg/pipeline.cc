#include "server/pg/pipeline.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/sqlstate.h"
#include "server/pg/context.h"

namespace tenantry::pg {
namespace {

// The database ends a statement at its deadline. Its answer gets this long to arrive.
constexpr absl::Duration kAnswerGrace = absl::Milliseconds(50);
// A read is sent to another connection this many times at most. Each time the database does the
// work on the old connection for nobody.
constexpr int kMovesMax = 2;

absl::Duration TimeLeft(absl::Time deadline, absl::Time now, absl::Duration max) {
  return std::clamp(deadline - now, absl::Milliseconds(1), max);
}

std::int64_t WholeMilliseconds(absl::Duration duration) {
  return absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1)));
}

}  // namespace

Pipeline::InFlight& Pipeline::Ring::Push() {
  InFlight& slot = slots_[(first_ + count_++) % slots_.size()];
  slot.group.clear();
  slot.write = slot.housekeeping = false;
  slot.steps.clear();
  slot.step = 0;
  slot.context_rows = 0;
  slot.failure.reset();
  slot.culprit = kNobody;
  slot.commit_failed = false;
  slot.fault_sync = false;
  return slot;
}

void Pipeline::Ring::PopFront() {
  first_ = (first_ + 1) % slots_.size();
  --count_;
}

// Housekeeping is sent between transactions: the second half of the slots is for it.
Pipeline::Pipeline(TenantConnection opened, const ExecutorOptions& options, Owner& owner,
                   PgMetrics& metrics)
    : options_(options),
      owner_(owner),
      metrics_(metrics),
      slot_(std::move(opened.slot)),
      session_(opened.session),
      wire_(std::move(opened.connection)),
      prepared_(options.prepared_max),
      in_flight_(2 * options.depth_max),
      backend_pid_(wire_.backend_pid()),
      idle_since_(absl::Now()) {}

bool Pipeline::HasRoomFor(Access access) const {
  // PgBouncer takes the server connection away with the answer to a Sync, even when the client has
  // begun to send what follows. The two halves of a transaction would then run on two servers.
  if (session_.pooled && !idle()) return false;
  if (retiring_ || in_flight_.full() || transactions_ >= options_.depth_max) return false;
  return access == Access::kReadOnly || writes_ < options_.write_depth_max;
}

int Pipeline::HeldBy(const identity::TenantId& tenant, bool writes_only) const {
  int held = 0;
  for (std::size_t i = 0; i < in_flight_.size(); ++i) {
    const InFlight& slot = in_flight_.at(i);
    if (slot.housekeeping || (writes_only && !slot.write)) continue;
    held += slot.tenant == tenant.bytes();
  }
  return held;
}

bool Pipeline::Overdue(absl::Time now) const {
  if (idle()) return false;
  const InFlight& head = in_flight_.front();
  return now - head.head_since > head.time_max + options_.stall_margin;
}

bool Pipeline::Begin(absl::Span<TenantTransaction* const> group, absl::Time now) {
  SendEvictions();
  InFlight& slot = in_flight_.Push();
  if (!Compose(group, now, &slot)) {
    in_flight_.PopBack();
    return false;
  }
  ++transactions_;
  (slot.write ? writes_ : reads_) += static_cast<int>(group.size());
  for (TenantTransaction* transaction : group) transaction->sent_at = now;
  // From here on it may run. When libpq cannot even buffer the Sync, OnReadable reports the loss.
  wire_.SendSync();
  return true;
}

bool Pipeline::Compose(absl::Span<TenantTransaction* const> group, absl::Time now, InFlight* slot) {
  const Access access = group[0]->access();
  absl::Duration timeout;
  std::size_t statements = 0;
  for (TenantTransaction* transaction : group) {
    timeout =
        std::max(timeout, TimeLeft(transaction->deadline, now, options_.statement_timeout_max));
    statements += transaction->statements.size();
    slot->group.push_back({transaction, {}});
  }
  const ContextValues context(group[0]->identity(), WholeMilliseconds(timeout));
  slot->tenant = group[0]->identity().tenant().bytes();
  slot->write = access == Access::kReadWrite;
  slot->head_since = now;
  // Postgres applies statement_timeout to each statement.
  slot->time_max = timeout * std::max<std::size_t>(statements, 1);
  if (!AddIsolation(group[0]->isolation, slot)) return false;
  slot->steps.push_back({Step::Kind::kContext});
  const bool sent = session_.prepared
                        ? wire_.SendPrepared(ContextName(access), context.values())
                        : wire_.SendText(ContextSql(access, session_.pooled), context.values());
  if (!sent) return false;
  slot->fault_sync = options_.fault_sync_after_context;
  if (slot->fault_sync && !wire_.SendSync()) return false;
  for (std::size_t member = 0; member < group.size(); ++member) {
    for (std::size_t i = 0; i < group[member]->statements.size(); ++i) {
      if (!AddStatement(*group[member], i, member, slot)) return false;
    }
  }
  return true;
}

// It must come before the first query.
bool Pipeline::AddIsolation(Isolation isolation, InFlight* slot) {
  if (isolation == Isolation::kReadCommitted) return true;
  slot->steps.push_back({Step::Kind::kIsolation});
  return wire_.SendText(isolation == Isolation::kSerializable
                            ? "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
                            : "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                        Values{});
}

bool Pipeline::AddStatement(const TenantTransaction& transaction, std::size_t index,
                            std::size_t member, InFlight* slot) {
  const Statement& statement = transaction.statements[index];
  const Values values = bound_.Bind(statement.params);
  const std::string& role = transaction.identity().database_role();
  // Behind a pooler names cannot be deallocated from here. When there are enough, no more are made.
  // A transaction whose statement was gone is sent again without a prepared statement.
  if (!session_.prepared || transaction.plan_was_stale_ ||
      (session_.pooled && !prepared_.HasRoomFor(role, statement.text->name))) {
    slot->steps.push_back({Step::Kind::kStatement, 0, member, index});
    return wire_.SendText(statement.text->sql.c_str(), values);
  }
  const PreparedStatements::Use use = prepared_.Get(role, statement.text->name);
  if (use.made) {
    slot->steps.push_back({Step::Kind::kPrepare, use.id, member, index});
    if (!wire_.SendPrepare(use.name, statement.text->sql.c_str())) return false;
    metrics_.prepared_made.Add();
  }
  slot->steps.push_back({Step::Kind::kStatement, use.id, member, index});
  return wire_.SendPrepared(use.name, values);
}

// It is a transaction of its own, so that it cannot harm others. It needs no context.
void Pipeline::SendEvictions() {
  while (in_flight_.size() + 1 < static_cast<std::size_t>(2 * options_.depth_max)) {
    std::optional<std::string> name = prepared_.Evict();
    if (!name.has_value()) return;
    InFlight& slot = in_flight_.Push();
    slot.housekeeping = true;
    slot.head_since = absl::Now();
    slot.time_max = options_.statement_timeout_max;
    slot.steps.push_back({Step::Kind::kStatement});
    wire_.SendText(absl::StrCat("DEALLOCATE ", *name).c_str(), Values{});
    wire_.SendSync();
    metrics_.prepared_evicted.Add();
  }
}

bool Pipeline::Flush(bool* pending) {
  const Wire::Flushed flushed = wire_.Flush();
  *pending = flushed == Wire::Flushed::kSome;
  return flushed != Wire::Flushed::kBroken;
}

bool Pipeline::OnReadable(absl::Time now) {
  const bool alive = wire_.Receive();
  while (!in_flight_.empty()) {
    Reply reply = wire_.Next();
    if (reply.kind == Reply::Kind::kNothing) break;
    // From a broken connection libpq gives errors, or nothing at all, without end.
    const bool end = reply.kind == Reply::Kind::kEnd;
    Take(std::move(reply), now);
    if (end && !wire_.usable()) break;
  }
  return alive && wire_.usable();
}

void Pipeline::Take(Reply reply, absl::Time now) {
  InFlight& head = in_flight_.front();
  switch (reply.kind) {
    case Reply::Kind::kNothing:
      return;
    case Reply::Kind::kResult:
      return TakeResult(std::move(reply.result), &head);
    case Reply::Kind::kError:
      return TakeError(reply.result.get(), &head);
    case Reply::Kind::kSkipped:
      if (head.step < head.steps.size() && head.steps[head.step].kind == Step::Kind::kPrepare) {
        prepared_.Forget(head.steps[head.step].prepared_id);
      }
      return;
    case Reply::Kind::kEnd:
      if (head.step < head.steps.size()) ++head.step;
      return;
    case Reply::Kind::kSync:
      if (!std::exchange(head.fault_sync, false)) FinishHead(now);
      return;
  }
}

void Pipeline::TakeResult(ResultHandle result, InFlight* head) {
  if (head->step >= head->steps.size()) return;
  const Step& step = head->steps[head->step];
  switch (step.kind) {
    case Step::Kind::kIsolation:
      return;
    case Step::Kind::kContext:
      head->context_rows = PQntuples(result.get());
      return;
    case Step::Kind::kPrepare:
      prepared_.Confirm(step.prepared_id);
      return;
    case Step::Kind::kStatement:
      if (head->housekeeping) return;
      Member& member = head->group[step.member];
      if (member.transaction != nullptr) member.results.emplace_back(result.release());
      return;
  }
}

// An error at the Sync means that the commit failed: a deferred constraint, or a serialization
// failure.
void Pipeline::TakeError(const PGresult* result, InFlight* head) {
  if (head->failure != nullptr) return;
  head->failure = std::make_unique<Failure>(ReadFailure(result));
  Failure& failure = *head->failure;
  if (failure.fatal) farewell_ = failure.error.sqlstate + " " + failure.error.message;
  head->commit_failed = head->step >= head->steps.size();
  if (!head->commit_failed) {
    const Step& step = head->steps[head->step];
    if (step.kind == Step::Kind::kPrepare || step.kind == Step::Kind::kStatement) {
      head->culprit = step.member;
      failure.error.statement = static_cast<int>(step.statement);
    }
    ForgetStatement(step, &failure);
  }
  // A new connection may lead to the new primary.
  if (head->write && failure.error.sqlstate == kReadOnlySqlState) retiring_ = true;
  if (head->housekeeping) LogFailure(failure, "", "housekeeping");
}

// Only a prepared statement can be stale, and only then does it help to send it again.
void Pipeline::ForgetStatement(const Step& step, Failure* failure) {
  failure->stale_plan =
      failure->stale_plan && step.kind == Step::Kind::kStatement && step.prepared_id != 0;
  if (failure->stale_plan || step.kind == Step::Kind::kPrepare) prepared_.Forget(step.prepared_id);
}

void Pipeline::FinishHead(absl::Time now) {
  InFlight& head = in_flight_.front();
  Uncount(head);
  const absl::Duration each =
      (now - head.head_since) /
      static_cast<std::int64_t>(std::max<std::size_t>(head.group.size(), 1));
  for (std::size_t i = 0; i < head.group.size(); ++i) {
    if (head.group[i].transaction == nullptr) continue;
    Outcome outcome = OutcomeOf(&head, i);
    outcome.service_time = each;
    owner_.Ended(std::move(outcome));
  }
  in_flight_.PopFront();
  if (in_flight_.empty()) {
    idle_since_ = now;
  } else {
    in_flight_.front().head_since = now;
  }
}

void Pipeline::Uncount(const InFlight& slot) {
  if (slot.housekeeping) return;
  --transactions_;
  (slot.write ? writes_ : reads_) -= static_cast<int>(slot.group.size());
}

bool Pipeline::WasTried(const InFlight& slot, const Member& member) {
  return member.transaction->validate_only && slot.group.size() == 1 &&
         slot.failure->error.sqlstate == kTriedState;
}

Outcome Pipeline::OutcomeOf(InFlight* slot, std::size_t i) {
  Member& member = slot->group[i];
  Outcome outcome{Outcome::Kind::kCommitted, member.transaction, nullptr, {}, {}};
  if ((slot->failure == nullptr || WasTried(*slot, member)) && slot->context_rows == 1) {
    outcome.results = std::move(member.results);
    return outcome;
  }
  if (slot->group.size() > 1 && slot->culprit != i) {
    outcome.kind = Outcome::Kind::kAborted;
    return outcome;
  }
  outcome.kind = Outcome::Kind::kRefused;
  if (slot->failure != nullptr) {
    outcome.failure = std::make_unique<Failure>(*slot->failure);
    if (outcome.failure->stale_plan) outcome.kind = Outcome::Kind::kStalePlan;
  } else {
    // This cannot happen. If it did, the statements ran without a tenant, and nobody may see their
    // results.
    outcome.failure = std::make_unique<Failure>();
    outcome.failure->error.sqlstate = "XX000";
    outcome.failure->error.message = "the context statement did not give one row";
  }
  return outcome;
}

void Pipeline::AbandonExpired(absl::Time now) {
  for (std::size_t i = 0; i < in_flight_.size(); ++i) {
    for (Member& member : in_flight_.at(i).group) {
      if (member.transaction == nullptr) continue;
      if (now < member.transaction->deadline + kAnswerGrace) continue;
      owner_.Abandoned(std::exchange(member.transaction, nullptr));
    }
  }
}

// What a tenant reads by a statement that is blocked will be as slow. Such reads wait for each
// other: to send them again would only add to the work.
bool Pipeline::HeldUp(const InFlight& slot, std::size_t member) const {
  const InFlight& head = in_flight_.front();
  const TenantTransaction* transaction = slot.group[member].transaction;
  if (&slot == &head || slot.write || transaction == nullptr) return false;
  if (transaction->moves_ >= kMovesMax) return false;
  if (head.write || head.tenant != slot.tenant) return true;
  return std::none_of(slot.steps.begin(), slot.steps.end(), [&](const Step& step) {
    return step.kind == Step::Kind::kStatement && step.member == member && Runs(head, step);
  });
}

// The server may tell how far it has come only when all of it is done. So each statement
// of `slot` may be the one that is running.
bool Pipeline::Runs(const InFlight& slot, const Step& statement) {
  return std::any_of(slot.steps.begin(), slot.steps.end(), [&](const Step& step) {
    return step.prepared_id != 0 && step.prepared_id == statement.prepared_id;
  });
}

const TenantTransaction* Pipeline::FirstHeldUp() const {
  for (std::size_t i = 1; i < in_flight_.size(); ++i) {
    const InFlight& slot = in_flight_.at(i);
    for (std::size_t j = 0; j < slot.group.size(); ++j) {
      if (HeldUp(slot, j)) return slot.group[j].transaction;
    }
  }
  return nullptr;
}

// From the last to the first, because each is put at the front of the queue.
void Pipeline::GiveBackHeldUp() {
  for (std::size_t i = in_flight_.size(); i-- > 1;) {
    InFlight& slot = in_flight_.at(i);
    for (std::size_t j = slot.group.size(); j-- > 0;) {
      if (!HeldUp(slot, j)) continue;
      Member& member = slot.group[j];
      ++member.transaction->moves_;
      owner_.GivenBack(std::exchange(member.transaction, nullptr));
    }
  }
}

// When the server that runs a transaction sends FATAL in the middle of it, the transaction is
// rolled back. When FATAL comes at the Sync, or the connection is lost without it, nobody knows. A
// pooler may send FATAL for reasons of its own.
bool Pipeline::SurelyNotRun(const InFlight& slot) const {
  if (slot.failure == nullptr || slot.commit_failed || session_.pooled) return false;
  const std::string& sqlstate = slot.failure->error.sqlstate;
  // An administrator ended it, or a limit on the time that a transaction may take or be idle for.
  return sqlstate.starts_with("57") || sqlstate.starts_with("25P");
}

Outcome Pipeline::LossOf(InFlight* slot, std::size_t member) {
  // It was refused; only the answer to the Sync is missing.
  if (slot->failure != nullptr && !slot->failure->fatal) return OutcomeOf(slot, member);
  const Outcome::Kind kind = SurelyNotRun(*slot) ? Outcome::Kind::kNotRun : Outcome::Kind::kLost;
  return {kind, slot->group[member].transaction, nullptr, {}, {}};
}

void Pipeline::Lose() {
  while (!in_flight_.empty()) {
    InFlight& slot = in_flight_.front();
    Uncount(slot);
    for (std::size_t i = 0; i < slot.group.size(); ++i) {
      if (slot.group[i].transaction != nullptr) owner_.Ended(LossOf(&slot, i));
    }
    in_flight_.PopFront();
  }
}

}  // namespace tenantry::pg
