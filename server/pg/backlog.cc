#include "server/pg/backlog.h"

#include <algorithm>

namespace tenantry::pg {
namespace {

// So many that wait are looked at for those that may share a transaction.
constexpr int kScanMax = 64;

}  // namespace

TenantTransaction* Backlog::First(bool reads, bool writes) const {
  TenantTransaction* read = reads ? reads_.front() : nullptr;
  TenantTransaction* write = writes ? writes_.front() : nullptr;
  if (read == nullptr || write == nullptr) return read != nullptr ? read : write;
  return write->queued_at < read->queued_at ? write : read;
}

Group Backlog::Take(Access access, int size_max, absl::Time now) {
  TransactionQueue& queue = QueueOf(access);
  const TenantTransaction& first = *queue.front();
  Group group = {queue.PopFront()};
  if (size_max <= 1 || !MayShare(first, now)) return group;
  queue.RemoveIf(
      [&](TenantTransaction* other) {
        const bool joins = static_cast<int>(group.size()) < size_max && MayShare(*other, now) &&
                           Alike(first, *other, now);
        if (joins) group.push_back(other);
        return joins;
      },
      kScanMax);
  return group;
}

void Backlog::RemoveIf(absl::FunctionRef<bool(TenantTransaction*)> leave) {
  reads_.RemoveIf(leave);
  writes_.RemoveIf(leave);
}

// What was sent before and failed in company, or lost its connection, goes alone.
bool Backlog::MayShare(const TenantTransaction& transaction, absl::Time now) const {
  return transaction.may_share && transaction.access() == Access::kReadOnly &&
         transaction.sent_at == absl::Time() && now < transaction.deadline;
}

// Similar times left: a caller in a hurry must not have a statement run for as long as a patient
// one would let it.
bool Backlog::Alike(const TenantTransaction& one, const TenantTransaction& other,
                    absl::Time now) const {
  if (!(one.identity() == other.identity()) && !options_.fault_share_with_anybody) return false;
  const auto left = [&](const TenantTransaction& transaction) {
    return std::min(transaction.deadline - now, options_.statement_timeout_max);
  };
  return left(one) <= 2 * left(other) && left(other) <= 2 * left(one);
}

}  // namespace tenantry::pg
