// The ways to the database. A route is a server, the endpoint, and what its connections are for,
// the purpose. Each route has connections of its own, with a limit and a gauge, so that one purpose
// cannot take what another needs.
//
// A further route, such as a replica for reads, is one more line in the table below. What counts
// connections, limits them and lends them asks no more than the table.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

#include "server/base/metrics.h"
#include "server/pg/executor.h"

namespace tenantry::pg {

enum class Route {
  kReads,
  kWrites,
  kInteractive,
  kStreams,
};

// How the connections of a route are used.
enum class Use {
  kByLane,  // each belongs to a lane, which keeps many transactions in flight on it
  kLent,    // each is lent to one transaction at a time, for as long as that runs
};

struct RouteInfo {
  Route route;
  const char* endpoint;
  const char* purpose;
  Use use;
  int ExecutorOptions::*connections_max;  // of each lane, or in all when they are lent
};

// In the order of Route.
inline constexpr std::array kRoutes = {
    RouteInfo{Route::kReads, "primary", "reads", Use::kByLane,
              &ExecutorOptions::connections_per_lane},
    RouteInfo{Route::kWrites, "primary", "writes", Use::kByLane,
              &ExecutorOptions::write_connections_per_lane},
    RouteInfo{Route::kInteractive, "primary", "interactive", Use::kLent,
              &ExecutorOptions::interactive_connections_max},
    RouteInfo{Route::kStreams, "primary", "streams", Use::kLent,
              &ExecutorOptions::stream_connections_max},
};

// Something for each route.
template <typename Value>
class ByRoute {
 public:
  Value& operator[](Route route) { return values_[static_cast<std::size_t>(route)]; }
  const Value& operator[](Route route) const { return values_[static_cast<std::size_t>(route)]; }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::array<Value, kRoutes.size()> values_{};
};

inline constexpr const RouteInfo& InfoOf(Route route) {
  return kRoutes[static_cast<std::size_t>(route)];
}

inline int ConnectionsMax(Route route, const ExecutorOptions& options) {
  return options.*InfoOf(route).connections_max;
}

// The route of a lane's transaction. Writes without connections of their own take those of reads.
inline Route RouteFor(Access access, const ExecutorOptions& options) {
  const bool own = ConnectionsMax(Route::kWrites, options) > 0;
  return access == Access::kReadWrite && own ? Route::kWrites : Route::kReads;
}

// How many connections are open, in all and by route. Any thread.
class OpenConnections {
 public:
  // One of them. It is counted for as long as this exists.
  class Slot {
   public:
    Slot() = default;  // of no connection
    Slot(Slot&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)), route_(other.route_) {}
    Slot& operator=(Slot other) noexcept {
      std::swap(counts_, other.counts_);
      std::swap(route_, other.route_);
      return *this;
    }
    ~Slot() {
      if (counts_ != nullptr) counts_->Count(route_, -1);
    }

    Route route() const { return route_; }

   private:
    friend class OpenConnections;
    Slot(OpenConnections& counts, Route route) : counts_(&counts), route_(route) {
      counts.Count(route, 1);
    }

    OpenConnections* counts_ = nullptr;
    Route route_ = Route::kReads;
  };

  // The gauges and this must outlive the slots.
  explicit OpenConnections(const ByRoute<Gauge*>& gauges) : gauges_(gauges) {}

  Slot Add(Route route) { return Slot(*this, route); }
  int total() const { return total_; }

 private:
  void Count(Route route, int change) {
    total_ += change;
    gauges_[route]->Add(change);
  }

  const ByRoute<Gauge*>& gauges_;
  std::atomic<int> total_{0};
};

}  // namespace tenantry::pg
