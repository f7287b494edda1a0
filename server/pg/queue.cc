#include "server/pg/queue.h"

namespace tenantry::pg {

void TransactionQueue::PushBack(TenantTransaction* transaction) {
  transaction->next_ = nullptr;
  if (tail_ != nullptr) {
    tail_->next_ = transaction;
  } else {
    head_ = transaction;
  }
  tail_ = transaction;
  ++size_;
}

void TransactionQueue::PushFront(TenantTransaction* transaction) {
  transaction->next_ = head_;
  head_ = transaction;
  if (tail_ == nullptr) tail_ = transaction;
  ++size_;
}

TenantTransaction* TransactionQueue::PopFront() {
  TenantTransaction* transaction = head_;
  head_ = transaction->next_;
  if (head_ == nullptr) tail_ = nullptr;
  --size_;
  return transaction;
}

void TransactionQueue::RemoveIf(absl::FunctionRef<bool(TenantTransaction*)> leave, int count) {
  TenantTransaction* before = nullptr;  // the last one that stays
  for (TenantTransaction* one = head_; one != nullptr && count > 0; --count) {
    TenantTransaction* next = one->next_;  // `one` may be gone soon
    if (!leave(one)) {
      before = one;
    } else {
      (before != nullptr ? before->next_ : head_) = next;
      if (next == nullptr) tail_ = before;
      --size_;
    }
    one = next;
  }
}

bool Mailbox::Push(TenantTransaction* transaction) {
  TenantTransaction* top = top_.load(std::memory_order_relaxed);
  do {
    if (top == Closed()) return false;
    transaction->next_ = top;
    // seq_cst: a lane that goes to sleep must see this, or the pusher must see it asleep
    // (Reactor::Wait and Wake).
  } while (!top_.compare_exchange_weak(top, transaction, std::memory_order_seq_cst,
                                       std::memory_order_relaxed));
  return true;
}

void Mailbox::TakeAll(TransactionQueue* queue) {
  if (empty()) return;
  Append(top_.exchange(nullptr, std::memory_order_acquire), queue);
}

void Mailbox::Close(TransactionQueue* queue) {
  Append(top_.exchange(Closed(), std::memory_order_acq_rel), queue);
}

void Mailbox::Append(TenantTransaction* stack, TransactionQueue* queue) {
  TenantTransaction* oldest_first = nullptr;
  while (stack != nullptr) {
    TenantTransaction* next = stack->next_;
    stack->next_ = oldest_first;
    oldest_first = stack;
    stack = next;
  }
  while (oldest_first != nullptr) {
    TenantTransaction* next = oldest_first->next_;
    queue->PushBack(oldest_first);
    oldest_first = next;
  }
}

}  // namespace tenantry::pg
