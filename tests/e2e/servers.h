// The servers that the tests of a binary share, and what their assertions have in common.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/rows.h"
#include "tests/support/saas_schema.h"
#include "tests/support/test_server.h"

namespace tenantry::e2e {

using google::protobuf::Message;
using test::As;
using test::CallResult;
using test::MessagePtr;

inline test::TestServer& Saas() {
  static auto& server =
      *new test::TestServer(test::TestServer::Options{.schema = test::Which::kSaas});
  return server;
}

inline test::TestServer& Ledger() {
  static auto& server =
      *new test::TestServer(test::TestServer::Options{.schema = test::Which::kLedger});
  return server;
}

// A value of a message by path, as text; "unset" where it is not there: `contact.email`,
// `contacts`.
std::string Value(const Message& message, std::string_view path);

// Failing tests show the whole reply.
MATCHER(IsOk, "") {
  *result_listener << arg.ToString();
  return arg.ok();
}
MATCHER_P(Fails, code, client::CodeName(code)) {
  *result_listener << arg.ToString();
  return arg.status.error_code() == code;
}
MATCHER_P2(FailsBecause, code, reason, client::CodeName(code) + " " + reason) {
  *result_listener << arg.ToString();
  return arg.status.error_code() == code && arg.error.reason == reason;
}

// INVALID_ARGUMENT about exactly these fields, in any order.
MATCHER_P(Violates, fields, "violates " + ::testing::PrintToString(fields)) {
  *result_listener << arg.ToString();
  std::vector<std::string> found;
  for (const client::Violation& violation : arg.error.violations) found.push_back(violation.field);
  return arg.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT &&
         ::testing::Matches(::testing::UnorderedElementsAreArray(fields))(found);
}
using Fields = std::vector<std::string>;

}  // namespace tenantry::e2e
