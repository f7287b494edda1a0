// What the database's planner says of a statement: the EXPLAIN (FORMAT JSON) of it, and its result.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "server/base/rows.h"
#include "server/base/sql.h"

namespace tenantry::codec {

// The text that asks for the plan of a statement, with the same parameters. With `analyze` it also
// runs the statement, and says what it did. A text that asks for a plan already stays as it is.
std::shared_ptr<const SqlText> Explained(const SqlText& text, bool analyze);

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
