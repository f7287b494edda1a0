// Reads with relations on a real database, under row-level security: random trees over random rows
// of two tenants are held against what memory makes of them, and none pays for the policy by the
// row.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/plan/print.h"
#include "server/plan/row_size.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/pg/plan/explain.h"
#include "tests/pg/plan/world.h"
#include "tests/support/test_database.h"

namespace tenantry::test {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using plan::Child;
using plan::Deleted;
using plan::Expr;
using plan::Read;
using schema::Column;
using schema::Table;
using schema::Type;

constexpr int kTenant = 1, kOtherTenant = 2;

// Trees of up to three levels over any table.
class ReadMaker {
 public:
  ReadMaker(std::mt19937& random, std::string tenant) : random_(random), values{tenant} {}

  Read Next(const Table& table) {
    Read read = Rows(table, 3);
    Order(read);
    if (Below(2) == 0) Limit(read, 10);
    if (read.page.has_value() && Below(2) == 0 && !plan::LongValuesSize(table, "t").empty()) {
      read.bytes_max = 1 << 20;
    }
    return read;
  }

  // Of rows by their keys, in whose place the database has nothing when there is no such row.
  Read Next(const Table& table, const std::vector<std::string>& keys) {
    Read read;
    read.table = &table;
    read.columns = {table.primary_key[0]};
    read.deleted = Deleted::kShown;
    values.push_back(absl::StrCat("{", absl::StrJoin(keys, ","), "}"));
    read.lookup = {{static_cast<int>(values.size()) - 1}};
    AddChildren(read, 2);
    return read;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  plan::Slot Value(int value) {
    values.push_back(absl::StrCat(value));
    return {static_cast<int>(values.size()) - 1};
  }

  Read Rows(const Table& table, int levels) {
    Read read;
    read.table = &table;
    read.deleted = Below(2) == 0 ? Deleted::kHidden : Deleted::kShown;
    for (const Column* column : table.readable()) {
      if (Below(2) == 0) read.columns.push_back(column);
    }
    if (Below(3) == 0) read.where.push_back(Condition(table, 2));
    if (levels > 1) AddChildren(read, levels - 1);
    return read;
  }

  void AddChildren(Read& read, int levels) {
    const Table& table = *read.table;
    for (const schema::Relation& relation : table.relations) {
      if (Below(3) == 0) continue;
      Child child{&relation, Rows(*relation.target, levels)};
      if (relation.many) {
        Order(child.read);
        if (Below(2) == 0) Limit(child.read, 3);
      }
      read.children.push_back(std::move(child));
    }
  }

  // One that leaves no two rows equal.
  void Order(Read& read) {
    const bool descending = Below(2) == 0;
    for (const Column* column : read.table->readable()) {
      if (column->type == Type::kInt32 && !column->array && column->not_null && Below(2) == 0) {
        read.order.push_back({column, descending});
      }
    }
    for (const Column* column : read.table->primary_key) {
      read.order.push_back({column, descending});
    }
  }
  void Limit(Read& read, int limit) { read.page = plan::Page{64, Value(Below(limit + 1)), {}}; }

  Expr Condition(const Table& table, int depth) {
    const int choice = Below(depth > 0 ? 5 : 2);
    if (choice == 2) return Not(Condition(table, depth - 1));
    if (choice == 3) {
      Expr group;
      group.kind = Below(2) == 0 ? Expr::Kind::kAnd : Expr::Kind::kOr;
      group.operands = {Condition(table, depth - 1), Condition(table, depth - 1)};
      return group;
    }
    if (choice == 4 && !table.relations.empty()) {
      const auto& relation = table.relations[Below(static_cast<int>(table.relations.size()))];
      std::vector<Expr> operands;
      if (Below(2) == 0) operands.push_back(Condition(*relation.target, depth - 1));
      return ExistsIn(table, relation.name, std::move(operands));
    }
    return OfColumn(table);
  }

  Expr OfColumn(const Table& table) {
    std::vector<const Column*> columns;
    for (const Column* column : table.readable()) {
      const bool number = column->type == Type::kInt32 && !column->array;
      if (number || IsSeenNull(*column)) columns.push_back(column);
    }
    if (columns.empty()) return ExistsIn(table, table.relations[0].name, {});
    const Column& column = *columns[Below(static_cast<int>(columns.size()))];
    const bool number = column.type == Type::kInt32;
    if (!number || (IsSeenNull(column) && Below(2) == 0)) return IsNull(column);
    Expr expr = plan::Equals(column, Value(Below(30) * 20));
    expr.comparison = static_cast<plan::Comparison>(Below(6));
    return expr;
  }

  static bool IsSeenNull(const Column& column) {
    return !column.not_null && column.field->has_presence();
  }

  std::mt19937& random_;

 public:
  TextValues values;
};

class RelationsTest : public ::testing::TestWithParam<const char*> {
 protected:
  RelationsTest() {
    for (int tenant : {kTenant, kOtherTenant}) {
      InsertTenant(*database_, schema_, TenantText(tenant));
    }
    world_.Fill(kTenant, 12, random_);
    world_.FillLike(kTenant, kOtherTenant, random_);
  }

  std::string Sql(const Read& read) { return plan::Print(read)->sql; }
  void Check(const Read& read, const TextValues& values) {
    const MessagePtr answer = world_.Ask(kTenant, read, values);
    const MessagePtr expected = world_.WorkOut(kTenant, read, values);
    EXPECT_TRUE(MessageDifferencer::Equals(*answer, *expected))
        << Sql(read) << "\n"
        << absl::StrJoin(values, ", ") << "\nanswer:\n"
        << answer->DebugString() << "expected:\n"
        << expected->DebugString();
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  const schema::Schema& schema_ = LoadSchema(GetParam());
  std::unique_ptr<Database> database_ = CreateDatabase(schema_);
  MetricRegistry metrics_;
  pg::Executor executor_{{.database_url = database_->app_url()}, {}, metrics_};
  World world_{schema_, executor_, metrics_};
};

TEST_P(RelationsTest, AnswersAreWhatMemoryMakesOfTheRows) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed_);
  std::size_t bytes = 0;
  for (int round = 0; round < 25 && !HasFailure(); ++round) {
    for (const Table& table : schema_.tables()) {
      if (table.relations.empty()) continue;
      ReadMaker maker(random_, TenantText(kTenant));
      const Read read = maker.Next(table);
      Check(read, maker.values);
      bytes += world_.WorkOut(kTenant, read, maker.values)->ByteSizeLong();
    }
  }
  EXPECT_GT(bytes, 10'000u);  // they were not all empty
}

// Rows by their keys: in the order of the keys, and one without a value where there is none.
TEST_P(RelationsTest, RowsByTheirKeysHaveRelationsToo) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed_);
  for (const Table& table : schema_.tables()) {
    if (table.relations.empty() || table.primary_key.size() != 1) continue;
    std::vector<std::string> keys;
    for (const MessagePtr& row : world_.rows(kTenant, table)) {
      const auto* id = row->GetDescriptor()->FindFieldByNumber(table.primary_key[0]->number());
      keys.push_back(row->GetReflection()->GetString(*row, id));
    }
    keys.push_back(std::string(keys[0].size() == 26 ? 26 : 32, '0'));  // a ULID or a UUID
    std::reverse(keys.begin(), keys.end());
    ReadMaker maker(random_, TenantText(kTenant));
    const Read read = maker.Next(table, keys);
    const MessagePtr answer = world_.Ask(kTenant, read, maker.values);
    const MessagePtr all = world_.WorkOut(kTenant, read, maker.values);
    std::vector<const Message*> rows = RowsOf(*answer);
    const std::vector<const Message*> expected = RowsOf(*all);
    std::reverse(rows.begin(), rows.end());
    ASSERT_EQ(rows.size(), expected.size() + 1);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_TRUE(MessageDifferencer::Equals(*rows[i], *expected[i])) << rows[i]->DebugString();
    }
    EXPECT_EQ(rows.back()->ByteSizeLong(), 0u);
  }
}

TEST_P(RelationsTest, ThePolicyIsCheckedBeforeEveryScan) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed_);
  for (int round = 0; round < 15 && !HasFailure(); ++round) {
    for (const Table& table : schema_.tables()) {
      if (table.relations.empty()) continue;
      ReadMaker maker(random_, TenantText(kTenant));
      const Read read = maker.Next(table);
      const std::vector<std::string> plan = Explain(*database_, Sql(read), maker.values.size());
      const PolicyChecks checks = FindPolicyChecks(plan);
      EXPECT_GT(checks.once, 0) << Sql(read) << "\n" << absl::StrJoin(plan, "\n");
      EXPECT_EQ(checks.per_row, 0) << Sql(read) << "\n" << absl::StrJoin(plan, "\n");
    }
  }
}

// Row-level security is the guard and the conditions in the SQL are the price tag, but each would
// do alone: here the policy lets everything pass.
TEST_P(RelationsTest, TheSqlAloneKeepsTenantsApart) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed_);
  for (const Table& table : schema_.tables()) {
    if (table.is_view()) continue;
    database_->Execute(absl::StrCat("ALTER TABLE ", table.sql_name, " DISABLE ROW LEVEL SECURITY;",
                                    "ALTER TABLE ", table.sql_name,
                                    " NO FORCE ROW LEVEL SECURITY"));
  }
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    for (const Table& table : schema_.tables()) {
      if (table.relations.empty()) continue;
      ReadMaker maker(random_, TenantText(kTenant));
      const Read read = maker.Next(table);
      Check(read, maker.values);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Schemas, RelationsTest,
                         ::testing::Values("proto", "tests/support/schemas"));

}  // namespace
}  // namespace tenantry::test
