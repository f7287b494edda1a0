// The plans of requests that come in many shapes. One cache for all methods, bounded.
#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "server/base/metrics.h"
#include "server/plan/plan.h"
#include "server/plan/shapes.h"

namespace tenantry::plan {

// Thread-safe. When it is full, the plan that was used least recently goes. Calls under way keep
// theirs: a flood of shapes costs plans, never memory.
class PlanCache {
 public:
  // `plans_max`: plans kept over all methods, at least 1.
  PlanCache(std::size_t plans_max, MetricRegistry& metrics, ShapeRules shapes = {});

  // Null when there is none.
  std::shared_ptr<const Plan> Find(std::string_view key);
  // Keeps `plan`, or returns the one that another thread has kept under this key meanwhile.
  std::shared_ptr<const Plan> Keep(std::string key, std::shared_ptr<const Plan> plan);

  // Counts a call whose plan needs no looking up.
  void CountHit() { hits_.Add(); }

  const ShapeRules& shapes() const { return shapes_; }

  // A number for each user, which keeps its keys apart from those of the others.
  int AddUser() { return users_++; }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Plan> plan;
  };
  using Entries = std::list<Entry>;  // least recently used last

  const std::size_t plans_max_;
  const ShapeRules shapes_;
  std::atomic<int> users_{0};
  Counter& hits_;
  Counter& misses_;
  Gauge& size_;
  absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  // The keys are those of the entries, whose addresses do not change.
  absl::flat_hash_map<std::string_view, Entries::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
};

// The plans of one method, in a cache that must outlive it. Thread-safe.
class MethodPlans {
 public:
  MethodPlans(PlanCache& cache, const schema::Method& method);

  // A plan that the cache's rules do not allow says so (Plan::allowed), and is not kept.
  std::shared_ptr<const Plan> FindOrMake(const Query& query, Reply reply) const;

 private:
  // Asks the rules about the new plan of a key.
  std::shared_ptr<const Plan> Judge(std::string_view key, std::shared_ptr<const Plan> plan) const;

  PlanCache& cache_;
  const schema::Method& method_;
  const std::string prefix_;  // of its keys
};

}  // namespace tenantry::plan
