// Deadlines as callers send them.

#include "tests/e2e/raw_call.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

std::pair<bool, std::string> CallWithTimeout(const std::string& path, const std::string& timeout) {
  return CallWithHeaders(Saas().address(), path,
                         {{"grpc-timeout", timeout}, {"x-tenant-id", test::NewTenantId()}});
}

// The first is the largest that Go's client sends, the second the largest that can be said.
TEST(DeadlinesTest, FarAwayIsNotPast) {
  for (const char* timeout : {"2562047H", "99999999H", "99999999S", "99999999m", "10S"}) {
    for (const char* path :
         {"/saas.v1.ContactService/ListContacts", "/tenantry.v1.SessionService/GetSession"}) {
      EXPECT_TRUE(CallWithTimeout(path, timeout).first) << timeout << " " << path;
    }
  }
}

}  // namespace
}  // namespace tenantry::e2e
