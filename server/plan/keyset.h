// The condition that tells which rows come behind a position in an order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/plan/query.h"

namespace tenantry::plan {

// An order term of a statement, and the position there.
struct KeysetTerm {
  std::string expression;            // what rows are compared by, in SQL
  std::optional<std::string> value;  // that of the position, in SQL; nothing: NULL
  bool descending = false;
  bool nulls_first = false;
  bool may_be_null = false;
};

// `terms` is not empty. With `including`, also of the rows that are at the position.
//
// The condition is one that an index on the terms can begin at, where there is such a condition:
// a comparison of rows when all terms go one way and none may be NULL, and otherwise one of the
// first term beside the whole.
std::string BehindPosition(const std::vector<KeysetTerm>& terms, bool including);

}  // namespace tenantry::plan
