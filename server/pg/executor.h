// Tenant transactions over pipelined connections: the only way to tenant tables.
//
// One transaction is [context][prepare if new][statement...][Sync] on one connection: one round
// trip. Many are in flight on each connection. Brief reads of one caller that wait at the same time
// share a transaction of the database. A lane is a thread that owns a few connections.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/metrics.h"
#include "server/base/rows.h"
#include "server/base/sql.h"
#include "server/identity/identity.h"

namespace pqxx {
class connection;
}

namespace tenantry::pg {

class Pool;

// Results of one statement; owns them.
class ResultRows final : public Rows {
 public:
  ResultRows() = default;
  explicit ResultRows(void* pg_result) : result_(pg_result) {}  // takes a PGresult
  ResultRows(ResultRows&& other) noexcept;
  ResultRows& operator=(ResultRows&& other) noexcept;
  ~ResultRows() override;

  int row_count() const override;
  int column_count() const override;
  Cell at(int row, int column) const override;
  // The column's type in pg_type; of a domain, the type below it.
  std::uint32_t type(int column) const;
  // Rows that the statement read or changed.
  std::int64_t affected() const;

 private:
  void* result_ = nullptr;
};

struct Statement {
  std::shared_ptr<const SqlText> text;
  SqlParams params;
};

enum class Access { kReadOnly, kReadWrite };

// PostgreSQL manual, "Transaction Isolation".
enum class Isolation { kReadCommitted, kRepeatableRead, kSerializable };

// One transaction to run. Derive from it to receive the outcome; the owner keeps it alive until
// Done returns (Done may delete it).
class TenantTransaction {
 public:
  TenantTransaction(identity::Identity identity, Access access)
      : identity_(std::move(identity)), access_(access) {}
  virtual ~TenantTransaction() = default;

  const identity::Identity& identity() const { return identity_; }
  Access access() const { return access_; }

  absl::InlinedVector<Statement, 1> statements;
  // Ends the transaction wherever it is: in the queue (DEADLINE_EXCEEDED, nothing was sent) or in
  // the database (statement_timeout). No statement runs for longer than statement_timeout_max.
  absl::Time deadline = absl::InfiniteFuture();
  // It may share a transaction of the database, and so a context, with others of the very same
  // identity that wait at the same time. Set it only for brief reads, since all of them are
  // answered together, and only for derived statements, never for hand-written ones: what one
  // statement sets locally, the next would see.
  bool may_share = false;
  // Its last statement raises kTriedState (server/base/sqlstate.h), which takes all of it back. The
  // outcome is OK then, with the results of the statements before that one.
  bool validate_only = false;
  Isolation isolation = Isolation::kReadCommitted;
  std::string request_id;  // for the log
  // Set by the executor. sent_at is absl::Time() until the transaction is sent for the first time.
  absl::Time queued_at, sent_at;

  // Called exactly once, on a lane's thread, or on the submitting one when the transaction is
  // refused at once. It must not block. OK means that the transaction is committed: the answer to
  // its Sync has arrived. `results` holds one entry per statement.
  //
  // Of several statements, without the last of validate_only, an error of the database says in its
  // metadata which one failed, counted from 0, unless it came with the commit.
  //
  // A transaction that the database rolled back for a conflict (conflict.h) runs again, up to
  // conflict_retries_max times, before its caller hears of it.
  //
  // Errors, in addition to those of FromDatabaseError (server/base/status.h), by reason:
  //   QUEUE_FULL            RESOURCE_EXHAUSTED  too many wait; refused at once
  //   QUEUE_WAIT_EXCEEDED   RESOURCE_EXHAUSTED  waited queue_wait_max; nothing was sent
  //   DEADLINE_EXCEEDED     DEADLINE_EXCEEDED   in the queue (nothing sent) or in the database
  //   DATABASE_UNAVAILABLE  UNAVAILABLE         no connection; nothing was changed, try again
  //   DATABASE_UNSAFE       UNAVAILABLE         `verify` refuses the database; nothing was sent
  //   OUTCOME_UNKNOWN       UNAVAILABLE         connection lost under a write: it may have happened
  //   SHUTTING_DOWN         UNAVAILABLE         nothing was changed, try another server
  virtual void Done(absl::Status status, absl::InlinedVector<ResultRows, 1> results) = 0;

 private:
  friend class Backlog;
  friend class Executor;
  friend class Lane;
  friend class Mailbox;
  friend class Pipeline;
  friend class TransactionQueue;

  identity::Identity identity_;
  Access access_;
  absl::Time waits_since_;
  TenantTransaction* next_ = nullptr;  // in a queue
  int connections_lost_ = 0;           // while it was on them; a read is sent again once
  int moves_ = 0;                      // to another connection, since its own was blocked
  int conflicts_ = 0;                  // that the database rolled it back for (conflict.h)
  absl::Time rests_until_;             // after a conflict
  bool plan_was_stale_ = false;        // it is sent again without a prepared statement
};

struct ExecutorOptions {
  std::string database_url;  // libpq connection string or URI
  // Asked before each connection instead, when it is set: the password may have been rotated. Any
  // thread.
  std::function<std::string()> fresh_database_url = nullptr;
  int lanes = 1;                        // threads
  int connections_per_lane = 4;         // for reads; opened as load asks for them
  int write_connections_per_lane = 24;  // for writes; 0: they share those of reads
  int depth_max = 16;                   // transactions in flight per connection
  int write_depth_max = 1;  // of those, writes (what is behind a commit waits for its fsync)
  int reads_per_transaction_max = 16;  // reads that share one (may_share); 1: none do
  int queue_max = 4096;  // transactions waiting over all lanes; more: RESOURCE_EXHAUSTED
  absl::Duration queue_wait_max = absl::Seconds(5);
  absl::Duration down_wait_max =
      absl::Seconds(1);  // in place of queue_wait_max while the database is known to be down
  absl::Duration statement_timeout_max = absl::Seconds(30);
  absl::Duration connect_timeout = absl::Seconds(5);  // and the same again for the first answers
  absl::Duration reconnect_backoff_min = absl::Milliseconds(50);
  absl::Duration reconnect_backoff_max = absl::Seconds(5);
  absl::Duration reconnect_backoff_waited_max =
      absl::Milliseconds(200);                        // the longest while work waits
  absl::Duration idle_timeout = absl::Minutes(10);    // surplus connections are closed after it
  absl::Duration keepalive_idle = absl::Seconds(30);  // TCP keepalive
  // A connection is lost when bytes that were sent are not acknowledged for this long.
  absl::Duration tcp_user_timeout = absl::Seconds(10);
  // A connection is lost when it gives no answer for this long after statement_timeout.
  absl::Duration stall_margin = absl::Seconds(5);
  int conflict_retries_max = 3;         // of a transaction after conflicts (conflict.h)
  bool prepared_statements = true;      // false behind a transaction pooler without support
  int prepared_max = 256;               // per connection; the least recently used is dropped first
  int interactive_connections_max = 4;  // for InteractiveRunner, beside the lanes
  int stream_connections_max = 4;       // for StreamRunner, beside them
  // How often `verify` looks at a database that nothing new connects to; zero: never.
  absl::Duration verify_interval = absl::Seconds(30);
  std::string application_name = "tenantryd";
  // Only for the tests that show that the isolation tests can fail; no setting leads here. The
  // first mistake ends the transaction, and with it the tenant's context, before the statements
  // run. The second lets different callers share a transaction.
  bool fault_sync_after_context = false;
  bool fault_share_with_anybody = false;
};

// The bounded set of lanes. Thread-safe. Connects lazily: constructing it touches no database.
class Executor {
 public:
  // `on_state` is told, from a thread of ours, when the state of the database changes: OK (it can
  // be reached and is safe), UNAVAILABLE (it cannot be reached), or what `verify` said.
  //
  // `verify` runs on every new connection before its first transaction, and every verify_interval.
  // FAILED_PRECONDITION: the database is not safe to use. From then on nothing is sent to it, also
  // on connections that were verified before, and calls are told DATABASE_UNSAFE. Attempts to
  // connect go on, and the first that `verify` passes ends it. Any other error closes the
  // connection and counts as a failed attempt to connect.
  struct Hooks {
    std::function<void(const absl::Status& state)> on_state;
    std::function<absl::Status(pqxx::connection&)> verify;
  };
  Executor(ExecutorOptions options, Hooks hooks, MetricRegistry& metrics);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  ~Executor();  // as Shutdown with a short grace

  // Never blocks. The transaction must live until its Done. Refusals also come through Done.
  void Submit(TenantTransaction* transaction);

  // Starts connecting without waiting for a call.
  void Warm();
  bool reachable() const;

  // Refuses new work, waits for the transactions that are queued and in flight, interactive ones
  // included, and closes the connections. At the end of `grace` it waits no longer.
  void Shutdown(absl::Duration grace);

  // Where connections come from; for MakeInteractiveRunner and MakeStreamRunner.
  Pool& pool();
  const ExecutorOptions& options() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::pg
