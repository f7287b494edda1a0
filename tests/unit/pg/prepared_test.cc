#include "server/pg/prepared.h"

#include <string>

#include "gtest/gtest.h"

namespace tenantry::pg {
namespace {

TEST(PreparedStatementsTest, OneForEachRoleAndText) {
  PreparedStatements statements(10);
  const auto first = statements.Get("authenticated", "get");
  EXPECT_TRUE(first.made);
  EXPECT_FALSE(statements.Get("authenticated", "get").made);
  EXPECT_EQ(statements.Get("authenticated", "get").id, first.id);
  EXPECT_TRUE(statements.Get("support", "get").made);
  EXPECT_TRUE(statements.Get("authenticated", "list").made);
  EXPECT_EQ(statements.size(), 3);
}

TEST(PreparedStatementsTest, ANameIsNeverUsedTwice) {
  PreparedStatements statements(10);
  const auto first = statements.Get("authenticated", "get");
  const std::string name = first.name;
  statements.Forget(first.id);
  const auto second = statements.Get("authenticated", "get");
  EXPECT_TRUE(second.made);
  EXPECT_NE(second.name, name);
  statements.Forget(first.id);  // again, late
  EXPECT_FALSE(statements.Get("authenticated", "get").made);
}

TEST(PreparedStatementsTest, TheLeastRecentlyUsedIsEvicted) {
  PreparedStatements statements(2);
  for (const char* text : {"a", "b", "c"}) {
    statements.Confirm(statements.Get("authenticated", text).id);
  }
  statements.Get("authenticated", "a");
  EXPECT_TRUE(statements.Evict().value().starts_with("b_"));
  EXPECT_FALSE(statements.Evict().has_value());
  EXPECT_FALSE(statements.Get("authenticated", "a").made);
  EXPECT_FALSE(statements.Get("authenticated", "c").made);
}

// A DEALLOCATE of what the server may not have would fail.
TEST(PreparedStatementsTest, OnlyWhatTheServerHasIsEvicted) {
  PreparedStatements statements(1);
  const auto first = statements.Get("authenticated", "a");
  statements.Get("authenticated", "b");
  EXPECT_FALSE(statements.Evict().has_value());
  statements.Confirm(first.id);
  EXPECT_TRUE(statements.Evict().has_value());
}

}  // namespace
}  // namespace tenantry::pg
