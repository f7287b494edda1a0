// libpq and libpqxx wait without limit. The watchdog ends such waits: it shuts a connection's
// socket down when its time is over, or when everything is to stop. The library then reports a lost
// connection.
#pragma once

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tenantry::pg {

class Watchdog {
 public:
  // Watches one socket for as long as the Watch exists. Any thread.
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
    // A copy. libpq may close its own meanwhile, and the number may then be that of another socket.
    const int socket_;
    const absl::Time until_;
    bool fired_ = false;  // guarded by the mutex of the watchdog
  };

  Watchdog();
  // No Watch may exist any more.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Shuts down the sockets of all watches, and from now on that of each new one at once.
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
