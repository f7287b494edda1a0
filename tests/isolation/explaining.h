// One tenant, B, has reads explained that aim at another tenant's rows, A's, and that run. What is
// told of them must not tell of A's rows: no values, and no row that was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/isolation/findings.h"
#include "tests/isolation/population.h"
#include "tests/support/dynamic_client.h"

namespace tenantry::isolation {

class Explaining {
 public:
  struct Options {
    const test::DynamicClient& client;
    std::string superuser_url;
    std::string role;  // of B's calls
  };
  // Fills both tenants. The server's explain_roles must name the role.
  Explaining(Options options, Findings& findings);

  // Every Get of every row, own and foreign, and every List.
  void Run();

 private:
  void Get(const schema::Method& method);
  void List(const schema::Method& method);
  // How many rows the read came to, by the plan. Nothing, and a finding, where it was refused.
  std::optional<std::int64_t> Rows(const schema::Method& method,
                                   const google::protobuf::Message& request, std::string_view what);
  void Report(const schema::Method& method, std::string_view what, const std::string& detail);

  const Options options_;
  Findings& findings_;
  Population a_, b_;
};

}  // namespace tenantry::isolation
