// The setting plan-cost-max: how much the database's planner may expect of one call, by role.
//
// The planner is asked with EXPLAIN, in a transaction of the caller's tenant and role, before the
// first call of its kind by a role: one more round trip, and only then. The values of that first
// call stand for those of later ones. What the planner said is kept for ten minutes, since tables
// grow.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/config.h"
#include "server/call/method.h"
#include "server/pg/executor.h"

namespace tenantry::call {

class PlanCosts {
 public:
  // `entries` are well-formed (ParseRoleCost). What is passed must outlive it.
  PlanCosts(const std::vector<std::string>& entries, Environment& environment);

  // Calls `go_on` once, now or later on a lane's thread: with RESOURCE_EXHAUSTED PLAN_TOO_COSTLY
  // when the statements of the transaction would together cost more than its role may, with the
  // error of the question when it could not be asked. The transaction must stay as it is until
  // then.
  void Check(const pg::TenantTransaction& transaction,
             std::function<void(const absl::Status&)> go_on);

 private:
  class Question;
  struct Kept {
    double cost = 0;
    absl::Time at;
  };

  std::optional<double> MostOf(std::string_view role) const;
  // Nothing when the planner is to be asked.
  std::optional<double> Find(const std::string& key);
  void Keep(std::string key, double cost);

  std::vector<RoleCost> most_;
  Environment& environment_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Kept> kept_;  // by role and name of the text
};

}  // namespace tenantry::call
