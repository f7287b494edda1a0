// The connections of one lane, and which of them the next transaction goes to.
//
// Reads and writes have connections of their own. A read takes tens of microseconds of a backend,
// so many of them share a few connections, pipelined deep; more connections would only add context
// switches. A write ends with a commit that waits for an fsync, which holds up all that is behind
// it and which other backends share: writes spread over many connections, at little depth.
//
// A write may also wait for a lock for as long as its deadline lets it. So no tenant may take all
// places for writes: the more it holds, the more have to be left for others.
#pragma once

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/pipeline.h"
#include "server/pg/route.h"
#include "server/pg/service_time.h"

namespace tenantry::pg {

struct Link {
  Route route() const { return pipeline->route(); }

  std::unique_ptr<Pipeline> pipeline;
  absl::Time since;
  bool touched = false;      // has something to write
  bool wants_write = false;  // the reactor waits for the socket to take more
  bool broken = false;       // it is closed in the next turn, and what is in flight is lost
  bool closing = false;      // it is idle and is closed in the next turn
};

class Links {
 public:
  explicit Links(const ExecutorOptions& options) : options_(options) {}

  // The route that a transaction which reads or writes should take.
  Route RouteFor(Access access) const { return pg::RouteFor(access, options_); }
  // One more connection of this route may be opened.
  bool HasPlaceFor(Route route) const;

  Link& Add(std::unique_ptr<Pipeline> pipeline, absl::Time now);

  // The least loaded connection of the right route, else an idle one of the other; null when there
  // is no room. Never one that is blocked, nor one opened at or before `opened_after`.
  Link* Choose(Access access, absl::Time opened_after, absl::Time now) const;
  // Whether `tenant` holds so many of the places for writes that those left are for others.
  // `can_grow` says whether connections that are not open yet count as places.
  bool OverShare(const identity::TenantId& tenant, bool can_grow) const;
  // Its oldest transaction takes much longer than usual. Nothing more is put on this connection.
  bool Blocked(const Link& link, absl::Time now) const {
    return link.pipeline->Blocked(now, service_time_.blocked_after());
  }
  bool AnyBlocked(Route route, absl::Time now) const;
  ServiceTime& service_time() { return service_time_; }

  // Takes out the connections that are broken or closing.
  std::vector<std::unique_ptr<Link>> TakeClosed();

  bool empty() const { return links_.empty(); }
  std::size_t size() const { return links_.size(); }
  bool AllIdle() const;
  bool Holds(const Link* link) const;
  auto begin() const { return links_.begin(); }
  auto end() const { return links_.end(); }
  void Clear() { links_.clear(); }

 private:
  int WritesPerLink() const;
  int PlacesTaken(const Link& link) const;
  bool MayStray(Access access) const;

  const ExecutorOptions& options_;
  std::vector<std::unique_ptr<Link>> links_;
  ServiceTime service_time_;
};

}  // namespace tenantry::pg
