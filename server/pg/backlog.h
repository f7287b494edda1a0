// What waits in a lane to be sent: the order in which it goes, and in what company.
#pragma once

#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/queue.h"

namespace tenantry::pg {

// Tenant transactions that travel as one of the database.
using Group = absl::InlinedVector<TenantTransaction*, 16>;

// Used by one thread; does not own.
//
// All wait in two queues, of reads and of writes. What a tenant would take more than its share with
// is held back in a line of that tenant's own, so that others go past it.
class Backlog {
 public:
  explicit Backlog(const ExecutorOptions& options) : options_(options) {}

  bool empty() const { return reads_.empty() && writes_.empty() && lines_.empty(); }
  void Add(TenantTransaction* transaction) { QueueOf(transaction->access()).PushBack(transaction); }
  // Before all others.
  void PutBack(TenantTransaction* transaction) {
    QueueOf(transaction->access()).PushFront(transaction);
  }

  // The queue whose first came first, of reads, writes or both; null when they are empty. Without
  // the lines.
  TransactionQueue* First(bool reads, bool writes);
  // Takes out the first of `queue`, of which there is one, with those that are to share its
  // transaction: at most `size_max` in all.
  Group Take(TransactionQueue& queue, int size_max, absl::Time now) const;
  // Puts the first of `queue`, of which there is one, at the end of its tenant's line.
  void HoldBack(TransactionQueue& queue);
  // Calls `visit` with each line, which may take from it.
  void VisitLines(absl::FunctionRef<void(TransactionQueue&)> visit);
  // Takes out those that `leave` says yes to; it may end them.
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
