// How the database would run a statement of a tenant.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/postgres.h"

namespace tenantry::test {

// The generic plan, line by line, as the server's own login makes it in the role of a caller.
std::vector<std::string> Explain(const Database& database, const std::string& sql,
                                 std::size_t parameters);

// What became of the policy, whose function is inlined.
struct PolicyChecks {
  int once = 0;     // One-Time Filters
  int per_row = 0;  // anywhere else
};
PolicyChecks FindPolicyChecks(const std::vector<std::string>& plan);

}  // namespace tenantry::test
