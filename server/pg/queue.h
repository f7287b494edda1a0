// Queues of transactions. They are intrusive, so that waiting allocates nothing.
#pragma once

#include <atomic>
#include <limits>

#include "absl/functional/function_ref.h"
#include "server/pg/executor.h"

namespace tenantry::pg {

// First in, first out. Not thread-safe. Does not own the transactions.
class TransactionQueue {
 public:
  bool empty() const { return head_ == nullptr; }
  TenantTransaction* front() const { return head_; }
  int size() const { return size_; }

  void PushBack(TenantTransaction* transaction);
  void PushFront(TenantTransaction* transaction);
  TenantTransaction* PopFront();
  // Takes out, in order, those of the first `count` for which `leave` returns true. `leave` may end
  // the transaction.
  void RemoveIf(absl::FunctionRef<bool(TenantTransaction*)> leave,
                int count = std::numeric_limits<int>::max());

 private:
  TenantTransaction* head_ = nullptr;
  TenantTransaction* tail_ = nullptr;
  int size_ = 0;
};

// Any thread puts transactions in; the owning thread takes them out. Without locks.
class Mailbox {
 public:
  // False when it is closed.
  bool Push(TenantTransaction* transaction);
  bool empty() const { return top_.load(std::memory_order_acquire) == nullptr; }
  // Moves everything to the end of `queue`, in the order in which it came.
  void TakeAll(TransactionQueue* queue);
  // As TakeAll. From now on nothing is accepted.
  void Close(TransactionQueue* queue);

 private:
  static TenantTransaction* Closed() { return reinterpret_cast<TenantTransaction*>(1); }
  static void Append(TenantTransaction* stack, TransactionQueue* queue);

  std::atomic<TenantTransaction*> top_{nullptr};  // newest first
};

}  // namespace tenantry::pg
