#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
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

std::string VersionText() {
  namespace pb = google::protobuf::internal;
  return absl::StrCat("tenantryd ", TENANTRY_VERSION, " (gRPC ", grpc::Version(), ", Protobuf ",
                      pb::VersionString(GOOGLE_PROTOBUF_VERSION), ")");
}

int PrintVersion() {
  std::puts(VersionText().c_str());
  return kOk;
}

}  // namespace tenantry::commands
