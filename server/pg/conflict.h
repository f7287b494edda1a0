// Transactions that got in each other's way: a serialization failure (40001) or a deadlock (40P01).
// The database has rolled back one of them, and it may well succeed when it runs again.
#pragma once

#include <random>
#include <string_view>

#include "absl/time/time.h"

namespace tenantry::pg {

bool IsConflict(std::string_view sqlstate);

// How long to wait before the transaction runs again, when it has been rolled back `times` times,
// at least 1. Random, so that those which met do not meet again, and longer each time, up to a
// tenth of a second.
absl::Duration RestAfterConflict(int times, std::minstd_rand& random);

}  // namespace tenantry::pg
