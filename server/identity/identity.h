// Who is calling. Only an Authenticator makes an Identity, and there is no tenant transaction
// without one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tenantry::identity {

// A tenant's id: a UUID, never a bare string.
class TenantId {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  // Accepts the 36-character form only, in upper or lower case.
  static std::optional<TenantId> Parse(std::string_view text);

  const Bytes& bytes() const { return bytes_; }
  // 36 characters, lower-case.
  std::string ToString() const;

  friend bool operator==(const TenantId&, const TenantId&) = default;

 private:
  explicit TenantId(const Bytes& bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

class Identity {
 public:
  const TenantId& tenant() const { return tenant_; }
  const std::string& tenant_text() const { return tenant_text_; }  // as sent to the database
  const std::string& user() const { return user_; }                // may be empty
  // As callers name it, and what the policies read in app.role and the claims.
  std::string_view role() const { return std::string_view(database_role_).substr(prefix_bytes_); }
  // As the database names it: with the prefix of server/base/roles.h.
  const std::string& database_role() const { return database_role_; }
  const std::string& claims() const { return claims_; }  // JSON object, may be empty

  // Whether the database would see the same caller.
  friend bool operator==(const Identity&, const Identity&) = default;

 private:
  friend class Authenticator;
  Identity(TenantId tenant, std::string user, std::string database_role, std::size_t prefix_bytes,
           std::string claims);

  TenantId tenant_;
  std::string tenant_text_;
  std::string user_;
  std::string database_role_;
  std::size_t prefix_bytes_;  // of database_role_
  std::string claims_;
};

// A call's metadata and peer, seen without gRPC. Header names are lower-case.
class CallContext {
 public:
  virtual ~CallContext() = default;
  // The header's value; nothing when it is absent. A header may be given more than once:
  // HeaderCount tells.
  virtual std::optional<std::string_view> Header(std::string_view name) const = 0;
  virtual int HeaderCount(std::string_view name) const = 0;
};

// Turns what a call carries into an Identity.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // UNAUTHENTICATED with a reason (TENANT_MISSING, TENANT_MALFORMED, USER_MALFORMED, ROLE_UNKNOWN).
  virtual absl::StatusOr<Identity> Authenticate(const CallContext& call) const = 0;

 protected:
  // `prefix_bytes`: how much of `database_role` callers do not name.
  static Identity Make(TenantId tenant, std::string user, std::string database_role,
                       std::string claims, std::size_t prefix_bytes = 0);
};

// Believes what x-tenant-id, x-user-id and x-user-role say. It is for a network where only trusted
// services, or a gateway that sets these headers, can reach the port.
class MetadataAuthenticator : public Authenticator {
 public:
  struct Options {
    std::vector<std::string> roles = {"authenticated", "support", "admin"};
    std::string default_role = "authenticated";
    std::string role_prefix;  // of the database's roles
    std::size_t user_bytes_max = 255;
  };
  explicit MetadataAuthenticator(Options options);
  absl::StatusOr<Identity> Authenticate(const CallContext& call) const override;

 private:
  Options options_;
};

}  // namespace tenantry::identity
