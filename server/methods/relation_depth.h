// How far down a request goes from relation to relation.
#pragma once

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "server/methods/standard_method.h"
#include "server/plan/validate.h"

namespace tenantry::methods {

// Whether a relation that is number `depth` on its way, counted from 1, is one too many. A
// violation of `path` then.
inline bool IsTooDeep(std::size_t depth, const RequestLimits& limits, const plan::Path& path,
                      plan::Violations& violations) {
  if (depth <= static_cast<std::size_t>(limits.select_depth_max)) return false;
  violations.Add(path, absl::StrCat("is relation number ", depth, " on its way down; at most ",
                                    limits.select_depth_max, " are possible (select-depth-max)"));
  return true;
}

}  // namespace tenantry::methods
