// A request of any method becomes a call or an error.
#include <ctime>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "server/base/ids.h"
#include "server/base/metrics.h"
#include "server/codec/codec.h"
#include "server/identity/identity.h"
#include "server/methods/planner.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/message.h"
#include "tests/support/saas_schema.h"

namespace tenantry::fuzz {
namespace {

// Far more than any request takes, with sanitizers and on a slow machine.
constexpr double kCpuSecondsMax = 2;

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct World {
  explicit World(const schema::Schema& schema)
      : schema(schema), planner(schema, methods::PlannerOptions{}, metrics) {}
  const schema::Schema& schema;
  MetricRegistry metrics;
  methods::Planner planner;
};

World& WorldOf(bool ledger) {
  static World saas(testing::SaasSchema());
  static World books(testing::LedgerSchema());
  return ledger ? books : saas;
}

// The tenant is the first value of every statement, and its parameter stands beside the column.
void ExpectTenant(const schema::Table& table, const plan::Statement& statement) {
  const std::string& sql = statement.plan->text->sql;
  Expect(
      !statement.values.empty() && std::holds_alternative<plan::TenantValue>(statement.values[0]),
      "the first value is the tenant", sql);
  Expect(absl::StrContains(sql, "$1"), "the tenant's parameter is used", sql);
  Expect(absl::StrContains(sql, table.tenant_column), "the tenant's column is named", sql);
}

}  // namespace
}  // namespace tenantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenantry;
  fuzz::Silence();
  fuzz::Input input(data, size);
  fuzz::World& world = fuzz::WorldOf(input.Bool());
  const auto& methods = world.schema.methods();
  const schema::Method& method = methods[input.Below(methods.size())];
  auto request = testing::NewMessage(*method.descriptor->input_type());
  std::string bytes;
  if (input.Bool()) {
    bytes = input.Rest();
  } else {
    fuzz::FillMessage(input, *request);
    bytes = request->SerializePartialAsString();
  }
  // Only what parses gets to the planner.
  if (!request->ParseFromString(bytes)) {
    const absl::Status why =
        codec::DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 10);
    fuzz::Expect(!why.ok(), "what does not parse has a reason");
    return 0;
  }
  const double begin = fuzz::CpuSeconds();
  auto call = world.planner.Prepare(method, *request);
  fuzz::Expect(fuzz::CpuSeconds() - begin < fuzz::kCpuSecondsMax, "planning takes little time",
               request->ShortDebugString());
  if (!call.ok()) {
    fuzz::Expect(!call.status().message().empty(), "an error says something");
    return 0;
  }
  static IdGenerator ids;
  const auto tenant = identity::TenantId::Parse("01920000-0000-7000-8000-000000000001");
  call->ForEachStatement([&](const plan::Statement& statement) {
    fuzz::ExpectTenant(*method.table, statement);
    SqlParams params;
    codec::BindParameters(*call, statement, *tenant, ids, params);
    fuzz::Expect(params.size() == statement.values.size(), "every value is a parameter",
                 statement.plan->text->sql);
  });
  return 0;
}
