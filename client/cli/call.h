// Calls with messages known only by their descriptors.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace tenantry::cli {

// `path` is "/package.Service/Method". `unreadable` receives the names of fields that the reply
// lacks because the server cannot say their values: "Contact.metadata,Contact.notes".
grpc::Status CallUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                       std::chrono::milliseconds timeout, const google::protobuf::Message& request,
                       google::protobuf::Message& response, std::string* unreadable = nullptr);

// The same for a method that may be a write. A write is given a request_id (client/cpp/write.h),
// and is sent again, each time with the whole of `timeout`, where nobody knows whether it has
// happened.
grpc::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                      std::chrono::milliseconds timeout, google::protobuf::Message& request,
                      google::protobuf::Message& response, std::string* unreadable);

// Calls a method that answers with a stream: `each` gets to see every message in `response`, and
// ends the call when it returns false (CANCELLED). `timeout` is the longest wait for a message.
grpc::Status CallStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                        std::chrono::milliseconds timeout, const google::protobuf::Message& request,
                        google::protobuf::Message& response, absl::FunctionRef<bool()> each,
                        std::string* unreadable);

// Calls a method whose request is a stream: `next` puts the next message into `request`, and says
// whether it is the last one. `timeout` is the longest wait for one to be taken, and then for the
// answer.
enum class Upstream { kMore, kLast, kGivenUp };
grpc::Status CallWithStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                            std::chrono::milliseconds timeout, google::protobuf::Message& request,
                            google::protobuf::Message& response,
                            absl::FunctionRef<Upstream()> next);

}  // namespace tenantry::cli
