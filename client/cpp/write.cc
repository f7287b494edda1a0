#include "client/cpp/write.h"

#include <string>
#include <thread>

#include "absl/strings/numbers.h"

namespace tenantry::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

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

grpc::Status Write(const WriteOptions& options,
                   const std::function<grpc::Status(grpc::ClientContext&)>& call) {
  const auto deadline = DeadlineAfter(options.deadline);
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    context.set_deadline(deadline);
    Stamp(options.caller, context);
    const grpc::Status status = call(context);
    if (status.ok() || !MayPass(status.error_code()) || attempt >= options.attempts_max) {
      return status;
    }
    const std::optional<milliseconds> wait = PushbackOf(context);
    if (!wait || *wait > options.pushback_max || system_clock::now() + *wait >= deadline) {
      return status;
    }
    std::this_thread::sleep_for(*wait);
  }
}

}  // namespace tenantry::client
