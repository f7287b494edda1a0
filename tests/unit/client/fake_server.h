// A gRPC server in this process that answers with what a test says, for the methods that are linked
// into the test; with reflection.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "grpcpp/support/status.h"

namespace tenantry::client::testing {

class FakeServer : public grpc::CallbackGenericService {
 public:
  enum class Reflection { kV1, kV1Alpha, kNone };

  struct Call {
    std::string path;
    std::string request;  // JSON, proto field names
    std::multimap<std::string, std::string> metadata;
    bool has_deadline = false;
  };
  // Fills `reply`. `context` is for trailing metadata.
  using Handler = std::function<grpc::Status(const google::protobuf::Message& request,
                                             google::protobuf::Message& reply,
                                             grpc::GenericCallbackServerContext& context)>;

  explicit FakeServer(Reflection reflection = Reflection::kV1);
  ~FakeServer() override;

  // `method` is "ContactService/GetContact", in package saas.v1, or a full path.
  void On(const std::string& method, Handler handler);
  // Replies that are given as JSON.
  void Answer(const std::string& method, const std::string& json);
  void Refuse(const std::string& method, const grpc::Status& status);

  const std::string& address() const { return address_; }
  std::vector<Call> calls() const;
  Call last_call() const { return calls().back(); }

 private:
  class CallReactor;
  class ReflectionReactor;
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;
  Handler Take(const Call& call);

  const Reflection reflection_;
  std::string address_;
  mutable std::mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::vector<Call> calls_;
  std::unique_ptr<grpc::Server> server_;
};

// A status with details, as server/call makes them.
grpc::Status StatusWith(grpc::StatusCode code, const std::string& message,
                        const google::rpc::ErrorInfo& info,
                        const google::rpc::BadRequest& bad_request = {});

}  // namespace tenantry::client::testing
