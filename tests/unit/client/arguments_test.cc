#include "client/cli/arguments.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tenantry::cli {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

TEST(ArgumentsTest, GlobalFlagsStandAnywhere) {
  const auto arguments = ParseArguments({"-t", "acme", "contact", "list", "--page-size", "5", "-o",
                                         "json", "--all", "--timeout=250ms"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->tenant, "acme");
  EXPECT_EQ(arguments->format, Format::kJson);
  EXPECT_TRUE(arguments->all);
  EXPECT_EQ(arguments->timeout, milliseconds(250));
  EXPECT_THAT(arguments->rest, ElementsAre("contact", "list", "--page-size", "5"));
}

TEST(ArgumentsTest, ADoubleDashEndsThem) {
  const auto arguments = ParseArguments({"contact", "get", "--", "--tenant", "-o"});
  ASSERT_TRUE(arguments.ok());
  EXPECT_FALSE(arguments->tenant.has_value());
  EXPECT_THAT(arguments->rest, ElementsAre("contact", "get", "--", "--tenant", "-o"));
}

TEST(ArgumentsTest, SaysWhatIsWrong) {
  EXPECT_EQ(ParseArguments({"--tenant"}).status().message(), "--tenant needs a value: NAME|UUID");
  EXPECT_EQ(ParseArguments({"-o", "xml"}).status().message(),
            "--output must be table, json or ndjson");
  EXPECT_EQ(ParseArguments({"--timeout", "never"}).status().message(),
            "--timeout must be a time such as 5s, 500ms or 10m");
  EXPECT_EQ(ParseArguments({"--timeout", "10m"})->timeout, std::chrono::minutes(10));
  EXPECT_FALSE(ParseArguments({"--timeout", "0s"}).ok());
  EXPECT_EQ(ParseArguments({"--all=perhaps"}).status().message(),
            "--all is a switch and takes no value");
}

}  // namespace
}  // namespace tenantry::cli
