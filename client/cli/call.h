// One unary call with messages known only by their descriptors.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace tenantry::cli {

// `path` is "/package.Service/Method".
grpc::Status CallUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                       std::chrono::milliseconds timeout, const google::protobuf::Message& request,
                       google::protobuf::Message& response);

}  // namespace tenantry::cli
