#include "tests/isolation/explaining.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/strings.h"
#include "tenantry/v1/explain.grpc.pb.h"
#include "tests/support/rows.h"
#include "tests/support/test_server.h"

namespace tenantry::isolation {

using google::protobuf::Message;
using schema::Method;
using schema::Table;

Explaining::Explaining(Options options, Findings& findings)
    : options_(std::move(options)),
      findings_(findings),
      a_(options_.client, options_.superuser_url, test::NewTenantId(), test::RowFactory("alphas"),
         2, findings),
      b_(options_.client, options_.superuser_url, test::NewTenantId(),
         test::RowFactory("betas", 10'000), 2, findings) {}

void Explaining::Run() {
  for (const Method& method : options_.client.schema().methods()) {
    if (method.kind == v1::METHOD_KIND_GET) Get(method);
    if (method.kind == v1::METHOD_KIND_LIST) List(method);
  }
}

void Explaining::Get(const Method& method) {
  const Table& table = *method.table;
  for (const test::MessagePtr& row : b_.rows(table)) {
    const auto rows = Rows(method, *test::KeyRequest(method, *row), "its own row");
    if (rows.has_value() && *rows != 1) Report(method, "its own row", "is not read");
  }
  for (const test::MessagePtr& row : a_.rows(table)) {
    if (b_.Owns(table, *row)) continue;  // the key of a tenant's own settings, say
    const auto rows = Rows(method, *test::KeyRequest(method, *row), "another tenant's row");
    if (rows.has_value() && *rows != 0) Report(method, "another tenant's row", "is read");
  }
}

void Explaining::List(const Method& method) {
  const auto own = static_cast<std::int64_t>(b_.rows(*method.table).size());
  const auto rows = Rows(method, *test::ListRequest(method, {}), "everything");
  if (rows.has_value() && *rows != own) {
    Report(method, "everything", absl::StrCat("reads ", *rows, " rows instead of ", own));
  }
}

std::optional<std::int64_t> Explaining::Rows(const Method& method, const Message& request,
                                             std::string_view what) {
  v1::ExplainRequest explain;
  explain.set_analyze(true);
  explain.mutable_request()->PackFrom(request);
  grpc::ClientContext context;
  for (const auto& [name, value] : test::As(b_.tenant(), options_.role)) {
    context.AddMetadata(name, value);
  }
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  v1::ExplainResponse response;
  const grpc::Status status =
      v1::ExplainService::NewStub(options_.client.channel())->Explain(&context, explain, &response);
  if (!status.ok() || response.statements().empty()) {
    Report(method, what, absl::StrCat("is not explained: ", status.error_message()));
    return std::nullopt;
  }
  const std::string asked = request.SerializePartialAsString();
  for (const std::string& mark : a_.marks()) {
    if (absl::StrContains(response.ShortDebugString(), mark) && !absl::StrContains(asked, mark)) {
      Report(method, what, absl::StrCat("tells `", mark, "` of another tenant"));
    }
  }
  // [{"Plan": {"Actual Rows": 1, ...}, ...}], which stands for what the statement sent.
  const auto plan = nlohmann::json::parse(response.statements(0).plan_json());
  return plan.at(0).at("Plan").at("Actual Rows").get<std::int64_t>();
}

void Explaining::Report(const Method& method, std::string_view what, const std::string& detail) {
  findings_.Add(absl::StrCat(method.path, " explained, ", ToAbsl(what), ": ", detail));
}

}  // namespace tenantry::isolation
