// What people type: conditions, orders, selects, and lines of a shell.
#include <string>
#include <vector>

#include "client/cli/completion.h"
#include "client/cli/order.h"
#include "client/cli/select.h"
#include "client/cli/where.h"
#include "google/protobuf/message.h"
#include "server/base/metrics.h"
#include "server/methods/planner.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/message.h"
#include "tests/support/saas_schema.h"

namespace {

using namespace tenantry;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr const char* kWords[] = {"id",
                                  "name",
                                  "contact",
                                  "items",
                                  "product",
                                  "status",
                                  "total_cents",
                                  "type",
                                  "metadata",
                                  "some",
                                  "none",
                                  "every",
                                  "all_of",
                                  "any_of",
                                  "eq",
                                  "in",
                                  "not_in",
                                  "between",
                                  "like",
                                  "is_null",
                                  "has_key",
                                  "path",
                                  "null",
                                  "\\null",
                                  "true",
                                  "pending",
                                  "5",
                                  "-1.5",
                                  "nulls-first",
                                  "desc",
                                  "01920000-0000-7000-8000-000000000001",
                                  "2025-01-31T12:00:00Z",
                                  "{}",
                                  "orders",
                                  "tags",
                                  "=",
                                  "!=",
                                  "<",
                                  "<=",
                                  ">",
                                  ">=",
                                  "~",
                                  ".",
                                  ",",
                                  ":",
                                  "-",
                                  "+",
                                  "\\,",
                                  "\\",
                                  "'",
                                  "\"",
                                  " "};

std::string Typed(fuzz::Input& input) {
  std::string text;
  for (std::size_t i = input.Below(12); i > 0; --i) {
    const std::size_t which = input.Below(std::size(kWords) + 2);
    text += which < std::size(kWords) ? kWords[which] : input.Text(input.Below(5));
  }
  return text;
}

// What completion offers for a text can be gone on with.
void Complete(const std::string& text, const Descriptor& request) {
  const Descriptor& filter = *request.FindFieldByNumber(3)->message_type();
  for (const std::string& name : cli::ConditionFields(filter, text)) {
    if (name.ends_with(".")) continue;
    cli::ConditionSigns(filter, name);
    cli::ConditionOperand(filter, name);
  }
  cli::ConditionOperand(filter, text);
  cli::OrderFields(*request.FindFieldByNumber(4)->message_type(), text);
  cli::SelectFields(*request.FindFieldByNumber(8)->message_type(), text);
}

void ReadLine(const std::string& text) {
  const cli::BegunLine line = cli::SplitLine(text);
  fuzz::Expect(!line.words.empty(), "there is always a word to complete", text);
  // The word itself as a candidate: what is typed and what readline puts there are one word again.
  const std::string same = cli::ForReadline({line.words.back(), false, ""}, line, "=:@");
  fuzz::Expect(same.size() <= 2 * line.words.back().size(),
               "a candidate is no longer than its word", text);
}

const methods::Planner& ThePlanner() {
  static MetricRegistry metrics;
  static methods::Planner planner(testing::SaasSchema(), methods::PlannerOptions{}, metrics);
  return planner;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Silence();
  fuzz::Input input(data, size);
  const char* const lists[] = {"ListOrders", "ListContacts", "ListProducts", "ListOrderItems"};
  const schema::Method& method =
      testing::MethodNamed(testing::SaasSchema(), lists[input.Below(std::size(lists))]);
  const Descriptor& type = *method.descriptor->input_type();
  const auto request = testing::NewMessage(type);
  const auto& reflection = *request->GetReflection();
  std::vector<absl::Status> results;
  while (!input.empty() && results.size() < 8) {
    const std::string text = Typed(input);
    switch (input.Below(4)) {
      case 0:
        results.push_back(cli::AddCondition(
            text, *reflection.MutableMessage(request.get(), type.FindFieldByNumber(3))));
        break;
      case 1:
        results.push_back(cli::AddOrder({text}, *type.FindFieldByNumber(4), *request));
        break;
      case 2:
        results.push_back(cli::AddToSelect(
            {text}, *reflection.MutableMessage(request.get(), type.FindFieldByNumber(8))));
        break;
      default:
        Complete(text, type);
        ReadLine(text);
    }
    if (results.empty() || results.back().ok()) continue;
    fuzz::Expect(!results.back().message().empty(), "a refusal says something", text);
  }
  // What the command line made is a request like any other.
  if (request->ParseFromString(request->SerializePartialAsString())) {
    (void)ThePlanner().Prepare(method, *request);
  }
  return 0;
}
