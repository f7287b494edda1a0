#include <cstdio>
#include <cstdlib>
#include <string>

#include "google/protobuf/stubs/common.h"
#include "grpcpp/grpcpp.h"
#include "server/commands/commands.h"

namespace tenantry::commands {

absl::StatusOr<Config> ResolveOrComplain(const SettingValues& given) {
  absl::StatusOr<Config> config = ResolveConfig(given, [](const char* n) { return getenv(n); });
  if (!config.ok()) Complain("settings", config.status());
  return config;
}

int Complain(std::string_view what, const absl::Status& status) {
  std::fprintf(stderr, "tenantryd: %.*s: %s\n", static_cast<int>(what.size()), what.data(),
               std::string(status.message()).c_str());
  return kFailed;
}

int PrintSettings() {
  std::fputs(SettingsAsMarkdown().c_str(), stdout);
  return kOk;
}

int PrintVersion() {
  namespace pb = google::protobuf::internal;
  std::printf("tenantryd %s (gRPC %s, Protobuf %s)\n", TENANTRY_VERSION, grpc::Version().c_str(),
              pb::VersionString(GOOGLE_PROTOBUF_VERSION).c_str());
  return kOk;
}

}  // namespace tenantry::commands
