// How many streams are under way: each has a thread and a connection to the database.
#pragma once

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace tenantry::call {

class StreamPlaces {
 public:
  // The place of one stream. It is taken for as long as this exists.
  class Place {
   public:
    Place(Place&& other) noexcept
        : places_(std::exchange(other.places_, nullptr)), tenant_(std::move(other.tenant_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (places_ != nullptr) places_->Free(tenant_);
    }

   private:
    friend class StreamPlaces;
    Place(StreamPlaces& places, std::string tenant)
        : places_(&places), tenant_(std::move(tenant)) {}

    StreamPlaces* places_;
    std::string tenant_;
  };

  // It must outlive its places.
  explicit StreamPlaces(int places_max);

  // RESOURCE_EXHAUSTED with the reason STREAMS_FULL: all places are taken, or three quarters of
  // them by this tenant. Nobody waits: a place may be taken for hours.
  absl::StatusOr<Place> Take(absl::string_view tenant);

 private:
  void Free(const std::string& tenant);

  const int places_max_;
  const int of_one_tenant_max_;
  absl::Mutex mutex_;
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, int> taken_by_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tenantry::call
