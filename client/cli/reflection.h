// A server's own description of itself: grpc.reflection.v1, or v1alpha where v1 is not there.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpcpp/channel.h"

namespace tenantry::cli {

// The server's files, as the database of a DescriptorPool. Each is fetched when it is needed first,
// and kept. When a server does not give one of protobuf's own files, this program's copy is used.
class ReflectionDatabase : public google::protobuf::DescriptorDatabase {
 public:
  ReflectionDatabase(std::shared_ptr<grpc::Channel> channel, std::chrono::milliseconds timeout);
  ~ReflectionDatabase() override;

  // Full names, in the server's order. The gRPC status's code and message when the server cannot be
  // asked.
  absl::StatusOr<std::vector<std::string>> ListServices();

  bool FindFileByName(const std::string& name,
                      google::protobuf::FileDescriptorProto* output) override;
  bool FindFileContainingSymbol(const std::string& symbol,
                                google::protobuf::FileDescriptorProto* output) override;
  bool FindFileContainingExtension(const std::string& type, int number,
                                   google::protobuf::FileDescriptorProto* output) override;

 private:
  class Stream;
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;

  absl::StatusOr<Response> Ask(const Request& request);
  // Keeps the files of the answer; false when there is none.
  bool Fetch(const Request& request);

  const std::shared_ptr<grpc::Channel> channel_;
  const std::chrono::milliseconds timeout_;
  std::unique_ptr<Stream> stream_;
  bool alpha_ = false;  // the server knows v1alpha only
  google::protobuf::SimpleDescriptorDatabase files_;
  std::set<std::string> names_;    // in files_
  std::set<std::string> missing_;  // asked for in vain
};

}  // namespace tenantry::cli
