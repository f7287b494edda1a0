#include "server/grpc/health.h"

#include <optional>
#include <utility>

#include "grpc/health/v1/health.pb.h"

namespace tenantry::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckResponse::ServingStatus StatusOf(bool known, bool serving) {
  if (!known) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace

// Tells its client the newest status. Of several changes during one write only the last is told.
class HealthService::Watch final : public StreamCall, public EndableStream {
 public:
  explicit Watch(HealthService& health) : health_(health) {}

  void OnOpen() override {
    StartRead();
    // Added before the client has said what it watches, since a drain must not wait for that.
    if (!health_.watches_.Add(this)) End();
  }

  // The only message says which service is watched.
  void OnReadDone(bool ok) override {
    HealthCheckRequest request;
    if (!ok) return Refuse({grpc::StatusCode::INVALID_ARGUMENT, "the request is missing"});
    if (grpc::Status parsed = ParseRead(request); !parsed.ok()) return Refuse(parsed);
    {
      absl::MutexLock lock(&mutex_);
      asked_ = true;
      known_ = health_.Knows(request.service());
    }
    // A change that came in between may be told twice, but is never lost.
    Tell(health_.serving());
  }

  void Tell(bool serving) {
    absl::MutexLock lock(&mutex_);
    if (!asked_) return;
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
      told_ = newest_;  // the client has gone
    }
    WriteOrFinish();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    told_ = newest_;
    WriteOrFinish();
  }

  void OnDone() override { health_.watches_.Remove(this); }

 private:
  void Refuse(const grpc::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (!std::exchange(finished_, true)) Finish(status);
  }

  void WriteOrFinish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_) return;
    if (told_ != newest_) {
      told_ = newest_;
      HealthCheckResponse response;
      response.set_status(newest_);
      writing_ = true;
      StartWrite(response);
    } else if (ending_) {
      finished_ = true;
      Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down"));
    }
  }

  HealthService& health_;
  absl::Mutex mutex_;
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;
  bool known_ ABSL_GUARDED_BY(mutex_) = false;  // the service that was asked for
  HealthCheckResponse::ServingStatus newest_ ABSL_GUARDED_BY(mutex_) = HealthCheckResponse::UNKNOWN;
  HealthCheckResponse::ServingStatus told_ ABSL_GUARDED_BY(mutex_) = HealthCheckResponse::UNKNOWN;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

HealthService::HealthService() {
  AddUnary("/grpc.health.v1.Health/Check", [this](UnaryCall& call) { Check(call); });
  AddStream("/grpc.health.v1.Health/Watch", [this] { return std::make_unique<Watch>(*this); });
}

void HealthService::SetServices(const std::vector<std::string>& services) {
  services_.insert(services.begin(), services.end());
}

void HealthService::Check(UnaryCall& call) const {
  HealthCheckRequest request;
  if (!Parse(call.request(), request)) {
    return call.Finish(
        {grpc::StatusCode::INVALID_ARGUMENT, "not a grpc.health.v1.HealthCheckRequest message"});
  }
  if (!Knows(request.service())) {
    return call.Finish({grpc::StatusCode::NOT_FOUND, "this server has no such service"});
  }
  HealthCheckResponse response;
  response.set_status(StatusOf(true, serving()));
  call.reply() = Serialize(response);
  call.Finish(grpc::Status::OK);
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
