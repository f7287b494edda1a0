#include "server/pg/links.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tenantry::pg {

Access Links::KindFor(Access access) const {
  return options_.write_connections_per_lane > 0 ? access : Access::kReadOnly;
}

bool Links::HasPlaceFor(Access kind) const {
  const int max = kind == Access::kReadOnly ? options_.connections_per_lane
                                            : options_.write_connections_per_lane;
  return std::count_if(links_.begin(), links_.end(),
                       [kind](const auto& link) { return link->kind == kind; }) < max;
}

Link& Links::Add(std::unique_ptr<Pipeline> pipeline, Access kind, absl::Time now) {
  links_.push_back(std::make_unique<Link>());
  Link& link = *links_.back();
  link.pipeline = std::move(pipeline);
  link.kind = kind;
  link.since = now;
  return link;
}

// Among equals the first: the others may grow idle and be closed.
Link* Links::Choose(Access access, absl::Time opened_after, absl::Time now,
                    absl::Duration usual) const {
  const Access kind = KindFor(access);
  // A write takes a read connection only until it has enough of its own: reads that come meanwhile
  // would wait for its fsync.
  const bool may_stray = access == Access::kReadOnly || HasPlaceFor(kind);
  Link* best = nullptr;
  Link* spare = nullptr;
  for (const std::unique_ptr<Link>& link : links_) {
    const Pipeline& pipeline = *link->pipeline;
    if (link->broken || link->since <= opened_after || !pipeline.HasRoomFor(access)) continue;
    if (link->kind != kind) {
      if (spare == nullptr && pipeline.idle() && may_stray) spare = link.get();
      continue;
    }
    if (best != nullptr && pipeline.load() >= best->pipeline->load()) continue;
    if (!pipeline.Stalled(now, usual)) best = link.get();
  }
  return best != nullptr ? best : spare;
}

std::vector<std::unique_ptr<Link>> Links::TakeClosed() {
  auto gone = std::stable_partition(links_.begin(), links_.end(), [](const auto& link) {
    return !link->broken && !link->closing;
  });
  std::vector<std::unique_ptr<Link>> closed(std::make_move_iterator(gone),
                                            std::make_move_iterator(links_.end()));
  links_.erase(gone, links_.end());
  return closed;
}

bool Links::Holds(const Link* link) const {
  return std::any_of(links_.begin(), links_.end(),
                     [link](const auto& held) { return held.get() == link; });
}

bool Links::AllIdle() const {
  return std::all_of(links_.begin(), links_.end(),
                     [](const auto& link) { return link->pipeline->idle(); });
}

}  // namespace tenantry::pg
