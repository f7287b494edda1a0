// One connection and the transactions in flight on it. Each travels as
//
//   [context][Parse if new][Bind/Describe/Execute] ... [Parse if new][Bind/Describe/Execute][Sync]
//
// where the statements may be those of a group, and an isolation level that is not the default
// comes before the context. Another transaction may be sent behind it at any time. The server runs
// them in order and answers in order. After an error it skips everything up to the Sync, and rolls
// the transaction back. Parse comes after the context because plans under row-level security belong
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
#include "server/pg/route.h"
#include "server/pg/wire.h"

namespace tenantry::pg {

// How a transaction in flight ended.
struct Outcome {
  enum class Kind {
    kCommitted,
    kRefused,    // the database refused it, see `failure`
    kStalePlan,  // as kRefused, because its prepared statement is stale; it may be sent again
    kAborted,    // another one of its group was refused, and it was rolled back with that
    kNotRun,     // the connection was lost, and it certainly did not commit
    kLost,       // the connection was lost; it may have committed
  };
  Kind kind;
  TenantTransaction* transaction;
  std::unique_ptr<Failure> failure;  // when refused
  absl::InlinedVector<ResultRows, 1> results;
  absl::Duration service_time;  // how long those behind it waited for it
};

class Pipeline {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void Ended(Outcome outcome) = 0;
    // The transaction's deadline has passed and the database has not answered. The pipeline does
    // not touch it any more; its place stays taken until the answer comes.
    virtual void Abandoned(TenantTransaction* transaction) = 0;
    // A read that waits behind a blocked transaction is given back, to be sent elsewhere. Here too
    // its place stays taken until the answer comes.
    virtual void GivenBack(TenantTransaction* transaction) = 0;
  };

  Pipeline(TenantConnection opened, const ExecutorOptions& options, Owner& owner,
           PgMetrics& metrics);

  Route route() const { return slot_.route(); }
  int socket() const { return wire_.socket(); }
  int backend_pid() const { return backend_pid_; }
  // The server's last message, or libpq's. For the log.
  std::string why_lost() const { return farewell_.empty() ? wire_.last_error() : farewell_; }

  bool HasRoomFor(Access access) const;
  // How much is in flight. A write counts as several reads, because what is behind it waits for its
  // fsync.
  int load() const { return reads_ + kWriteWeight * writes_; }
  int in_flight() const { return reads_ + writes_; }
  int reads() const { return reads_; }
  int writes() const { return writes_; }
  bool idle() const { return in_flight_.empty(); }
  // How many of the transactions in flight are this tenant's, including those let go.
  int HeldBy(const identity::TenantId& tenant, bool writes_only) const;
  // The oldest in flight has been running for longer than `after`.
  bool Blocked(absl::Time now, absl::Duration after) const {
    return !idle() && now - in_flight_.front().head_since > after;
  }
  // There was no answer for longer than any statement may take: the connection is dead.
  bool Overdue(absl::Time now) const;
  // Takes no new work: its server has become read-only.
  bool retiring() const { return retiring_; }
  absl::Time idle_since() const { return idle_since_; }

  // Sends `group`, tenant transactions of one identity and one access, as one transaction of the
  // database. False: the connection is broken, and none of them ran. They may be sent elsewhere.
  bool Begin(absl::Span<TenantTransaction* const> group, absl::Time now);
  // Writes what is buffered. False: the connection is broken. `pending` is set when the socket
  // takes no more at present.
  bool Flush(bool* pending);
  // Takes what has arrived. False: the connection is lost; call Lose next.
  bool OnReadable(absl::Time now);
  void AbandonExpired(absl::Time now);
  // The first read that waits behind a transaction of another kind (a write, another tenant's, or
  // another statement) and may still be sent elsewhere. Null when there is none.
  const TenantTransaction* FirstHeldUp() const;
  // Gives back all such reads.
  void GiveBackHeldUp();
  // The connection is lost: ends everything in flight.
  void Lose();

 private:
  static constexpr int kWriteWeight = 16;
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

  // A message to which an answer comes.
  struct Step {
    enum class Kind : std::uint8_t { kIsolation, kContext, kPrepare, kStatement };
    Kind kind;
    std::uint64_t prepared_id = 0;
    std::size_t member = 0;     // whose statement
    std::size_t statement = 0;  // which of the member's
  };
  struct Member {
    TenantTransaction* transaction = nullptr;  // null: abandoned or given back
    absl::InlinedVector<ResultRows, 1> results;
  };
  struct InFlight {
    absl::InlinedVector<Member, 1> group;  // empty for housekeeping
    identity::TenantId::Bytes tenant{};
    bool write = false, housekeeping = false;
    absl::InlinedVector<Step, 3> steps;
    std::size_t step = 0;  // whose answer comes next; steps.size() at the Sync
    int context_rows = 0;
    std::unique_ptr<Failure> failure;  // the first one
    std::size_t culprit = kNobody;     // whose statement failed; failure says which
    bool commit_failed = false;        // the failure came at the Sync
    bool fault_sync = false;           // one Sync more comes (fault_sync_after_context)
    absl::Time head_since;
    absl::Duration time_max;  // the longest that it may take once it is at the head
  };
  // A ring of InFlight. Its slots keep their storage.
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
  bool AddIsolation(Isolation isolation, InFlight* slot);
  bool AddStatement(const TenantTransaction& transaction, std::size_t index, std::size_t member,
                    InFlight* slot);
  void SendEvictions();
  void Take(Reply reply, absl::Time now);
  void TakeResult(ResultHandle result, InFlight* head);
  void TakeError(const PGresult* result, InFlight* head);
  void ForgetStatement(const Step& step, Failure* failure);
  void FinishHead(absl::Time now);
  static bool WasTried(const InFlight& slot, const Member& member);
  Outcome OutcomeOf(InFlight* slot, std::size_t member);
  Outcome LossOf(InFlight* slot, std::size_t member);
  void Uncount(const InFlight& slot);
  bool HeldUp(const InFlight& slot, std::size_t member) const;
  static bool Runs(const InFlight& slot, const Step& statement);
  bool SurelyNotRun(const InFlight& slot) const;

  const ExecutorOptions& options_;
  Owner& owner_;
  PgMetrics& metrics_;
  const OpenConnections::Slot slot_;
  const Session session_;
  Wire wire_;
  PreparedStatements prepared_;
  BoundParams bound_;
  Ring in_flight_;
  int transactions_ = 0;        // of the database, in flight, without housekeeping
  int reads_ = 0, writes_ = 0;  // tenant transactions in them
  bool retiring_ = false;
  const int backend_pid_;
  std::string farewell_;
  absl::Time idle_since_;
};

}  // namespace tenantry::pg
