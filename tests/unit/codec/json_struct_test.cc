#include "server/codec/json_struct.h"

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "server/base/limits.h"

namespace tenantry::codec {
namespace {

TEST(JsonStructTest, AgreesWithProtobufsOwnMapping) {
  const std::string json =
      R"({"text":"ä\n","n":-1.5,"big":12345678901,"t":true,"none":null,"list":[[],{"a":{}}],)"
      R"("object":{"b":[1,2],"":""},"long":")" +
      std::string(300, 'x') + "\"}";
  google::protobuf::Struct expected;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &expected).ok());
  std::string bytes;
  ASSERT_EQ(AppendStruct(json, 10'000, bytes), StructResult::kDone);
  google::protobuf::Struct actual;
  ASSERT_TRUE(actual.ParseFromString(bytes));
  EXPECT_EQ(actual.DebugString(), expected.DebugString());
}

TEST(JsonStructTest, RefusesWhatIsNoObject) {
  std::string bytes;
  for (const char* json : {"", "[]", "1", "{", "null", "{\"a\":}", "{\"a\":1e400}", "[{}]"}) {
    EXPECT_EQ(AppendStruct(json, 1000, bytes), StructResult::kUnreadable) << json;
  }
}

TEST(JsonStructTest, IsAsDeepAsAClientCanParseAndNoDeeper) {
  for (const auto& [open, close] : {std::pair("{\"a\":", "}"), std::pair("[", "]")}) {
    std::string json = "1";
    for (std::size_t i = 1; i < limits::kJsonDepthMax; ++i) json = open + json + close;
    json = "{\"a\":" + json + "}";
    std::string bytes;
    ASSERT_EQ(AppendStruct(json, 10'000, bytes), StructResult::kDone) << json;
    google::protobuf::Struct parsed;
    EXPECT_TRUE(parsed.ParseFromString(bytes));
    json = "{\"a\":" + json + "}";
    EXPECT_EQ(AppendStruct(json, 10'000, bytes), StructResult::kUnreadable) << json;
  }
}

TEST(JsonStructTest, StopsWhenItIsTooLarge) {
  std::string json = "{\"a\":[";
  for (int i = 0; i < 100'000; ++i) json += "1,";
  json += "1]}";
  std::string bytes;
  EXPECT_EQ(AppendStruct(json, 1000, bytes), StructResult::kTooLarge);
  EXPECT_LT(bytes.size(), 2000u);
}

}  // namespace
}  // namespace tenantry::codec
