// A server of any schema in this process, and a client that calls all that a schema has.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/serve/server.h"
#include "tests/support/dynamic_client.h"
#include "tests/support/test_database.h"

namespace tenantry::migrate {

// What came of each call, by what it was: `GetNote: text: "1-x"`, or the refusal. Values that
// differ from run to run are left out, so two runs can be compared.
using Outcomes = std::map<std::string, std::string>;

class AnyServer {
 public:
  // Made of the schema's text (tests/unit/migrate/schema_from_text.h), with the real guard. Fails
  // when the server refuses the database.
  static absl::StatusOr<std::unique_ptr<AnyServer>> Start(const std::string& schema_text,
                                                          const test::Database& database);
  std::shared_ptr<grpc::Channel> NewChannel() const;

 private:
  explicit AnyServer(std::unique_ptr<serve::Server> server) : server_(std::move(server)) {}
  std::unique_ptr<serve::Server> server_;
};

// Calls every method of every table as a new tenant, in the same order and with the same values
// each time: what it writes it reads, changes and deletes, and it writes again what a unique key
// forbids.
// `slowest`, if it is given, becomes the longest that a call took, when that was longer.
Outcomes CallEverything(const test::DynamicClient& client, absl::Duration* slowest = nullptr);

// What was answered and is refused now, or is answered in another way: a line each.
std::string Worse(const Outcomes& before, const Outcomes& now);

}  // namespace tenantry::migrate
