// A call as its transport hands it over. Each transport has its own kinds of it: gRPC's are
// UnaryCall (server/grpc/raw_service.h) and MethodStream (server/grpc/method_stream.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/identity/identity.h"

namespace tenantry::call {

// The messages to a caller who is answered with several.
class ReplyStream {
 public:
  virtual ~ReplyStream() = default;

  // Sends a message. Blocks until the one before it has gone out, so that no more than two are
  // held. CANCELLED: the caller has gone. DEADLINE_EXCEEDED with the reason STREAM_IDLE: it has
  // taken nothing for `idle_max`.
  virtual absl::Status Send(std::string message, absl::Duration idle_max) = 0;
};

// The messages of a caller who sends several.
class RequestStream {
 public:
  virtual ~RequestStream() = default;

  // Waits for the next message, which is valid until the next call; nothing at the end of the
  // stream, which may also be that of the connection. CANCELLED: the caller has gone.
  // DEADLINE_EXCEEDED with the reason STREAM_IDLE: it has sent nothing for `idle_max`.
  virtual absl::StatusOr<std::optional<std::string_view>> Receive(absl::Duration idle_max) = 0;
};

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

  // Of a method that streams its reply (Method::streams); null of any other.
  virtual ReplyStream* replies() { return nullptr; }
  // Of a method whose request is a stream: in place of RequestBytes.
  virtual RequestStream* requests() { return nullptr; }

  // Metadata that goes with the reply; before the end.
  virtual void AddTrailer(const std::string& name, const std::string& value) = 0;
  // Sends the reply. Takes the bytes it needs and leaves `reply` empty; when they were copied, the
  // string keeps its memory for the next reply. A stream ends, and `reply` is empty.
  virtual void Succeed(std::string& reply) = 0;
  // Sends the error, with the details of ToErrorReply (server/call/error_reply.h).
  virtual void Fail(const absl::Status& status, std::string_view request_id) = 0;
};

}  // namespace tenantry::call
