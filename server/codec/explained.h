// Plans of the database's planner, out of the result of an EXPLAIN (FORMAT JSON).
#pragma once

#include <optional>
#include <string_view>

#include "server/base/rows.h"

namespace tenantry::codec {

class PlanText {
 public:
  // `rows` must outlive it.
  explicit PlanText(const Rows& rows);

  // Empty when the result is none of an EXPLAIN.
  std::string_view json() const { return json_; }

  // A number that the plan says of the statement as a whole: "Total Cost", "Plan Rows", "Execution
  // Time". Of those that the parts of a statement have too, its own comes first in the text.
  std::optional<double> Number(std::string_view name) const;

 private:
  std::string_view json_;
};

}  // namespace tenantry::codec
