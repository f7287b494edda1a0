#include "server/identity/identity.h"

#include <algorithm>
#include <utility>

#include "server/base/ids.h"
#include "server/base/roles.h"
#include "server/base/status.h"

namespace tenantry::identity {
namespace {

constexpr std::string_view kTenantHeader = "x-tenant-id";
constexpr std::string_view kUserHeader = "x-user-id";
constexpr std::string_view kRoleHeader = "x-user-role";

absl::Status Unauthenticated(std::string_view reason, std::string_view message) {
  return MakeError(absl::StatusCode::kUnauthenticated, message,
                   {.reason = std::string(reason), .metadata = {}, .violations = {}});
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// `text` is printable ASCII, so only two characters must be escaped.
void AppendJsonText(std::string_view text, std::string& out) {
  out += '"';
  if (text.find_first_of("\"\\") == std::string_view::npos) {
    out += text;
  } else {
    for (char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

// The claims that Supabase-style policies read: auth.uid() is `sub`, auth.role() is `role`.
std::string MakeClaims(std::string_view tenant, std::string_view user, std::string_view role) {
  std::string claims;
  claims.reserve(48 + tenant.size() + user.size() + role.size());
  claims += "{\"tenant_id\":";
  AppendJsonText(tenant, claims);
  claims += ",\"role\":";
  AppendJsonText(role, claims);
  if (!user.empty()) {
    claims += ",\"sub\":";
    AppendJsonText(user, claims);
  }
  claims += '}';
  return claims;
}

}  // namespace

std::optional<TenantId> TenantId::Parse(std::string_view text) {
  Bytes bytes;
  if (!ParseUuid(text, bytes.data())) return std::nullopt;
  return TenantId(bytes);
}

std::string TenantId::ToString() const { return FormatUuid(bytes_); }

Identity::Identity(TenantId tenant, std::string user, std::string database_role,
                   std::size_t prefix_bytes, std::string claims)
    : tenant_(tenant),
      tenant_text_(tenant.ToString()),
      user_(std::move(user)),
      database_role_(std::move(database_role)),
      prefix_bytes_(prefix_bytes),
      claims_(std::move(claims)) {}

Identity Authenticator::Make(TenantId tenant, std::string user, std::string database_role,
                             std::string claims, std::size_t prefix_bytes) {
  return Identity(tenant, std::move(user), std::move(database_role), prefix_bytes,
                  std::move(claims));
}

MetadataAuthenticator::MetadataAuthenticator(Options options) : options_(std::move(options)) {}

absl::StatusOr<Identity> MetadataAuthenticator::Authenticate(const CallContext& call) const {
  std::optional<std::string_view> tenant_text = call.Header(kTenantHeader);
  if (!tenant_text) {
    return Unauthenticated("TENANT_MISSING", "the call names no tenant: x-tenant-id is missing");
  }
  // When the header is given twice, we do not know which one a gateway has checked.
  std::optional<TenantId> tenant = TenantId::Parse(*tenant_text);
  if (!tenant || call.HeaderCount(kTenantHeader) != 1) {
    return Unauthenticated("TENANT_MALFORMED", "x-tenant-id must be one UUID");
  }
  std::string_view user = call.Header(kUserHeader).value_or(std::string_view());
  if (user.size() > options_.user_bytes_max || !IsPrintable(user) ||
      call.HeaderCount(kUserHeader) > 1) {
    return Unauthenticated("USER_MALFORMED", "x-user-id must be one short printable text");
  }
  std::string_view role = call.Header(kRoleHeader).value_or(options_.default_role);
  if (std::find(options_.roles.begin(), options_.roles.end(), role) == options_.roles.end() ||
      call.HeaderCount(kRoleHeader) > 1) {
    return Unauthenticated("ROLE_UNKNOWN", "x-user-role is not a role that callers may take");
  }
  char canonical[36];
  FormatUuid(tenant->bytes().data(), canonical);
  std::string claims = MakeClaims({canonical, sizeof canonical}, user, role);
  return Make(*tenant, std::string(user), DatabaseRole(options_.role_prefix, role),
              std::move(claims), options_.role_prefix.size());
}

}  // namespace tenantry::identity
