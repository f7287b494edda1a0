// One call of a method whose request is a stream, written message by message.
#pragma once

#include <memory>

#include "google/protobuf/message.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "tests/support/dynamic_client.h"

namespace tenantry::test {

class StreamWriter {
 public:
  StreamWriter(const std::shared_ptr<grpc::Channel>& channel, const schema::Method& method,
               const CallOptions& options);
  ~StreamWriter();

  // False: the call has ended.
  bool Write(const google::protobuf::Message& message);
  // Says that nothing more comes.
  void Close();
  void Cancel() { context_.TryCancel(); }
  // How the call has ended. Waits for its reply.
  CallResult End();

 private:
  bool Done();

  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  std::unique_ptr<google::protobuf::Message> reply_;
  bool open_ = false;
  bool closed_ = false;
  bool finished_ = false;
};

}  // namespace tenantry::test
