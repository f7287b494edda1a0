// A gRPC call's metadata, as identity reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "server/base/log.h"
#include "server/identity/identity.h"

namespace tenantry::rpc {

class Metadata final : public identity::CallContext {
 public:
  // Views into the context; valid as long as it.
  explicit Metadata(const grpc::ServerContext& context) : metadata_(context.client_metadata()) {}

  std::optional<std::string_view> Header(std::string_view name) const override {
    auto it = metadata_.find(Ref(name));
    if (it == metadata_.end()) return std::nullopt;
    return std::string_view(it->second.data(), it->second.size());
  }

  int HeaderCount(std::string_view name) const override {
    return static_cast<int>(metadata_.count(Ref(name)));
  }

 private:
  static grpc::string_ref Ref(std::string_view name) { return {name.data(), name.size()}; }

  const std::multimap<grpc::string_ref, grpc::string_ref>& metadata_;
};

// The caller's x-request-id when it is fit for logs, a new one otherwise.
inline std::string RequestIdOf(const Metadata& metadata) {
  std::optional<std::string_view> given = metadata.Header("x-request-id");
  return given && IsValidRequestId(*given) ? std::string(*given) : MakeRequestId();
}

inline absl::Time DeadlineOf(const grpc::ServerContext& context) {
  auto deadline = context.deadline();
  return deadline == std::chrono::system_clock::time_point::max() ? absl::InfiniteFuture()
                                                                  : absl::FromChrono(deadline);
}

}  // namespace tenantry::rpc
