#include "server/call/stream_places.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace tenantry::call {
namespace {

absl::Status Full(absl::string_view whose, int places_max) {
  return MakeError(absl::StatusCode::kResourceExhausted,
                   ToStd(absl::StrCat(whose, places_max,
                                      " streams are under way, which is the most "
                                      "(stream-connections-max); try again later")),
                   {.reason = "STREAMS_FULL", .metadata = {}, .violations = {}});
}

}  // namespace

StreamPlaces::StreamPlaces(int places_max)
    : places_max_(places_max), of_one_tenant_max_(std::max(1, places_max * 3 / 4)) {}

absl::StatusOr<StreamPlaces::Place> StreamPlaces::Take(absl::string_view tenant) {
  absl::MutexLock lock(&mutex_);
  if (taken_ >= places_max_) return Full("", places_max_);
  int& own = taken_by_[tenant];
  if (own >= of_one_tenant_max_) return Full("of this tenant ", of_one_tenant_max_);
  ++own;
  ++taken_;
  return Place(*this, std::string(tenant));
}

void StreamPlaces::Free(const std::string& tenant) {
  absl::MutexLock lock(&mutex_);
  --taken_;
  const auto own = taken_by_.find(tenant);
  if (--own->second == 0) taken_by_.erase(own);
}

}  // namespace tenantry::call
