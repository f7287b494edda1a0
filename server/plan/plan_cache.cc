#include "server/plan/plan_cache.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "server/plan/query_key.h"

namespace tenantry::plan {

PlanCache::PlanCache(std::size_t plans_max, MetricRegistry& metrics, ShapeRules shapes)
    : plans_max_(plans_max),
      shapes_(std::move(shapes)),
      hits_(metrics.counter("tenantry_plan_cache_hits_total", "Calls that found their plan.")),
      misses_(metrics.counter("tenantry_plan_cache_misses_total", "Plans made.")),
      size_(metrics.gauge("tenantry_plan_cache_plans", "Plans in the cache.")) {}

std::shared_ptr<const Plan> PlanCache::Find(std::string_view key) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = by_key_.find(key);
    if (found != by_key_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      hits_.Add();
      return found->second->plan;
    }
  }
  misses_.Add();
  return nullptr;
}

std::shared_ptr<const Plan> PlanCache::Keep(std::string key, std::shared_ptr<const Plan> plan) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) return found->second->plan;
  entries_.push_front({std::move(key), plan});
  by_key_.emplace(entries_.front().key, entries_.begin());
  if (entries_.size() > plans_max_) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  size_.Set(static_cast<std::int64_t>(entries_.size()));
  return plan;
}

namespace {

std::string KeyPrefix(int user) {
  std::string prefix;
  AppendKeyNumber(user, prefix);
  return prefix;
}

}  // namespace

MethodPlans::MethodPlans(PlanCache& cache, const schema::Method& method)
    : cache_(cache), method_(method), prefix_(KeyPrefix(cache.AddUser())) {}

std::shared_ptr<const Plan> MethodPlans::FindOrMake(const Query& query, Reply reply) const {
  std::string key = prefix_;
  AppendKey(query, key);
  std::shared_ptr<const Plan> plan = cache_.Find(key);
  if (plan != nullptr) return plan;
  plan = MakePlan(method_, query, reply);
  if (cache_.shapes().any()) plan = Judge(std::string_view(key).substr(prefix_.size()), plan);
  return plan->allowed ? cache_.Keep(std::move(key), std::move(plan)) : plan;
}

std::shared_ptr<const Plan> MethodPlans::Judge(std::string_view key,
                                               std::shared_ptr<const Plan> plan) const {
  const ShapeRules& rules = cache_.shapes();
  const Shape shape{method_.path, absl::WebSafeBase64Escape({key.data(), key.size()}),
                    plan->text->sql};
  if (rules.record) rules.record(shape);
  if (!rules.allowed.has_value() || rules.allowed->Contains(shape)) return plan;
  auto refused = std::make_shared<Plan>(*plan);
  refused->allowed = false;
  return refused;
}

}  // namespace tenantry::plan
