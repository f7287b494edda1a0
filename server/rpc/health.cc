#include "server/rpc/health.h"

#include <optional>
#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/rpc_service_method.h"

namespace tenantry::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

std::set<std::string> WithWholeServer(const std::vector<std::string>& services) {
  std::set<std::string> names(services.begin(), services.end());
  names.insert("");
  return names;
}

HealthCheckResponse::ServingStatus StatusOf(bool known, bool serving) {
  if (!known) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace

// Tells its client the newest status; those that come while a write is under way melt into one.
class HealthService::Watch final : public grpc::ServerWriteReactor<HealthCheckResponse>,
                                   public EndableStream {
 public:
  Watch(HealthService& health, const std::string& service)
      : health_(health), known_(health.Knows(service)) {
    // Added first, then asked: a change in between is told twice rather than never.
    bool welcome = health_.watches_.Add(this);
    Tell(health_.serving());
    if (!welcome) End();
  }

  void Tell(bool serving) {
    absl::MutexLock lock(&mutex_);
    newest_ = StatusOf(known_, serving);
    WriteOrFinish();
  }

  void End() override {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    if (known_) newest_ = HealthCheckResponse::NOT_SERVING;
    WriteOrFinish();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) {
      ending_ = true;
      told_ = newest_;  // nobody is listening
    }
    WriteOrFinish();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    told_ = newest_;
    WriteOrFinish();
  }

  void OnDone() override {
    health_.watches_.Remove(this);
    delete this;
  }

 private:
  void WriteOrFinish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_) return;
    if (told_ != newest_) {
      told_ = newest_;
      response_.set_status(newest_);
      writing_ = true;
      StartWrite(&response_);
    } else if (ending_) {
      finished_ = true;
      Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "shutting down"));
    }
  }

  HealthService& health_;
  const bool known_;
  HealthCheckResponse response_;
  absl::Mutex mutex_;
  HealthCheckResponse::ServingStatus newest_ ABSL_GUARDED_BY(mutex_) = HealthCheckResponse::UNKNOWN;
  HealthCheckResponse::ServingStatus told_ ABSL_GUARDED_BY(mutex_) = HealthCheckResponse::UNKNOWN;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

HealthService::HealthService(const std::vector<std::string>& services)
    : services_(WithWholeServer(services)) {
  AddMethod(new grpc::internal::RpcServiceMethod("/grpc.health.v1.Health/Check",
                                                 grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodCallback(
      0, new grpc::internal::CallbackUnaryHandler<HealthCheckRequest, HealthCheckResponse>(
             [this](grpc::CallbackServerContext* context, const HealthCheckRequest* request,
                    HealthCheckResponse* response) {
               bool known = Knows(request->service());
               response->set_status(StatusOf(known, serving()));
               grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
               reactor->Finish(known
                                   ? grpc::Status::OK
                                   : grpc::Status(grpc::StatusCode::NOT_FOUND, "no such service"));
               return reactor;
             }));
  AddMethod(new grpc::internal::RpcServiceMethod(
      "/grpc.health.v1.Health/Watch", grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
  MarkMethodCallback(
      1,
      new grpc::internal::CallbackServerStreamingHandler<HealthCheckRequest, HealthCheckResponse>(
          [this](grpc::CallbackServerContext*, const HealthCheckRequest* request) {
            return new Watch(*this, request->service());
          }));
}

void HealthService::SetServing(bool serving) {
  {
    absl::MutexLock lock(&mutex_);
    if (shut_down_ || serving_ == serving) return;
    serving_ = serving;
  }
  watches_.ForEach(
      [this](EndableStream* watch) { static_cast<Watch*>(watch)->Tell(this->serving()); });
}

bool HealthService::serving() const {
  absl::MutexLock lock(&mutex_);
  return serving_;
}

void HealthService::Shutdown() {
  {
    absl::MutexLock lock(&mutex_);
    shut_down_ = true;
    serving_ = false;
  }
  watches_.EndAll();
}

}  // namespace tenantry::rpc
