// Ends waits inside libpq and libpqxx, which know no limit: shuts a connection's socket down when
// its time is over, or when everything is to stop, and the library reports a lost connection.
#pragma once

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tenantry::pg {

class Watchdog {
 public:
  // Over one socket, for as long as it lives. Any thread.
  class Watch {
   public:
    Watch(Watchdog& watchdog, int socket, absl::Time until);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    bool fired() const;

   private:
    friend class Watchdog;

    Watchdog& watchdog_;
    // A copy: libpq may close its own meanwhile, and the number be given to another.
    const int socket_;
    const absl::Time until_;
    bool fired_ = false;  // guarded by the watchdog's mutex
  };

  Watchdog();
  // No watch may be left.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Fires every watch, and from now on each as soon as it begins.
  void Stop();
  bool stopped() const;

 private:
  void Run();
  void Begin(Watch* watch);
  void End(Watch* watch);
  void FireDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<Watch*> watches_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();  // look at them by then
  bool look_ ABSL_GUARDED_BY(mutex_) = false;                         // or now
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace tenantry::pg
