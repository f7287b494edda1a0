// A whole server in this process, on a database of its own, with a client for any of its methods.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/base/config.h"
#include "server/serve/server.h"
#include "tests/support/dynamic_client.h"
#include "tests/support/test_database.h"

namespace tenantry::test {

enum class Which { kSaas, kLedger, kExamples };

// The schema on disk, loaded anew: a server owns its own.
std::unique_ptr<const schema::Schema> FreshSchema(Which which);
// The same, shared by the tests of a binary.
const schema::Schema& SharedSchema(Which which);

class TestServer {
 public:
  struct Options {
    Which schema = Which::kSaas;
    // Null: one is made.
    std::shared_ptr<Database> database = nullptr;
    // Changes the settings after those that tests need.
    std::function<void(Config&)> configure = nullptr;
    bool guarded = true;                      // refuses an unsafe database
    serve::AddMethods add_methods = nullptr;  // methods that are written by hand
  };
  // Ends the test binary when it does not start.
  explicit TestServer(Options options);
  TestServer() : TestServer(Options{}) {}
  ~TestServer();

  // Null when the server did not start; `status` says why.
  static absl::StatusOr<std::unique_ptr<TestServer>> TryStart(Options options);

  serve::Server& server() { return *server_; }
  const std::string& address() const { return server_->addresses()[0]; }
  Database& database() { return *database_; }
  const schema::Schema& schema() const { return SharedSchema(which_); }
  const DynamicClient& client() const { return *client_; }
  // A channel with a connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel() const;

  // A new tenant with its row in the root table, if there is one.
  std::string NewTenant(const std::string& name = "Tenant");

 private:
  struct Unstarted {};
  TestServer(Options& options, Unstarted);
  absl::Status Start(const Options& options);

  Which which_;
  std::shared_ptr<Database> database_;
  std::unique_ptr<serve::Server> server_;
  std::unique_ptr<DynamicClient> client_;
};

// What the guard of a real server checks.
serve::Guard GuardOf(const schema::Schema& schema);

// The settings that tests run a server with: ports are chosen by the kernel.
Config TestConfig(const Database& database);

// A random tenant id.
std::string NewTenantId();

// Waits until `condition` holds; false after `timeout`.
bool Eventually(const std::function<bool()>& condition, absl::Duration timeout = absl::Seconds(30));

}  // namespace tenantry::test
