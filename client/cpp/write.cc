#include "client/cpp/write.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>

#include "absl/strings/numbers.h"
#include "server/base/ids.h"

namespace tenantry::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

// In every API (tenantry/v1/api.proto).
constexpr int kRequestIdField = 104;

// Codes of failures that may pass. A call that failed with another code would fail again.
bool MayPass(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::RESOURCE_EXHAUSTED ||
         code == grpc::StatusCode::ABORTED;
}

}  // namespace

std::optional<milliseconds> PushbackOf(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("grpc-retry-pushback-ms");
  if (found == trailers.end()) return std::nullopt;
  int wait_ms = 0;
  const std::string text(found->second.data(), found->second.size());
  if (!absl::SimpleAtoi(text, &wait_ms) || wait_ms < 0) return std::nullopt;
  return milliseconds(wait_ms);
}

namespace {

using Wait = std::function<std::optional<milliseconds>(const grpc::Status&,
                                                       const grpc::ClientContext&, int attempt)>;

// Runs `call` until it succeeds, `wait` gives up, or the attempts or the time are used up.
grpc::Status Repeat(const WriteOptions& options,
                    const std::function<grpc::Status(grpc::ClientContext&)>& call,
                    const Wait& wait) {
  const auto deadline = DeadlineAfter(options.deadline);
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    context.set_deadline(deadline);
    Stamp(options.caller, context);
    const grpc::Status status = call(context);
    if (status.ok() || attempt >= options.attempts_max) return status;
    const std::optional<milliseconds> pause = wait(status, context, attempt);
    if (!pause || system_clock::now() + *pause >= deadline) return status;
    std::this_thread::sleep_for(*pause);
  }
}

}  // namespace

grpc::Status Write(const WriteOptions& options,
                   const std::function<grpc::Status(grpc::ClientContext&)>& call) {
  return Repeat(options, call,
                [&](const grpc::Status& status, const grpc::ClientContext& context,
                    int) -> std::optional<milliseconds> {
                  if (!MayPass(status.error_code())) return std::nullopt;
                  const std::optional<milliseconds> wait = PushbackOf(context);
                  return wait && *wait <= options.pushback_max ? wait : std::nullopt;
                });
}

bool NameRequest(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByNumber(kRequestIdField);
  if (field == nullptr || field->name() != "request_id" || field->is_repeated() ||
      field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) {
    return false;
  }
  static auto& ids = *new IdGenerator;
  const auto* reflection = request.GetReflection();
  if (reflection->GetString(request, field).empty()) {
    reflection->SetString(&request, field, FormatUuid(ids.UuidV7()));
  }
  return true;
}

std::optional<milliseconds> WaitToRepeat(const grpc::Status& status, int attempt) {
  // CANCELLED: a server that ends answers so to a call that it has not seen.
  if (!MayPass(status.error_code()) && status.error_code() != grpc::StatusCode::CANCELLED) {
    return std::nullopt;
  }
  const std::int64_t longest =
      std::min<std::int64_t>(1000, std::int64_t{50} << std::min(attempt, 5));
  return milliseconds(longest / 2 + static_cast<std::int64_t>(RandomBits() % (longest / 2)));
}

grpc::Status WriteOnce(const WriteOptions& options, google::protobuf::Message& request,
                       const std::function<grpc::Status(grpc::ClientContext&)>& call) {
  if (!NameRequest(request)) return Write(options, call);
  return Repeat(options, call,
                [](const grpc::Status& status, const grpc::ClientContext&, int attempt) {
                  return WaitToRepeat(status, attempt);
                });
}

}  // namespace tenantry::client
