#include "server/identity/identity.h"

#include <map>

#include "gtest/gtest.h"
#include "server/base/status.h"

namespace tenantry::identity {
namespace {

constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";

class FakeCall : public CallContext {
 public:
  explicit FakeCall(std::multimap<std::string, std::string> headers)
      : headers_(std::move(headers)) {}
  std::optional<std::string_view> Header(std::string_view name) const override {
    auto it = headers_.find(std::string(name));
    if (it == headers_.end()) return std::nullopt;
    return it->second;
  }
  int HeaderCount(std::string_view name) const override {
    return static_cast<int>(headers_.count(std::string(name)));
  }

 private:
  std::multimap<std::string, std::string> headers_;
};

absl::StatusOr<Identity> Authenticate(std::multimap<std::string, std::string> headers) {
  return MetadataAuthenticator({}).Authenticate(FakeCall(std::move(headers)));
}

void ExpectRefused(std::multimap<std::string, std::string> headers, std::string_view reason) {
  absl::StatusOr<Identity> identity = Authenticate(std::move(headers));
  ASSERT_FALSE(identity.ok()) << reason;
  EXPECT_EQ(identity.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonOf(identity.status()), reason);
}

TEST(MetadataAuthenticator, TakesTenantUserAndRole) {
  auto identity =
      Authenticate({{"x-tenant-id", kTenant}, {"x-user-id", "u\"1"}, {"x-user-role", "support"}});
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->tenant().ToString(), kTenant);
  EXPECT_EQ(identity->tenant_text(), kTenant);
  EXPECT_EQ(identity->user(), "u\"1");
  EXPECT_EQ(identity->role(), "support");
  EXPECT_EQ(identity->claims(), R"({"tenant_id":"01920000-0000-7000-8000-00000000ac3e",)"
                                R"("role":"support","sub":"u\"1"})");
}

TEST(MetadataAuthenticator, UserAndRoleMayBeLeftOut) {
  auto identity = Authenticate({{"x-tenant-id", "01920000-0000-7000-8000-00000000AC3E"}});
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->tenant_text(), kTenant);
  EXPECT_EQ(identity->user(), "");
  EXPECT_EQ(identity->role(), "authenticated");
  EXPECT_EQ(identity->claims(),
            R"({"tenant_id":"01920000-0000-7000-8000-00000000ac3e","role":"authenticated"})");
}

// Callers and policies know the plain name; the database's role has the prefix.
TEST(MetadataAuthenticator, PutsThePrefixBeforeTheDatabasesRoleAlone) {
  MetadataAuthenticator::Options options;
  options.role_prefix = "crm_";
  const MetadataAuthenticator authenticator(options);
  auto identity =
      authenticator.Authenticate(FakeCall({{"x-tenant-id", kTenant}, {"x-user-role", "support"}}));
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->role(), "support");
  EXPECT_EQ(identity->database_role(), "crm_support");
  EXPECT_NE(identity->claims().find(R"("role":"support")"), std::string::npos);
  EXPECT_FALSE(
      authenticator
          .Authenticate(FakeCall({{"x-tenant-id", kTenant}, {"x-user-role", "crm_support"}}))
          .ok());
}

TEST(MetadataAuthenticator, RefusesWhatItCannotBeSureOf) {
  ExpectRefused({}, "TENANT_MISSING");
  ExpectRefused({{"x-tenant-id", ""}}, "TENANT_MALFORMED");
  ExpectRefused({{"x-tenant-id", "acme"}}, "TENANT_MALFORMED");
  ExpectRefused({{"x-tenant-id", std::string(kTenant) + " "}}, "TENANT_MALFORMED");
  ExpectRefused({{"x-tenant-id", kTenant}, {"x-tenant-id", kTenant}}, "TENANT_MALFORMED");
  ExpectRefused({{"x-tenant-id", kTenant}, {"x-user-id", std::string(256, 'u')}}, "USER_MALFORMED");
  ExpectRefused({{"x-tenant-id", kTenant}, {"x-user-id", "a\tb"}}, "USER_MALFORMED");
  ExpectRefused({{"x-tenant-id", kTenant}, {"x-user-id", "a"}, {"x-user-id", "b"}},
                "USER_MALFORMED");
  ExpectRefused({{"x-tenant-id", kTenant}, {"x-user-role", "postgres"}}, "ROLE_UNKNOWN");
  ExpectRefused({{"x-tenant-id", kTenant}, {"x-user-role", ""}}, "ROLE_UNKNOWN");
  ExpectRefused({{"x-tenant-id", kTenant}, {"x-user-role", "admin"}, {"x-user-role", "support"}},
                "ROLE_UNKNOWN");
}

}  // namespace
}  // namespace tenantry::identity
