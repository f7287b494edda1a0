// A call whose statements are all known before the first is sent: its transaction goes to a lane,
// in one round trip.
#pragma once

#include <string>

#include "server/call/method.h"
#include "server/pg/executor.h"

namespace tenantry::call {

// The state of a call between its arrival and its reply. It is itself the transaction, and deletes
// itself at its end. Make it with new.
class LaneCall : public pg::TenantTransaction {
 public:
  // Sends the transaction to a lane. When `prepared` is not OK, that is the call's outcome, and
  // nothing is sent.
  void Start(const absl::Status& prepared);

 protected:
  LaneCall(const Frame& frame, Environment& environment, identity::Identity identity,
           pg::Access access, std::string request_id);

  // Whether the call goes on after this outcome: it has other statements then, and was sent again.
  virtual bool GoesOn(const absl::Status& /*outcome*/) { return false; }
  // What the caller is told of this outcome, which is not OK.
  virtual absl::Status Tell(const absl::Status& outcome) { return outcome; }
  // Makes the reply of what the statements found, on a lane's thread. Writes its bytes to `reply`,
  // which is empty. Must not block. When it fails, what it has written is dropped.
  virtual absl::Status Encode(const absl::InlinedVector<pg::ResultRows, 1>& results,
                              std::string& reply) = 0;

  Environment& environment() const { return environment_; }
  IncomingCall& call() const { return frame_.call(); }
  Stopwatch& watch() { return frame_.watch(); }

 private:
  void Done(absl::Status status, absl::InlinedVector<pg::ResultRows, 1> results) final;
  void End(const absl::Status& status, std::string& reply);

  Frame frame_;
  Environment& environment_;
};

}  // namespace tenantry::call
