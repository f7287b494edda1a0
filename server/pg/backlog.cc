#include "server/pg/backlog.h"

#include <algorithm>

namespace tenantry::pg {
namespace {

// How many waiting transactions are looked at to find those that may share one.
constexpr int kScanMax = 64;

}  // namespace

TransactionQueue* Backlog::First(bool reads, bool writes) {
  const TenantTransaction* read = reads ? reads_.front() : nullptr;
  const TenantTransaction* write = writes ? writes_.front() : nullptr;
  if (read == nullptr && write == nullptr) return nullptr;
  if (read == nullptr || write == nullptr) return read != nullptr ? &reads_ : &writes_;
  return write->queued_at < read->queued_at ? &writes_ : &reads_;
}

Group Backlog::Take(TransactionQueue& queue, int size_max, absl::Time now) const {
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

void Backlog::HoldBack(TransactionQueue& queue) {
  TenantTransaction* first = queue.PopFront();
  auto line = std::find_if(lines_.begin(), lines_.end(), [first](const Line& one) {
    return one.access == first->access() && one.tenant == first->identity().tenant();
  });
  if (line == lines_.end()) {
    line = lines_.insert(line, Line{first->identity().tenant(), first->access(), {}});
  }
  line->queue.PushBack(first);
}

void Backlog::VisitLines(absl::FunctionRef<void(TransactionQueue&)> visit) {
  if (lines_.empty()) return;
  for (Line& line : lines_) visit(line.queue);
  DropEmptyLines();
}

void Backlog::RemoveIf(absl::FunctionRef<bool(TenantTransaction*)> leave) {
  reads_.RemoveIf(leave);
  writes_.RemoveIf(leave);
  for (Line& line : lines_) line.queue.RemoveIf(leave);
  DropEmptyLines();
}

void Backlog::DropEmptyLines() {
  std::erase_if(lines_, [](const Line& line) { return line.queue.empty(); });
}

// A transaction that was sent before goes alone: it failed together with others, or its connection
// was lost.
bool Backlog::MayShare(const TenantTransaction& transaction, absl::Time now) const {
  return transaction.may_share && transaction.access() == Access::kReadOnly &&
         transaction.sent_at == absl::Time() && now < transaction.deadline;
}

// They must have similar times left. Otherwise the statement of a caller with little time could run
// for as long as another caller would let it.
bool Backlog::Alike(const TenantTransaction& one, const TenantTransaction& other,
                    absl::Time now) const {
  if (!(one.identity() == other.identity()) && !options_.fault_share_with_anybody) return false;
  const auto left = [&](const TenantTransaction& transaction) {
    return std::min(transaction.deadline - now, options_.statement_timeout_max);
  };
  return left(one) <= 2 * left(other) && left(other) <= 2 * left(one);
}

}  // namespace tenantry::pg
