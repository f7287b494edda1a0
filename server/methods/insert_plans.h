// How rows of any table are inserted by a method that writes several tables.
#pragma once

#include <memory>

#include "absl/base/call_once.h"
#include "absl/container/flat_hash_map.h"
#include "server/plan/plan.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// The plans, which all methods share: the statements are those of Create and BatchCreate, so that
// the database prepares none anew. Thread-safe.
class InsertPlans {
 public:
  explicit InsertPlans(const schema::Schema& schema);

  // The table has Create. `many`: of several rows, by one statement.
  std::shared_ptr<const plan::Plan> Of(const schema::Table& table, bool many) const;

 private:
  // Made when they are first asked for: most tables have rows of their own calls alone.
  struct Plans {
    const schema::Method* create = nullptr;
    absl::once_flag made;
    std::shared_ptr<const plan::Plan> one, many;
  };
  absl::flat_hash_map<const schema::Table*, std::unique_ptr<Plans>> plans_;
};

}  // namespace tenantry::methods
