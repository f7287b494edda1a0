// What the policy costs: once per statement, nothing per row.
//
// Every statement says `tenant_id = $1` beside the policy's `tenant_id = tenantry.tenant_id()`. The
// database's planner puts both into one equivalence class: the first finds the rows, and the second
// is left as a One-Time Filter, which is checked before the scan begins. A statement that lost its
// own condition, or a policy whose function is no longer inlined, shows up here as a filter that
// runs for each row.
#include <gtest/gtest.h>

#include <map>
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/methods/planner.h"
#include "tests/support/rows.h"
#include "tests/support/test_database.h"

namespace tenantry {
namespace {

constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";
// What is left of tenantry.tenant_id() when it is inlined.
constexpr char kPolicy[] = "current_setting('app.tenant_id'";

using google::protobuf::Message;
using schema::Column;
using schema::Method;
using schema::Table;

class PolicyCostTest : public ::testing::TestWithParam<const char*> {
 protected:
  const schema::Schema& schema_ = test::LoadSchema(GetParam());
  std::unique_ptr<test::Database> database_ = test::CreateDatabase(schema_);
  MetricRegistry metrics_;
  methods::Planner planner_{schema_, {}, metrics_};
  test::RowFactory factory_{"row"};
  std::map<const Table*, test::MessagePtr> parents_;

  // Its foreign keys point to rows that are nowhere: statements are explained, not run.
  test::MessagePtr NewRow(const Table& table) {
    return factory_.Make(table, [this](const schema::Relation& relation) {
      test::MessagePtr& parent = parents_[relation.target];
      if (parent == nullptr) {
        parent = factory_.Make(*relation.target, [](const schema::Relation&) { return nullptr; });
      }
      return parent.get();
    });
  }

  // Requests that lead to every kind of statement of the method.
  std::vector<test::MessagePtr> Requests(const Method& method, const Message& row) {
    const Table& table = *method.table;
    std::vector<test::MessagePtr> requests;
    switch (method.kind) {
      case v1::METHOD_KIND_GET:
      case v1::METHOD_KIND_DELETE:
        requests.push_back(test::KeyRequest(method, row));
        break;
      case v1::METHOD_KIND_BATCH_GET:
      case v1::METHOD_KIND_BATCH_CREATE:
        requests.push_back(test::BatchRequest(method, {&row}));
        break;
      case v1::METHOD_KIND_LIST:
        requests.push_back(test::ListRequest(method, {}));
        for (const Column* column : table.orderable()) {
          requests.push_back(test::ListRequest(method, {.order = column, .descending = true}));
        }
        for (const Column* column : table.filterable()) {
          requests.push_back(test::ListRequest(method, {.filter = column, .filter_row = &row}));
        }
        break;
      default:
        requests.push_back(test::RowRequest(method, row));
    }
    return requests;
  }

  // The generic plan, as the server's own login makes it in the role of a caller.
  std::vector<std::string> Explain(const plan::Call& call) {
    pqxx::connection connection(database_->app_url());
    pqxx::work tx(connection);
    tx.exec(
        "SELECT set_config('role', 'authenticated', true), set_config('app.tenant_id', $1, true),"
        " set_config('plan_cache_mode', 'force_generic_plan', true)",
        pqxx::params{kTenant});
    tx.exec(absl::StrCat("PREPARE asked AS ", call.plan->text->sql));
    std::string nulls;
    for (std::size_t i = 0; i < call.values.size(); ++i) {
      absl::StrAppend(&nulls, i == 0 ? "" : ", ", "NULL");
    }
    std::vector<std::string> lines;
    for (const pqxx::row& row :
         tx.exec(absl::StrCat("EXPLAIN (COSTS OFF, VERBOSE) EXECUTE asked (", nulls, ")"))) {
      lines.push_back(row[0].as<std::string>());
    }
    return lines;
  }

  void Check(const Method& method, const plan::Call& call) {
    const std::vector<std::string> plan = Explain(call);
    const std::string all = absl::StrCat(call.plan->text->sql, "\n", absl::StrJoin(plan, "\n"));
    bool once = false;
    for (const std::string& line : plan) {
      if (!absl::StrContains(line, kPolicy)) continue;
      EXPECT_TRUE(absl::StrContains(line, "One-Time Filter:")) << method.path << "\n" << all;
      once = true;
    }
    // An insert scans nothing. What it writes is held against the policy by the executor.
    const bool inserts = absl::StartsWith(call.plan->text->sql, "INSERT");
    EXPECT_TRUE(once || inserts) << method.path << "\n" << all;
  }
};

TEST_P(PolicyCostTest, ThePolicyIsCheckedOncePerStatement) {
  std::set<v1::MethodKind> seen;
  for (const Method& method : schema_.methods()) {
    test::MessagePtr row = NewRow(*method.table);
    for (const test::MessagePtr& request : Requests(method, *row)) {
      absl::StatusOr<plan::Call> call = planner_.Prepare(method, *request);
      ASSERT_TRUE(call.ok()) << method.path << call.status() << request->DebugString();
      Check(method, *call);
      seen.insert(method.kind);
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(v1::MethodKind_ARRAYSIZE - 1));
}

// The test of the test: without its own tenant condition a statement pays for each row.
TEST_P(PolicyCostTest, AStatementWithoutTheTenantIsFound) {
  const Table& table = schema_.tables().front();
  plan::Call call;
  auto text = std::make_shared<SqlText>();
  text->sql = absl::StrCat("SELECT 1 FROM ", table.sql_name, " WHERE $1::uuid IS NULL");
  auto plan = std::make_shared<plan::Plan>();
  plan->text = text;
  call.plan = plan;
  bool per_row = false;
  for (const std::string& line : Explain(call)) {
    per_row = per_row ||
              (absl::StrContains(line, kPolicy) && !absl::StrContains(line, "One-Time Filter:"));
  }
  EXPECT_TRUE(per_row);
}

INSTANTIATE_TEST_SUITE_P(Schemas, PolicyCostTest,
                         ::testing::Values("proto", "tests/support/schemas"));

}  // namespace
}  // namespace tenantry
