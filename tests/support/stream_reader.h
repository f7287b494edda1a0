// One call of a method that streams its reply, read message by message.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "client/cpp/error.h"
#include "google/protobuf/message.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "tests/support/dynamic_client.h"

namespace tenantry::test {

class StreamReader {
 public:
  StreamReader(const std::shared_ptr<grpc::Channel>& channel, const schema::Method& method,
               const google::protobuf::Message& request, const CallOptions& options);
  ~StreamReader();

  // The next message; null at the end.
  const google::protobuf::Message* Next();
  void Cancel() { context_.TryCancel(); }
  // Reads what is left, and how the call has ended.
  client::Error End();

 private:
  bool Done();

  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  std::unique_ptr<google::protobuf::Message> reply_;
  bool open_ = false;
  bool finished_ = false;
};

}  // namespace tenantry::test
