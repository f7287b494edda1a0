// One method, and what each of its calls has around it whatever the method does: identity, request
// id, metrics, log line and errors. Derived methods and those written by hand are kinds of it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/base/metrics.h"
#include "server/call/call_metrics.h"
#include "server/call/incoming_call.h"
#include "server/identity/identity.h"
#include "server/pg/executor.h"

namespace tenantry::call {

// What all calls of a server share.
struct Environment {
  const identity::Authenticator& authenticator;
  // Takes the transaction over, which deletes itself in Done. Never blocks.
  std::function<void(pg::TenantTransaction*)> submit;
  std::size_t violations_max;   // that one reply names
  std::size_t reply_bytes_max;  // of what hand-written methods send
  MetricRegistry& metrics;
  StageMetrics stages{metrics};
};

class Method;

// The frame of one call, from its arrival to its end. A call carries it along.
class Frame {
 public:
  Frame(Method& method, IncomingCall& call) : method_(&method), call_(&call) {}

  IncomingCall& call() const { return *call_; }
  Stopwatch& watch() { return watch_; }

  // Counts the call, writes its log line and sends the reply, or the error when `status` is not OK.
  // `reply` is empty then. `identity` is null while it is not known who is calling.
  void End(const absl::Status& status, std::string& reply, std::string_view request_id,
           const identity::Identity* identity);

 private:
  Method* method_;
  IncomingCall* call_;
  Stopwatch watch_;
};

class Method {
 public:
  // `path`: "/package.Service/Method". The environment must outlive the method.
  Method(std::string path, Environment& environment);
  virtual ~Method() = default;
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;

  const std::string& path() const { return path_; }
  // Its transport should tell a call that its caller waits no more. That costs each call a little.
  virtual bool hears_cancellation() const { return false; }
  // What of it is a stream of messages (IncomingCall::requests and replies). Streams hear of
  // cancellation.
  enum class Streams { kNothing, kRequest, kReply };
  virtual Streams streams() const { return Streams::kNothing; }

  // Runs one call. It does not block: what waits for the database goes on on other threads.
  void Handle(IncomingCall& call);

 protected:
  // The rest of a call whose caller is known. Must see to it that the frame's End is called once.
  virtual void Begin(Frame frame, identity::Identity identity, std::string request_id) = 0;

  Environment& environment() const { return environment_; }

 private:
  friend class Frame;

  const std::string path_;
  Environment& environment_;
  MethodMetrics metrics_;
};

using MethodList = std::vector<std::unique_ptr<Method>>;

// RESOURCE_EXHAUSTED: a reply has more than Environment::reply_bytes_max.
absl::Status ReplyTooLarge(std::size_t bytes_max);

// Reads `bytes` as the message that `request` is. INVALID_ARGUMENT says which fields are wrong.
absl::Status Decode(std::string_view bytes, std::size_t violations_max,
                    google::protobuf::Message& request);

}  // namespace tenantry::call
