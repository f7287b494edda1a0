// The server a command talks to: its channel and what it says about itself, fetched when first
// needed.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/catalog.h"
#include "client/cli/reflection.h"
#include "client/cpp/caller.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/credentials.h"

namespace tenantry::cli {

class Server {
 public:
  struct Options {
    std::vector<std::string> addresses;
    client::Caller caller;
    std::chrono::milliseconds timeout{10'000};
    std::shared_ptr<grpc::ChannelCredentials> credentials = nullptr;  // null: no encryption
  };

  static absl::StatusOr<std::unique_ptr<Server>> Connect(Options options);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  std::chrono::milliseconds timeout() const { return options_.timeout; }
  const std::string& name() const { return name_; }  // for messages

  // What reflection says; the status has the call's code and message.
  absl::StatusOr<const Catalog*> catalog();
  // Full names, those of gRPC itself among them.
  absl::StatusOr<std::vector<std::string>> services();
  const google::protobuf::DescriptorPool& pool() const { return *pool_; }

  std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

 private:
  explicit Server(Options options) : options_(std::move(options)) {}

  const Options options_;
  std::string name_;
  std::shared_ptr<grpc::Channel> channel_;
  // In this order: messages need the pool, the pool the database.
  std::unique_ptr<ReflectionDatabase> database_;
  std::unique_ptr<google::protobuf::DescriptorPool::ErrorCollector> errors_;
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::unique_ptr<google::protobuf::DynamicMessageFactory> factory_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace tenantry::cli
