// The statements of a migration, ordered by what each needs, makes and destroys.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/migrate/statement.h"

namespace tenantry::migrate {

// When a step runs, unless a dependency says otherwise: first what only gives names, then what is
// added, then what is built and validated beside the old, then the switch, and last what goes.
enum class Phase {
  kRename,
  kMakeTypes,
  kLabels,
  kDropViews,  // what hangs on columns that go or change
  kDetach,     // what is in the way of a change of type, and comes back
  kRetype,
  kMake,
  kDropPolicies,
  kMakePolicies,
  kAttach,
  kFill,
  kBuild,
  kValidate,
  kSwitch,
  kViews,      // before what only the views of before speak of goes
  kFunctions,  // when all is there that they speak of
  kDetachOld,
  kDropIndexes,
  kDrop,
  kDropTypes,
  kDropNamespaces,
};

struct Step {
  Phase phase;
  Statement statement;
  // Objects, as `index saas.contacts_email_key`.
  std::vector<std::string> makes = {}, needs = {}, destroys = {};
};

class Steps {
 public:
  void Add(Step step) { steps_.push_back(std::move(step)); }
  bool empty() const { return steps_.empty(); }

  // Whatever needs an object comes after what makes it and before what destroys it. Among steps
  // that may come next, the earliest phase is first, and within a phase the order of Add. INTERNAL,
  // with the statements, when they depend on each other in a circle.
  absl::StatusOr<Statements> InOrder() const;

 private:
  std::vector<Step> steps_;
};

}  // namespace tenantry::migrate
