// TLS to PostgreSQL, as sslmode=verify-full asks for it.
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/dev/child_process.h"
#include "tests/deploy/certificates.h"
#include "tests/deploy/free_port.h"
#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using ::testing::HasSubstr;

class PostgresTlsTest : public ::testing::Test {
 protected:
  // A server with a certificate for `names`, on loopback TCP.
  void StartPostgres(const std::string& names) {
    authority_.Issue(names, folder_ / "pg.crt", folder_ / "pg.key");
    const auto user = dev::FindServiceUser().value();
    if (user.change) {
      ASSERT_EQ(chown((folder_ / "pg.key").c_str(), user.uid, user.gid), 0);
    }
    port_ = FreePort();
    dev::PrivatePostgresOptions options;
    options.durable = false;
    options.settings = {{"listen_addresses", "127.0.0.1"},
                        {"port", absl::StrCat(port_)},
                        {"ssl", "on"},
                        {"ssl_cert_file", folder_ / "pg.crt"},
                        {"ssl_key_file", folder_ / "pg.key"}};
    auto started = dev::PrivatePostgres::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    postgres_ = *std::move(started);
  }

  // What a tenant's read of its own connection's state gives, or why there is none.
  std::string Ask(const Authority& authority, const std::string& host) {
    std::string why;
    MetricRegistry metrics;
    pg::ExecutorOptions options;
    options.database_url = absl::StrCat(
        "host=", host, " hostaddr=127.0.0.1 port=", port_,
        " user=postgres dbname=postgres sslmode=verify-full sslrootcert=", authority.ca_file());
    absl::Notification first;
    pg::Executor executor(options,
                          {.on_state =
                               [&](const absl::Status& state) {
                                 if (first.HasBeenNotified()) return;
                                 why = std::string(state.message());
                                 first.Notify();
                               },
                           .verify = nullptr},
                          metrics);
    executor.Warm();
    first.WaitForNotification();
    if (!why.empty()) return why;
    Call call(MakeIdentity(1, "", "postgres"), pg::Access::kReadOnly,
              {MakeStatement("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")});
    executor.Submit(&call);
    return call.Wait().ok() ? call.Value() : call.Wait().ToString();
  }

  TemporaryFolder folder_;
  Authority authority_{"tests"}, stranger_{"stranger"};
  int port_ = 0;
  std::unique_ptr<dev::PrivatePostgres> postgres_;
};

TEST_F(PostgresTlsTest, VerifyFullMeansAuthorityAndName) {
  StartPostgres("DNS:database.example");
  EXPECT_EQ(Ask(authority_, "database.example"), "TLSv1.3");
  EXPECT_THAT(Ask(stranger_, "database.example"), HasSubstr("certificate verify failed"));
  EXPECT_THAT(Ask(authority_, "other.example"), HasSubstr("does not match host name"));
}

}  // namespace
}  // namespace tenantry::test
