#include "server/base/log.h"

#include "gtest/gtest.h"

namespace tenantry {
namespace {

TEST(Log, WritesJson) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, "call failed",
                          {{"code", "INTERNAL"}, {"ms", 1.5}, {"lane", 2}, {"write", true}}),
            R"("event":"call failed","code":"INTERNAL","ms":1.5,"lane":2,"write":true)");
}

TEST(Log, WritesLogfmt) {
  EXPECT_EQ(FormatLogLine(LogFormat::kLogfmt, "call failed",
                          {{"code", "INTERNAL"}, {"empty", ""}, {"why", "a b"}, {"lane", 2}}),
            R"(event="call failed" code=INTERNAL empty="" why="a b" lane=2)");
}

TEST(Log, NothingBreaksOutOfALine) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, "x", {{"v", "a\"b\\c\nd\x01"}}),
            R"("event":"x","v":"a\"b\\c\u000ad\u0001")");
  EXPECT_EQ(FormatLogLine(LogFormat::kLogfmt, "x", {{"v", "a\nlevel=error"}}),
            R"(event=x v="a\u000alevel=error")");
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, "x", {{"v", "\xff\xc3\xa9"}}),
            "\"event\":\"x\",\"v\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, "x", {{"v", "\xc3\xa9"}}),
            "\"event\":\"x\",\"v\":\"\xc3\xa9\"");
}

TEST(RequestId, IsPrintableAndBounded) {
  EXPECT_TRUE(IsValidRequestId(MakeRequestId()));
  EXPECT_NE(MakeRequestId(), MakeRequestId());
  EXPECT_TRUE(IsValidRequestId("abc-123"));
  EXPECT_FALSE(IsValidRequestId(""));
  EXPECT_FALSE(IsValidRequestId("a b"));
  EXPECT_FALSE(IsValidRequestId("a\n"));
  EXPECT_FALSE(IsValidRequestId(std::string(129, 'a')));
}

}  // namespace
}  // namespace tenantry
