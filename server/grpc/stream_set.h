// The open streams of the system services, so that a drain can end them. Otherwise a health watch
// or a reflection stream lasts for as long as its client wants.
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

namespace tenantry::rpc {

class EndableStream {
 public:
  virtual ~EndableStream() = default;
  // Finishes the stream soon. Must not call back into the set.
  virtual void End() = 0;
};

class StreamSet {
 public:
  // False after EndAll: the stream must finish by itself.
  bool Add(EndableStream* stream) {
    absl::MutexLock lock(&mutex_);
    if (!ended_) streams_.insert(stream);
    return !ended_;
  }
  void Remove(EndableStream* stream) {
    absl::MutexLock lock(&mutex_);
    streams_.erase(stream);
  }
  void EndAll() {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    for (EndableStream* stream : streams_) stream->End();
  }
  template <typename F>
  void ForEach(F f) {
    absl::MutexLock lock(&mutex_);
    for (EndableStream* stream : streams_) f(stream);
  }

 private:
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<EndableStream*> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tenantry::rpc
