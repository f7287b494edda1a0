#include "server/pg/conflict.h"

#include <algorithm>

namespace tenantry::pg {
namespace {

constexpr absl::Duration kFirstRestMax = absl::Milliseconds(10);
constexpr absl::Duration kRestMax = absl::Milliseconds(100);

}  // namespace

bool IsConflict(std::string_view sqlstate) { return sqlstate == "40001" || sqlstate == "40P01"; }

absl::Duration RestAfterConflict(int times, std::minstd_rand& random) {
  absl::Duration longest = kFirstRestMax;
  for (int i = 1; i < times && longest < kRestMax; ++i) longest *= 2;
  return std::uniform_real_distribution<double>(0, 1)(random) * std::min(longest, kRestMax);
}

}  // namespace tenantry::pg
