// Prepared statements: made once, in the role's name, and made again when they are gone.
#include <random>

#include "tests/pg/lanes/fixture.h"

namespace tenantry::test {
namespace {

using pg::Access;

class PreparedTest : public PgTest {
 protected:
  static pg::ExecutorOptions OneConnection() {
    pg::ExecutorOptions options;
    options.connections_per_lane = 1;
    options.write_connections_per_lane = 0;
    options.write_depth_max = 8;  // deeper than usual, for the sake of the test
    return options;
  }
  std::unique_ptr<Call> As(const std::string& role, const std::string& sql) {
    return std::make_unique<Call>(MakeIdentity(1, "", role), Access::kReadWrite,
                                  std::vector<pg::Statement>{MakeStatement(sql)});
  }
  double made() const { return Metric("tenantry_prepared_statements_total{event=\"made\"}"); }
};

constexpr char kCount[] =
    "SELECT count(*)::text FROM pg_prepared_statements WHERE name LIKE 'test%'";

TEST_F(PreparedTest, OncePerRoleAndText) {
  auto executor = MakeExecutor(OneConnection());
  for (int i = 0; i < 10; ++i) {
    for (const char* role : {"authenticated", "support"}) {
      auto call = As(role, "SELECT 1::text");
      ASSERT_TRUE(Submit(*executor, *call).Wait().ok()) << call->Wait();
    }
  }
  EXPECT_EQ(made(), 2);
  auto count = As("admin", kCount);
  ASSERT_TRUE(Submit(*executor, *count).Wait().ok());
  EXPECT_EQ(count->Value(), "3");
}

// The first never gets to its Parse, the others in flight behind it rely on that.
TEST_F(PreparedTest, AgainWhenTheFirstFailedBeforeParsing) {
  auto executor = MakeExecutor(OneConnection());
  auto warm = Read(1, "SELECT 'warm'");
  ASSERT_TRUE(Submit(*executor, *warm).Wait().ok());
  const std::string insert =
      "INSERT INTO app.notes (id, body) SELECT count(*), 'x' FROM app.notes RETURNING body";
  Call first(
      MakeIdentity(1), Access::kReadWrite,
      {MakeStatement("SELECT 1 / (count(*) - count(*)) FROM app.notes"), MakeStatement(insert)});
  std::vector<std::unique_ptr<Call>> behind;
  for (int i = 0; i < 8; ++i) behind.push_back(As("authenticated", insert));
  executor->Submit(&first);
  for (auto& call : behind) executor->Submit(call.get());
  EXPECT_FALSE(first.Wait().ok());
  for (auto& call : behind) {
    ASSERT_TRUE(call->Wait().ok()) << call->Wait();
    EXPECT_EQ(call->Value(), "x");
  }
  EXPECT_EQ(Admin("SELECT count(*) FROM app.notes"), "8");
}

// Some fail before the Parse that others rely on, again and again: none of the others may notice.
TEST_F(PreparedTest, FailuresBeforeParsingHarmNobody) {
  const auto seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  auto executor = MakeExecutor(OneConnection());
  std::vector<std::unique_ptr<Call>> good, bad;
  for (int i = 0; i < 2000; ++i) {
    // Few texts, forgotten all the time, since each is new to the connection again and again.
    const std::string text = "SELECT '" + std::to_string(i / 40) + "'";
    if (random() % 2) {
      bad.push_back(std::make_unique<Call>(
          MakeIdentity(1), Access::kReadWrite,
          std::vector<pg::Statement>{
              MakeStatement("SELECT 1 / (count(*) - count(*)) FROM app.notes"),
              MakeStatement(text)}));
      executor->Submit(bad.back().get());
    } else {
      good.push_back(As("authenticated", text));
      executor->Submit(good.back().get());
    }
  }
  for (auto& call : bad) EXPECT_EQ(call->Wait().code(), absl::StatusCode::kInvalidArgument);
  for (auto& call : good) ASSERT_TRUE(call->Wait().ok()) << call->Wait();
}

TEST_F(PreparedTest, AgainWhenSomebodyDeallocatedThem) {
  auto executor = MakeExecutor(OneConnection());
  auto before = As("authenticated", "SELECT 'x'");
  ASSERT_TRUE(Submit(*executor, *before).Wait().ok());
  auto drop = As("authenticated", "DEALLOCATE ALL");
  ASSERT_TRUE(Submit(*executor, *drop).Wait().ok()) << drop->Wait();
  // The context itself is gone too: that is a pooler's doing, and no call can help it.
  auto after = As("authenticated", "SELECT 'x'");
  EXPECT_FALSE(Submit(*executor, *after).Wait().ok());
}

TEST_F(PreparedTest, AgainWhenATableChanged) {
  auto executor = MakeExecutor(OneConnection());
  const std::string sql = "SELECT * FROM app.notes";
  for (int i = 0; i < 3; ++i) {
    auto call = As("authenticated", sql);
    ASSERT_TRUE(Submit(*executor, *call).Wait().ok()) << call->Wait();
    Admin("ALTER TABLE app.notes ADD COLUMN c" + std::to_string(i) + " int");
  }
  EXPECT_EQ(Metric("tenantry_transaction_retries_total{reason=\"stale_plan\"}"), 1);
}

TEST_F(PreparedTest, AWrongStatementIsAnErrorEachTime) {
  auto executor = MakeExecutor(OneConnection());
  for (int i = 0; i < 5; ++i) {
    auto call = As("authenticated", "SELECT no_such_column FROM app.notes");
    EXPECT_EQ(Submit(*executor, *call).Wait().code(), absl::StatusCode::kInternal);
  }
  auto good = As("authenticated", "SELECT 'x'");
  EXPECT_TRUE(Submit(*executor, *good).Wait().ok());
}

TEST_F(PreparedTest, AreBoundedAndTheLeastRecentlyUsedGoes) {
  auto options = OneConnection();
  options.prepared_max = 4;
  auto executor = MakeExecutor(options);
  const auto seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  std::vector<std::unique_ptr<Call>> calls;
  std::vector<std::string> expected;
  for (int i = 0; i < 2000; ++i) {
    expected.push_back(std::to_string(random() % 12));
    calls.push_back(As("authenticated", "SELECT '" + expected.back() + "'"));
    executor->Submit(calls.back().get());
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    ASSERT_TRUE(calls[i]->Wait().ok()) << calls[i]->Wait();
    EXPECT_EQ(calls[i]->Value(), expected[i]);
  }
  auto count = As("authenticated", kCount);
  ASSERT_TRUE(Submit(*executor, *count).Wait().ok());
  EXPECT_LE(std::stoi(count->Value()), 6);
  EXPECT_GT(Metric("tenantry_prepared_statements_total{event=\"evicted\"}"), 100);
}

TEST_F(PreparedTest, NoneWhenSwitchedOff) {
  auto options = OneConnection();
  options.prepared_statements = false;
  auto executor = MakeExecutor(options);
  auto call = As("authenticated", "SELECT count(*)::text FROM pg_prepared_statements");
  ASSERT_TRUE(Submit(*executor, *call).Wait().ok());
  EXPECT_EQ(call->Value(), "0");
}

TEST_F(PreparedTest, TooManyParametersAreRefusedAndHarmNobody) {
  auto executor = MakeExecutor(OneConnection());
  auto big = As("authenticated", "SELECT 1");
  for (int i = 0; i < 70000; ++i) big->statements[0].params.AddNull();
  EXPECT_EQ(Submit(*executor, *big).Wait().code(), absl::StatusCode::kInternal);
  auto good = As("authenticated", "SELECT 'x'");
  EXPECT_TRUE(Submit(*executor, *good).Wait().ok());
}

}  // namespace
}  // namespace tenantry::test
