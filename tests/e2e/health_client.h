// The standard health service as a client sees it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/sync_stream.h"

namespace tenantry::e2e {

namespace health = grpc::health::v1;
using Serving = health::HealthCheckResponse::ServingStatus;

// What Check says; UNKNOWN when it fails.
inline Serving CheckHealth(grpc::Channel& channel, const std::string& service) {
  health::HealthCheckRequest request;
  health::HealthCheckResponse response;
  request.set_service(service);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall(&channel, method, &context, request, &response);
  return status.ok() ? response.status() : health::HealthCheckResponse::UNKNOWN;
}

// Follows a service's health until its end.
class HealthWatch {
 public:
  HealthWatch(std::shared_ptr<grpc::Channel> channel, const std::string& service)
      : channel_(std::move(channel)) {
    health::HealthCheckRequest request;
    request.set_service(service);
    const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Watch",
                                           grpc::internal::RpcMethod::SERVER_STREAMING);
    reader_.reset(grpc::internal::ClientReaderFactory<health::HealthCheckResponse>::Create(
        channel_.get(), method, &context_, request));
    thread_ = std::thread([this] { Read(); });
  }
  ~HealthWatch() {
    context_.TryCancel();
    thread_.join();
  }

  // Waits for this to be told next or to be what was told last.
  bool Await(Serving status, absl::Duration timeout = absl::Seconds(30)) {
    const auto told = [this, status]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return last_ == status; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&told), timeout);
  }

 private:
  void Read() {
    health::HealthCheckResponse response;
    while (reader_->Read(&response)) {
      absl::MutexLock lock(&mutex_);
      last_ = response.status();
    }
    reader_->Finish();
  }

  const std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<health::HealthCheckResponse>> reader_;
  std::thread thread_;
  absl::Mutex mutex_;
  Serving last_ ABSL_GUARDED_BY(mutex_) = health::HealthCheckResponse::UNKNOWN;
};

}  // namespace tenantry::e2e
