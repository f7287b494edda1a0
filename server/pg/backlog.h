// What waits in a lane to be sent: the order in which it goes, and in what company.
#pragma once

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/queue.h"

namespace tenantry::pg {

// Tenant transactions that travel as one of the database.
using Group = absl::InlinedVector<TenantTransaction*, 16>;

// Used by one thread; does not own.
class Backlog {
 public:
  explicit Backlog(const ExecutorOptions& options) : options_(options) {}

  bool empty() const { return reads_.empty() && writes_.empty(); }
  void Add(TenantTransaction* transaction) { QueueOf(transaction->access()).PushBack(transaction); }
  // Before all others.
  void PutBack(TenantTransaction* transaction) {
    QueueOf(transaction->access()).PushFront(transaction);
  }

  // The one that came first, of reads, writes or both; null when there is none.
  TenantTransaction* First(bool reads, bool writes) const;
  // Takes out the first of `access`, of which there is one, with those that are to share its
  // transaction: at most `size_max` in all.
  Group Take(Access access, int size_max, absl::Time now);
  // Takes out those that `leave` says yes to; it may end them.
  void RemoveIf(absl::FunctionRef<bool(TenantTransaction*)> leave);

 private:
  TransactionQueue& QueueOf(Access access) {
    return access == Access::kReadOnly ? reads_ : writes_;
  }
  bool MayShare(const TenantTransaction& transaction, absl::Time now) const;
  bool Alike(const TenantTransaction& one, const TenantTransaction& other, absl::Time now) const;

  const ExecutorOptions& options_;
  TransactionQueue reads_, writes_;
};

}  // namespace tenantry::pg
