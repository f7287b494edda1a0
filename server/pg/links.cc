#include "server/pg/links.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tenantry::pg {

bool Links::HasPlaceFor(Route route) const {
  return std::count_if(links_.begin(), links_.end(), [route](const auto& link) {
           return link->route() == route;
         }) < ConnectionsMax(route, options_);
}

Link& Links::Add(std::unique_ptr<Pipeline> pipeline, absl::Time now) {
  links_.push_back(std::make_unique<Link>());
  Link& link = *links_.back();
  link.pipeline = std::move(pipeline);
  link.since = now;
  return link;
}

// A write takes a read connection only until it has enough of its own, and never the last one that
// is free of writes: reads that come meanwhile would wait for its fsync, or for its lock.
bool Links::MayStray(Access access) const {
  if (access == Access::kReadOnly || links_.size() == 1) return true;
  return HasPlaceFor(Route::kWrites) &&
         std::count_if(links_.begin(), links_.end(), [](const auto& link) {
           return link->route() == Route::kReads && link->pipeline->writes() == 0;
         }) > 1;
}

// Among equals the first: the others may grow idle and be closed.
Link* Links::Choose(Access access, absl::Time opened_after, absl::Time now) const {
  const Route route = RouteFor(access);
  // On a connection for writes only a read that strayed can stand before a write. It may be slow,
  // and a write cannot move on from behind it.
  const bool alone = access == Access::kReadWrite && route == Route::kWrites;
  Link* best = nullptr;
  Link* spare = nullptr;
  for (const std::unique_ptr<Link>& link : links_) {
    const Pipeline& pipeline = *link->pipeline;
    if (link->broken || link->since <= opened_after || !pipeline.HasRoomFor(access)) continue;
    if (link->route() != route) {
      if (spare == nullptr && pipeline.idle()) spare = link.get();
      continue;
    }
    if (alone && pipeline.reads() > 0) continue;
    if (best != nullptr && pipeline.load() >= best->pipeline->load()) continue;
    if (!Blocked(*link, now)) best = link.get();
  }
  if (best != nullptr || spare == nullptr) return best;
  return MayStray(access) ? spare : nullptr;
}

int Links::WritesPerLink() const { return std::min(options_.write_depth_max, options_.depth_max); }

// Of the places that a connection has for writes. A read that strayed takes them all.
int Links::PlacesTaken(const Link& link) const {
  const Pipeline& pipeline = *link.pipeline;
  const bool strayed = link.route() == Route::kWrites && pipeline.reads() > 0;
  return strayed ? WritesPerLink() : pipeline.writes();
}

// After the rule of dynamic thresholds for shared buffers (Choudhury and Hahne, 1998): what one may
// hold is a multiple of what is left. A single tenant gets three places of four, the next one three
// of four that remain, and there is one for each that has none.
bool Links::OverShare(const identity::TenantId& tenant, bool can_grow) const {
  constexpr int kShare = 3;
  const Route route = RouteFor(Access::kReadWrite);
  int open = 0, taken = 0;
  for (const std::unique_ptr<Link>& link : links_) {
    if (link->route() != route) continue;
    ++open;
    taken += PlacesTaken(*link);
  }
  const int places = (can_grow ? ConnectionsMax(route, options_) : open) * WritesPerLink();
  const int left = places - taken - 1;           // with one more taken
  if (taken + 1 <= kShare * left) return false;  // even if all of them are this tenant's
  int held = 0;
  for (const std::unique_ptr<Link>& link : links_) {
    if (link->route() == route) held += link->pipeline->HeldBy(tenant, route == Route::kReads);
  }
  return held > 0 && held + 1 > kShare * left;
}

bool Links::AnyBlocked(Route route, absl::Time now) const {
  return std::any_of(links_.begin(), links_.end(), [&](const auto& link) {
    return link->route() == route && Blocked(*link, now);
  });
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
