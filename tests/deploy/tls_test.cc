// TLS of the listener: who is let in, and certificates that change while it serves.
#include <filesystem>
#include <string>

#include "absl/time/clock.h"
#include "client/cpp/channel.h"
#include "client/cpp/tls.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/deploy/certificates.h"
#include "tests/e2e/command.h"
#include "tests/support/test_server.h"

namespace tenantry::test {
namespace {

using ::testing::HasSubstr;

constexpr char kNames[] = "DNS:localhost,IP:127.0.0.1";

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() { authority_.Issue(kNames, certificate_, key_); }

  // Serves with the certificate in place; `configure` changes the settings further.
  std::unique_ptr<TestServer> Serve(const std::function<void(Config&)>& configure = nullptr) {
    return std::make_unique<TestServer>(TestServer::Options{.configure = [&](Config& config) {
      config.tls_certificate_file = certificate_;
      config.tls_key_file = key_;
      config.tls_reload_interval_ms = 1000;
      if (configure) configure(config);
    }});
  }

  // A connection of its own.
  static std::shared_ptr<grpc::Channel> Connect(const TestServer& server,
                                                const client::TlsOptions& tls) {
    client::ChannelOptions options;
    options.addresses = {server.address()};
    options.own_connection = true;
    options.credentials = client::CredentialsOf(tls).value();
    return client::MakeChannel(options).value();
  }
  static client::TlsOptions Trusting(const Authority& authority) {
    return {.enabled = true, .ca_file = authority.ca_file()};
  }
  static grpc::Status Call(const TestServer& server, std::shared_ptr<grpc::Channel> channel) {
    return DynamicClient(std::move(channel), server.schema())
        .Call("ListContacts", "page_size: 1", As(NewTenantId()))
        .status;
  }
  static bool Served(const TestServer& server, const client::TlsOptions& tls) {
    return Call(server, Connect(server, tls)).ok();
  }

  TemporaryFolder folder_;
  const std::string certificate_ = folder_ / "server.crt", key_ = folder_ / "server.key";
  Authority authority_{"tests"}, stranger_{"stranger"};
};

TEST_F(TlsTest, ServesWhoTrustsItAndNobodyInTheClear) {
  auto server = Serve();
  EXPECT_TRUE(Served(*server, Trusting(authority_)));
  EXPECT_FALSE(Served(*server, Trusting(stranger_)));
  EXPECT_FALSE(Served(*server, {.enabled = false}));
}

TEST_F(TlsTest, ANameThatIsNotInTheCertificateIsRefused) {
  authority_.Issue("DNS:elsewhere.example", certificate_, key_);
  auto server = Serve();
  EXPECT_FALSE(Served(*server, Trusting(authority_)));
}

TEST_F(TlsTest, ANewCertificateIsServedWithoutARestart) {
  auto server = Serve();
  auto open = Connect(*server, Trusting(authority_));
  EXPECT_TRUE(Call(*server, open).ok());
  EXPECT_FALSE(Served(*server, Trusting(stranger_)));

  stranger_.Issue(kNames, certificate_, key_);
  EXPECT_TRUE(Eventually([&] { return Served(*server, Trusting(stranger_)); }));
  EXPECT_FALSE(Served(*server, Trusting(authority_))) << "new connections get the new one";
  EXPECT_TRUE(Call(*server, open).ok()) << "those that are open stay";
}

TEST_F(TlsTest, FilesThatDoNotBelongTogetherForAWhileDoNoLastingHarm) {
  auto server = Serve();
  const std::string other_key = folder_ / "other.key", other = folder_ / "other.crt";
  authority_.Issue(kNames, other, other_key);
  std::filesystem::rename(other, certificate_);  // half of the pair
  absl::SleepFor(absl::Seconds(2));
  std::filesystem::rename(other_key, key_);
  EXPECT_TRUE(Eventually([&] { return Served(*server, Trusting(authority_)); }));
}

TEST_F(TlsTest, ClientsShowACertificateWhereOneIsAskedFor) {
  auto server = Serve([&](Config& config) { config.tls_client_ca_file = stranger_.ca_file(); });
  client::TlsOptions tls = Trusting(authority_);
  EXPECT_FALSE(Served(*server, tls)) << "none";
  tls.certificate_file = folder_ / "client.crt";
  tls.key_file = folder_ / "client.key";
  authority_.Issue("DNS:client", tls.certificate_file, tls.key_file);
  EXPECT_FALSE(Served(*server, tls)) << "signed by another authority";
  stranger_.Issue("DNS:client", tls.certificate_file, tls.key_file);
  EXPECT_TRUE(Served(*server, tls));
}

TEST_F(TlsTest, UnixSocketsAreNotEncrypted) {
  const std::string socket = "unix:" + (folder_ / "socket");
  auto server = Serve([&](Config& config) { config.listen.push_back(socket); });
  client::ChannelOptions options;
  options.addresses = {socket};
  EXPECT_TRUE(Call(*server, client::MakeChannel(options).value()).ok());
}

TEST_F(TlsTest, UnfitFilesAreNoServer) {
  auto start = [&](const std::function<void(Config&)>& configure) {
    auto server = TestServer::TryStart({.configure = [&](Config& config) {
      config.tls_certificate_file = certificate_;
      config.tls_key_file = key_;
      configure(config);
    }});
    return std::string(server.status().message());
  };
  EXPECT_THAT(start([](Config& config) { config.tls_key_file = ""; }), HasSubstr("--tls-key-file"));
  EXPECT_THAT(start([](Config& config) { config.tls_certificate_file = ""; }),
              HasSubstr("--tls-certificate-file"));
  EXPECT_THAT(start([&](Config& config) { config.tls_key_file = folder_ / "absent"; }),
              HasSubstr("absent"));
  const std::string other = folder_ / "other.key";
  authority_.Issue(kNames, folder_ / "other.crt", other);
  EXPECT_THAT(start([&](Config& config) { config.tls_key_file = other; }),
              HasSubstr("other.key: key values mismatch"));
}

TEST_F(TlsTest, ProgramsSpeakIt) {
  auto server = Serve();
  const std::string tenant = server->NewTenant();
  const std::map<std::string, std::string> environment = {{"TENANTRY_SERVER", server->address()},
                                                          {"TENANTRY_TENANT", tenant},
                                                          {"TENANTRY_CONFIG", ""},
                                                          {"HOME", "/nonexistent"}};
  auto list = [&](const std::string& authorities) {
    return RunCommand({"tenantry", "contact", "list", "--tls-ca", authorities}, environment);
  };
  EXPECT_EQ(list(authority_.ca_file()).out, "(no rows)\n");
  EXPECT_EQ(list(stranger_.ca_file()).exit_code, 3);
  EXPECT_EQ(list("/nonexistent").err, "error: cannot read /nonexistent\n");

  const CommandResult health =
      RunCommand({"tenantryd", "health", "--address", server->address(), "--tls-certificate-file",
                  certificate_, "--tls-key-file", key_});
  EXPECT_EQ(health.out, "SERVING\n") << health.err;
}

}  // namespace
}  // namespace tenantry::test
