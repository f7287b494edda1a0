#include "server/grpc/reflection.h"

#include <memory>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace tenantry::rpc {
namespace {

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;

// The messages of both versions have the same fields with the same numbers, and so the same bytes.
template <typename To, typename From>
To Convert(const From& from) {
  if constexpr (std::is_same_v<To, From>) {
    return from;
  } else {
    To to;
    to.ParseFromString(from.SerializeAsString());
    return to;
  }
}

// One stream of questions. Each is answered before the next one is read.
template <typename Request, typename Response>
class ReflectionStream final : public StreamCall, public EndableStream {
 public:
  ReflectionStream(const ReflectionSource& source, StreamSet& streams)
      : source_(source), streams_(streams) {}

  void OnOpen() override {
    bool welcome = streams_.Add(this);
    absl::MutexLock lock(&mutex_);
    if (welcome) {
      StartRead();
    } else {
      FinishOnce(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down"));
    }
  }

  void OnReadDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    if (!ok || ending_) return FinishOnce(grpc::Status::OK);
    Request request;
    if (grpc::Status parsed = ParseRead(request); !parsed.ok()) return FinishOnce(parsed);
    auto question = Convert<v1::ServerReflectionRequest>(request);
    writing_ = true;
    StartWrite(Convert<Response>(source_.Answer(question, sent_)));
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok || ending_) return FinishOnce(grpc::Status::OK);
    StartRead();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    if (!writing_) FinishOnce(grpc::Status::CANCELLED);
  }

  void End() override {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    if (!writing_)
      FinishOnce(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down"));
  }

  void OnDone() override { streams_.Remove(this); }

 private:
  void FinishOnce(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!std::exchange(finished_, true)) Finish(status);
  }

  const ReflectionSource& source_;
  StreamSet& streams_;
  std::set<std::string> sent_;
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

ReflectionService::ReflectionService(const google::protobuf::DescriptorPool& schema_pool,
                                     std::vector<std::string> services, StreamSet& streams)
    : source_(schema_pool, std::move(services)) {
  AddStream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", [this, &streams] {
    return std::make_unique<
        ReflectionStream<v1::ServerReflectionRequest, v1::ServerReflectionResponse>>(source_,
                                                                                     streams);
  });
  AddStream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", [this, &streams] {
    return std::make_unique<
        ReflectionStream<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>>(
        source_, streams);
  });
}

}  // namespace tenantry::rpc
