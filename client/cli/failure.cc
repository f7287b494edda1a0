#include "client/cli/failure.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/cli/text.h"

namespace tenantry::cli {
namespace {

std::string Hint(const client::Error& error) {
  if (error.reason == "TENANT_MISSING" || error.reason == "TENANT_MALFORMED") {
    return "name the tenant by --tenant, TENANTRY_TENANT or \"tenant\" in .tenantry.json";
  }
  if (error.reason == "ROLE_UNKNOWN") return "--role is one of authenticated, support, admin";
  return "";
}

void PrintViolations(const client::Error& error, const Shape* shape, std::ostream& out) {
  std::size_t widest = 0;
  for (const auto& violation : error.violations) {
    widest = std::max(widest, DisplayWidth(Printable(violation.field)));
  }
  for (const auto& violation : error.violations) {
    const std::string field = Printable(violation.field);
    const std::string flag = shape == nullptr ? "" : FlagFor(*shape, violation.field);
    out << "  " << field << std::string(widest - DisplayWidth(field), ' ') << "  "
        << Printable(violation.description);
    if (!flag.empty()) out << "  (" << flag << ")";
    out << "\n";
  }
}

}  // namespace

int ExitCodeOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return kDone;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return kUnreachable;
    default:
      return kRefused;
  }
}

void PrintError(const client::Error& error, const Shape* shape, const std::string& server,
                std::ostream& out) {
  const std::string code = client::CodeName(error.code);
  // Without a reason the failure was met on the way, not told by a server of ours.
  const bool unreachable = error.code == grpc::StatusCode::UNAVAILABLE && error.reason.empty();
  out << "error: ";
  if (unreachable) out << "cannot reach " << server << ": ";
  out << code;
  if (!error.reason.empty() && error.reason != code) out << " " << Printable(error.reason);
  // The message of bad input repeats the first violation, which follows with its flag.
  const bool repeats =
      !error.violations.empty() && error.message.starts_with(error.violations.front().field + ": ");
  if (!error.message.empty() && !repeats) out << ": " << Printable(error.message);
  out << "\n";
  PrintViolations(error, shape, out);
  for (const char* key : {"table", "column", "constraint"}) {
    const auto found = error.metadata.find(key);
    if (found != error.metadata.end() && !found->second.empty()) {
      out << "  " << key << ": " << Printable(found->second) << "\n";
    }
  }
  if (const std::string hint = Hint(error); !hint.empty()) out << "  " << hint << "\n";
  const auto request = error.metadata.find("request_id");
  if (request != error.metadata.end()) out << "  request " << Printable(request->second) << "\n";
}

}  // namespace tenantry::cli
