// Calls any derived method of a schema over a channel, with requests and replies as dynamic
// messages, and shows all that the reply carried.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/cpp/error.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "server/schema/schema.h"

namespace tenantry::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct CallOptions {
  Headers headers;
  absl::Duration timeout = absl::Seconds(30);
};

// The headers of a caller. Empty parts are left out.
Headers As(std::string_view tenant, std::string_view role = "", std::string_view user = "");
// The same, with an id that errors repeat: two calls with one id can be compared byte for byte.
Headers WithRequestId(Headers headers, std::string_view request_id);

struct CallResult {
  grpc::Status status;
  client::Error error;                               // of a failed call
  std::string bytes;                                 // of the reply
  std::unique_ptr<google::protobuf::Message> reply;  // null when the call failed
  std::map<std::string, std::string> trailers;       // trailing metadata

  bool ok() const { return status.ok(); }
  // All that a failure tells, in one form: two refusals are alike exactly when these are equal.
  std::string Refusal() const;
  // Text of the reply, or of the error: for messages of failing tests.
  std::string ToString() const;
};

// For failing tests.
inline void PrintTo(const CallResult& result, std::ostream* out) { *out << result.ToString(); }

class DynamicClient {
 public:
  DynamicClient(std::shared_ptr<grpc::Channel> channel, const schema::Schema& schema)
      : channel_(std::move(channel)), schema_(schema) {}

  CallResult Call(const schema::Method& method, const google::protobuf::Message& request,
                  const CallOptions& options) const;
  // By the rpc's name, with the request in text format.
  CallResult Call(std::string_view rpc, std::string_view text, Headers headers) const;
  // Bytes as they are: for requests that no message can hold.
  CallResult CallBytes(const schema::Method& method, const std::string& bytes,
                       const CallOptions& options) const;
  // Does not wait: `done` runs on one of gRPC's threads.
  void Start(const schema::Method& method, const google::protobuf::Message& request,
             const CallOptions& options, std::function<void(CallResult)> done) const;

  const schema::Schema& schema() const { return schema_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  void StartBytes(const schema::Method& method, const std::string& bytes,
                  const CallOptions& options, std::function<void(CallResult)> done) const;

  std::shared_ptr<grpc::Channel> channel_;
  const schema::Schema& schema_;
};

}  // namespace tenantry::test
