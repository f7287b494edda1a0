// Which of a request's rows a call failed for.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "server/plan/plan.h"

namespace tenantry::call {

// Where the status tells the statement or the entry that failed, and that writes rows of the
// request, names their place in the request instead: in its message, as the metadata `field`, and
// as a violation where the request is wrong. Of several rows the database does not tell which one
// it was: then it is the list. A CHECK that a rule of the schema has made is told in the rule's
// words, with the field that it is about, as the server's own check tells it. `first`: the number
// of the call's first statement. `above`: what its request's path begins with.
absl::Status NameFailedRow(const plan::Call& call, const absl::Status& status,
                           std::size_t first = 0, const std::string& above = "");

}  // namespace tenantry::call
