// What all calls have in common whose reply or request is a stream: a place among the streams, and
// a thread for as long as they last.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/call/derived.h"
#include "server/call/method.h"
#include "server/call/stream_places.h"
#include "server/call/worker_pool.h"
#include "server/codec/row_stream.h"
#include "server/pg/stream.h"

namespace tenantry::call {

// What all streams share, beside what all calls of derived methods share.
struct StreamEnvironment {
  pg::StreamRunner& runner;
  WorkerPool& workers;  // has a thread for each place
  StreamPlaces& places;
  codec::StreamLimits limits;
  absl::Duration time_max;  // of a stream
  absl::Duration idle_max;  // that a caller may take to take a message, or to send one
};

// One call. It lives until its end was sent.
class StreamedCall {
 public:
  StreamedCall(const Frame& frame, Environment& environment, DerivedEnvironment& derived,
               StreamEnvironment& streams, identity::Identity identity, std::string request_id);
  virtual ~StreamedCall() = default;

  // Runs the call on a thread of its own, or ends it with the reason why there is none.
  static void Start(const std::shared_ptr<StreamedCall>& call);
  // Ends the call, and frees its place before the caller hears of it.
  void End(const absl::Status& status, std::string reply = {});

 protected:
  IncomingCall& call() const { return frame_.call(); }
  Stopwatch& watch() { return frame_.watch(); }
  Environment& environment() const { return environment_; }
  DerivedEnvironment& derived() const { return derived_; }
  StreamEnvironment& streams() const { return streams_; }
  const identity::Identity& identity() const { return identity_; }
  const std::string& request_id() const { return request_id_; }

  pg::InteractiveTerms Terms() const;
  // The one statement of a planned call.
  pg::Statement Bind(plan::Call& planned) const;

 private:
  // To the end, on a worker.
  virtual void Run() = 0;

  Frame frame_;
  Environment& environment_;
  DerivedEnvironment& derived_;
  StreamEnvironment& streams_;
  const identity::Identity identity_;
  const std::string request_id_;
  std::optional<StreamPlaces::Place> place_;
};

}  // namespace tenantry::call
