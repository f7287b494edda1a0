// A unary call as its transport hands it over. Each transport has its own kind of it: gRPC's is
// UnaryCall (server/grpc/raw_service.h).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/identity/identity.h"

namespace tenantry::call {

// The metadata, the bytes and the deadline of a call, and the way back to its caller. It lives
// until Succeed or Fail, exactly one of which ends it. Any thread may call them. The object may be
// gone before they return.
class IncomingCall : public identity::CallContext {
 public:
  // In the infinite future when the caller sent none.
  virtual absl::Time deadline() const = 0;
  // The request in one piece, valid until the call ends. Not OK when the transport cannot give it.
  virtual absl::StatusOr<std::string_view> RequestBytes() = 0;
  // The caller waits no more. False where the transport does not tell, as for a method that did not
  // ask (Method::hears_cancellation).
  virtual bool cancelled() const = 0;

  // Metadata that goes with the reply; before the end.
  virtual void AddTrailer(const std::string& name, const std::string& value) = 0;
  // Sends the reply. Takes the bytes it needs and leaves `reply` empty; when they were copied, the
  // string keeps its memory for the next reply.
  virtual void Succeed(std::string& reply) = 0;
  // Sends the error, with the details of ToErrorReply (server/call/error_reply.h).
  virtual void Fail(const absl::Status& status, std::string_view request_id) = 0;
};

}  // namespace tenantry::call
