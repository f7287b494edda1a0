// The transactions that wait in a lane: in which order they are sent, and which are sent together.
#pragma once

#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/queue.h"

namespace tenantry::pg {

// Tenant transactions that are sent as one transaction of the database.
using Group = absl::InlinedVector<TenantTransaction*, 16>;

// There is one queue of reads and one of writes. A transaction that would take more than its
// tenant's share of connections is held back in a line of that tenant's own, so that others go past
// it.
//
// Used by one thread. Does not own the transactions.
class Backlog {
 public:
  explicit Backlog(const ExecutorOptions& options) : options_(options) {}

  bool empty() const { return reads_.empty() && writes_.empty() && lines_.empty(); }
  void Add(TenantTransaction* transaction) { QueueOf(transaction->access()).PushBack(transaction); }
  // Puts it before all others.
  void PutBack(TenantTransaction* transaction) {
    QueueOf(transaction->access()).PushFront(transaction);
  }

  // Of the queues that are asked for, the one whose first transaction has waited longest. Null when
  // they are empty. The lines are not looked at.
  TransactionQueue* First(bool reads, bool writes);
  // Takes the first out of `queue`, which must not be empty, and with it those that are to share
  // its transaction: at most `size_max` in all.
  Group Take(TransactionQueue& queue, int size_max, absl::Time now) const;
  // Moves the first of `queue`, which must not be empty, to the end of its tenant's line.
  void HoldBack(TransactionQueue& queue);
  // Calls `visit` with each line. `visit` may take transactions out.
  void VisitLines(absl::FunctionRef<void(TransactionQueue&)> visit);
  // Takes out the transactions for which `leave` returns true. `leave` may end them.
  void RemoveIf(absl::FunctionRef<bool(TenantTransaction*)> leave);

 private:
  struct Line {
    identity::TenantId tenant;
    Access access;
    TransactionQueue queue;  // not empty
  };

  TransactionQueue& QueueOf(Access access) {
    return access == Access::kReadOnly ? reads_ : writes_;
  }
  void DropEmptyLines();
  bool MayShare(const TenantTransaction& transaction, absl::Time now) const;
  bool Alike(const TenantTransaction& one, const TenantTransaction& other, absl::Time now) const;

  const ExecutorOptions& options_;
  TransactionQueue reads_, writes_;
  std::vector<Line> lines_;
};

}  // namespace tenantry::pg
