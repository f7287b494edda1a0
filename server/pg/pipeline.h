// One connection and the transactions in flight on it. Each travels as
//
//   [context][Parse if new][Bind/Describe/Execute] ... [Parse if new][Bind/Describe/Execute][Sync]
//
// where the statements may be those of a group, and one more may be put behind it at any time. The
// server runs them in order and answers in order; an error skips the rest up to the Sync, and the
// transaction with it. Parse comes after the context because plans under row-level security belong
// to a role.
//
// Used by one thread, its lane.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/pg/executor.h"
#include "server/pg/failure.h"
#include "server/pg/open.h"
#include "server/pg/pg_metrics.h"
#include "server/pg/prepared.h"
#include "server/pg/wire.h"

namespace tenantry::pg {

// How a transaction in flight ended.
struct Outcome {
  enum class Kind {
    kCommitted,
    kRefused,    // the database said no, for certain: `failure`
    kStalePlan,  // as kRefused, because of a prepared statement; sent again it will be prepared
                 // anew
    kAborted,    // another one of its group was refused: nothing came of it
    kNotRun,     // the connection was lost, and for certain before it could commit
    kLost,       // the connection was lost; it may have committed
  };
  Kind kind;
  TenantTransaction* transaction;
  std::unique_ptr<Failure> failure;  // when refused
  absl::InlinedVector<ResultRows, 1> results;
  absl::Duration service_time;  // for how long it kept those behind it waiting
};

class Pipeline {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void Ended(Outcome outcome) = 0;
    // The transaction's deadline has passed and the database has not answered: it is let go. Its
    // place in the pipeline stays taken until the answer comes.
    virtual void Abandoned(TenantTransaction* transaction) = 0;
    // A read that stood behind a blocked transaction is given back, to be sent elsewhere. Its place
    // stays taken as well.
    virtual void GivenBack(TenantTransaction* transaction) = 0;
  };

  Pipeline(TenantConnection opened, const ExecutorOptions& options, Owner& owner,
           PgMetrics& metrics);

  int socket() const { return wire_.socket(); }
  int backend_pid() const { return backend_pid_; }
  // The server's last words, or libpq's. For the log.
  std::string why_lost() const { return farewell_.empty() ? wire_.last_error() : farewell_; }

  bool HasRoomFor(Access access) const;
  // What is in flight, a write counting for several reads: those behind it wait for its fsync.
  int load() const { return reads_ + kWriteWeight * writes_; }
  int in_flight() const { return reads_ + writes_; }
  int reads() const { return reads_; }
  int writes() const { return writes_; }
  bool idle() const { return in_flight_.empty(); }
  // How many of those in flight are this tenant's, also when their callers are gone.
  int HeldBy(const identity::TenantId& tenant, bool writes_only) const;
  // The oldest in flight has been running for longer than `after`.
  bool Blocked(absl::Time now, absl::Duration after) const {
    return !idle() && now - in_flight_.front().head_since > after;
  }
  // No answer for longer than any statement may take: the connection is dead without knowing.
  bool Overdue(absl::Time now) const;
  // Does no more work than it has: the server it leads to turned read-only.
  bool retiring() const { return retiring_; }
  absl::Time idle_since() const { return idle_since_; }

  // Sends `group`, tenant transactions of one identity and access, as one of the database. False:
  // the connection is broken and none of them ran, for certain; they may go elsewhere.
  bool Begin(absl::Span<TenantTransaction* const> group, absl::Time now);
  // Writes what is buffered. False: broken. `pending` is set when the socket takes no more for now.
  bool Flush(bool* pending);
  // Takes what has arrived. False: the connection is lost; call Lose.
  bool OnReadable(absl::Time now);
  void AbandonExpired(absl::Time now);
  // The first read that stands behind somebody else's transaction, or behind a write, and has not
  // moved too often; null when there is none.
  const TenantTransaction* FirstHeldUp() const;
  // Gives back all such reads.
  void GiveBackHeldUp();
  // Ends all in flight for a connection that is lost.
  void Lose();

 private:
  static constexpr int kWriteWeight = 16;
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

  // A message that is answered.
  struct Step {
    enum class Kind : std::uint8_t { kContext, kPrepare, kStatement };
    Kind kind;
    std::uint64_t prepared_id = 0;
    std::size_t member = 0;  // whose statement
  };
  struct Member {
    TenantTransaction* transaction = nullptr;  // null: let go
    absl::InlinedVector<ResultRows, 1> results;
  };
  struct InFlight {
    absl::InlinedVector<Member, 1> group;  // none: housekeeping
    identity::TenantId::Bytes tenant{};
    bool write = false, housekeeping = false;
    absl::InlinedVector<Step, 3> steps;
    std::size_t step = 0;  // the one whose answer comes next; steps.size() at the Sync
    int context_rows = 0;
    std::unique_ptr<Failure> failure;  // the first
    std::size_t culprit = kNobody;     // whose statement failed
    bool commit_failed = false;        // it came at the Sync
    bool fault_sync = false;  // a Sync comes before the last one (fault_sync_after_context)
    absl::Time head_since;
    absl::Duration time_max;  // at the head
  };
  // A ring of InFlight, whose slots keep their storage.
  class Ring {
   public:
    explicit Ring(std::size_t slots) : slots_(slots) {}
    bool empty() const { return count_ == 0; }
    bool full() const { return count_ == slots_.size(); }
    std::size_t size() const { return count_; }
    InFlight& front() { return slots_[first_]; }
    const InFlight& front() const { return slots_[first_]; }
    InFlight& at(std::size_t i) { return slots_[(first_ + i) % slots_.size()]; }
    const InFlight& at(std::size_t i) const { return slots_[(first_ + i) % slots_.size()]; }
    InFlight& Push();
    void PopFront();
    void PopBack() { --count_; }

   private:
    std::vector<InFlight> slots_;
    std::size_t first_ = 0, count_ = 0;
  };

  bool Compose(absl::Span<TenantTransaction* const> group, absl::Time now, InFlight* slot);
  bool AddStatement(const TenantTransaction& transaction, const Statement& statement,
                    std::size_t member, InFlight* slot);
  void SendEvictions();
  void Take(Reply reply, absl::Time now);
  void TakeResult(ResultHandle result, InFlight* head);
  void TakeError(const PGresult* result, InFlight* head);
  void ForgetStatement(const Step& step, Failure* failure);
  void FinishHead(absl::Time now);
  Outcome OutcomeOf(InFlight* slot, std::size_t member);
  Outcome LossOf(InFlight* slot, std::size_t member);
  void Uncount(const InFlight& slot);
  bool HeldUp(const InFlight& slot, const Member& member) const;
  bool SurelyNotRun(const InFlight& slot) const;

  const ExecutorOptions& options_;
  Owner& owner_;
  PgMetrics& metrics_;
  const Session session_;
  Wire wire_;
  PreparedStatements prepared_;
  BoundParams bound_;
  Ring in_flight_;
  int transactions_ = 0;        // in flight, without housekeeping
  int reads_ = 0, writes_ = 0;  // in them, of their groups
  bool retiring_ = false;
  const int backend_pid_;
  std::string farewell_;
  absl::Time idle_since_;
};

}  // namespace tenantry::pg
