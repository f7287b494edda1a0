// What the policy costs: once per statement, nothing per row.
//
// Every statement says `tenant_id = $1` beside the policy's `tenant_id = tenantry.tenant_id()`. The
// database's planner puts both into one equivalence class: the first finds the rows, and the second
// is left as a One-Time Filter, which is checked before the scan begins. A statement that lost its
// own condition, or a policy whose function is no longer inlined, shows up here as a filter that
// runs for each row.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/methods/planner.h"
#include "tests/pg/plan/explain.h"
#include "tests/support/rows.h"
#include "tests/support/test_database.h"

namespace tenantry {
namespace {

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
    test::MessagePtr row = factory_.Make(table, [this](const schema::Relation& relation) {
      test::MessagePtr& parent = parents_[relation.target];
      if (parent == nullptr) {
        parent = factory_.Make(*relation.target, [](const schema::Relation&) { return nullptr; });
      }
      return parent.get();
    });
    if (table.is_view()) factory_.Freshen(table.primary_key, *row);
    return row;
  }

  // Requests that lead to every kind of statement of the method.
  std::vector<test::MessagePtr> Requests(const Method& method, const Message& row) {
    const Table& table = *method.table;
    std::vector<test::MessagePtr> requests;
    switch (method.kind) {
      case v1::METHOD_KIND_LIST:
        requests.push_back(test::ListRequest(method, {}));
        for (const Column* column : table.orderable()) {
          requests.push_back(test::ListRequest(method, {.order = column, .descending = true}));
        }
        for (const Column* column : table.comparable()) {
          requests.push_back(test::ListRequest(method, {.filter = column, .filter_row = &row}));
        }
        break;
      case v1::METHOD_KIND_AGGREGATE:
        requests.push_back(test::AggregateRequest(method, {}));
        for (const Column* column : table.orderable()) {
          requests.push_back(test::AggregateRequest(method, {.group = column, .field = column}));
        }
        for (const schema::Relation& relation : table.relations) {
          if (relation.many) continue;
          requests.push_back(test::AggregateRequest(
              method, {.relation = &relation, .group = relation.target->primary_key[0]}));
        }
        break;
      default:
        requests.push_back(test::RequestAbout(method, row));
    }
    return requests;
  }

  std::vector<std::string> Explain(const plan::Call& call) {
    return test::Explain(*database_, call.plan->text->sql, call.values.size());
  }

  void Check(const Method& method, const plan::Call& call) {
    const std::vector<std::string> plan = Explain(call);
    const std::string all = absl::StrCat(call.plan->text->sql, "\n", absl::StrJoin(plan, "\n"));
    const test::PolicyChecks checks = test::FindPolicyChecks(plan);
    EXPECT_EQ(checks.per_row, 0) << method.path << "\n" << all;
    // An insert scans nothing. What it writes is held against the policy by the executor.
    const bool inserts = absl::StrContains(call.plan->text->sql, "INSERT INTO ");
    EXPECT_TRUE(checks.once > 0 || inserts) << method.path << "\n" << all;
  }
};

TEST_P(PolicyCostTest, ThePolicyIsCheckedOncePerStatement) {
  std::set<v1::MethodKind> seen;
  for (const Method& method : schema_.methods()) {
    if (method.function != nullptr) continue;  // what its statements say is its own business
    test::MessagePtr row = NewRow(*method.table);
    for (const test::MessagePtr& request : Requests(method, *row)) {
      absl::StatusOr<plan::Call> call = planner_.Prepare(method, *request);
      ASSERT_TRUE(call.ok()) << method.path << call.status() << request->DebugString();
      Check(method, *call);
      seen.insert(method.kind);
    }
  }
  EXPECT_EQ(seen, test::FittingKinds(schema_));
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
  EXPECT_GT(test::FindPolicyChecks(Explain(call)).per_row, 0);
}

INSTANTIATE_TEST_SUITE_P(Schemas, PolicyCostTest,
                         ::testing::Values("proto", "tests/support/schemas"));

}  // namespace
}  // namespace tenantry
