#include "client/cli/explain.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/call.h"
#include "client/cli/failure.h"
#include "client/cli/output.h"
#include "client/cli/text.h"
#include "client/cpp/error.h"
#include "nlohmann/json.hpp"
#include "tenantry/v1/explain.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Message;
using Json = nlohmann::json;

std::string TextOf(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found == node.end() || !found->is_string() ? "" : found->get<std::string>();
}
double NumberOf(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found == node.end() || !found->is_number() ? 0 : found->get<double>();
}

// `Index Scan on contacts t by contacts_pkey`.
std::string NameOf(const Json& node) {
  std::string name = TextOf(node, "Node Type");
  const std::string relation = TextOf(node, "Relation Name"), alias = TextOf(node, "Alias");
  if (!relation.empty()) absl::StrAppend(&name, " on ", relation);
  if (!alias.empty() && alias != relation) absl::StrAppend(&name, " ", alias);
  const std::string index = TextOf(node, "Index Name");
  if (!index.empty()) absl::StrAppend(&name, " by ", index);
  return name;
}

std::string CostOf(const Json& node) {
  std::string cost = absl::StrFormat("cost %.2f, %.0f rows", NumberOf(node, "Total Cost"),
                                     NumberOf(node, "Plan Rows"));
  if (node.contains("Actual Rows")) {
    absl::StrAppendFormat(&cost, "; took %.3f ms, %.0f rows, %.0f times",
                          NumberOf(node, "Actual Total Time"), NumberOf(node, "Actual Rows"),
                          NumberOf(node, "Actual Loops"));
  }
  return cost;
}

void PrintNode(const Json& node, std::size_t depth, std::ostream& out) {
  const std::string indent(2 * depth, ' ');
  out << indent << Printable(NameOf(node)) << "  (" << CostOf(node) << ")\n";
  for (const char* key :
       {"Index Cond", "One-Time Filter", "Filter", "Join Filter", "Hash Cond", "Merge Cond"}) {
    const std::string condition = TextOf(node, key);
    if (!condition.empty()) out << indent << "    " << key << ": " << Printable(condition) << "\n";
  }
  const auto parts = node.find("Plans");
  if (parts == node.end() || !parts->is_array()) return;
  for (const Json& part : *parts) PrintNode(part, depth + 1, out);
}

tenantry::v1::ExplainRequest ExplainRequestOf(const google::protobuf::Message& request,
                                              bool analyze) {
  tenantry::v1::ExplainRequest explain;
  explain.mutable_request()->set_type_url(
      absl::StrCat("type.googleapis.com/", request.GetDescriptor()->full_name()));
  explain.mutable_request()->set_value(request.SerializeAsString());
  explain.set_analyze(analyze);
  return explain;
}

void PrintPlans(const tenantry::v1::ExplainResponse& response, std::ostream& out) {
  for (const tenantry::v1::ExplainedStatement& statement : response.statements()) {
    out << Printable(statement.sql()) << "\n";
    const Json plan = Json::parse(statement.plan_json(), nullptr, false);
    if (plan.is_array() && !plan.empty() && plan[0].contains("Plan")) {
      PrintNode(plan[0]["Plan"], 1, out);
    } else {
      out << Printable(statement.plan_json()) << "\n";
    }
    if (statement.has_milliseconds()) {
      out << absl::StrFormat("  %.3f ms in the database\n", statement.milliseconds());
    }
  }
}

}  // namespace

int RunExplain(const Shape& shape, const Message& request, Server& server,
               const Arguments& arguments, std::ostream& out, std::ostream& err) {
  tenantry::v1::ExplainResponse plans;
  const grpc::Status status =
      CallUnary(server.channel(), "/tenantry.v1.ExplainService/Explain", arguments.timeout,
                ExplainRequestOf(request, arguments.analyze), plans);
  if (!status.ok()) {
    PrintError(client::DecodeError(status), &shape, server.name(), err);
    return ExitCodeOf(status.error_code());
  }
  if (arguments.format == Format::kTable) {
    PrintPlans(plans, out);
    return kDone;
  }
  const auto printed = PrintReply(plans, {arguments.format, {}, {}, nullptr}, out);
  if (printed.ok()) return kDone;
  err << "error: " << std::string(printed.message()) << "\n";
  return kUsage;
}

}  // namespace tenantry::cli
