// Groups, as Postgres sends them, become the reply of an aggregate.
#include <gmock/gmock.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "server/base/status.h"
#include "server/codec/codec.h"
#include "server/codec/pg_binary.h"
#include "server/methods/planner.h"
#include "tests/support/saas_schema.h"

namespace tenantry::codec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MakeRequest;
using testing::MethodNamed;
using testing::SaasSchema;

using Values = std::vector<std::optional<std::string>>;

template <typename T>
std::string Be(T value) {
  std::string out;
  AppendBigEndian(out, value);
  return out;
}

class FakeRows : public Rows {
 public:
  std::vector<Values> data;

  int row_count() const override { return static_cast<int>(data.size()); }
  int column_count() const override { return data.empty() ? 0 : static_cast<int>(data[0].size()); }
  Cell at(int row, int column) const override {
    const auto& value = data[row][column];
    return value ? Cell{value->data(), static_cast<std::int32_t>(value->size())} : Cell{};
  }
};

class GroupsTest : public ::testing::Test {
 protected:
  void Prepare(const std::string& request) {
    request_ = MakeRequest(method_, request);
    call_ = *planner_.Prepare(method_, *request_);
  }

  absl::Status Encode(std::size_t bytes_max = 1 << 20) {
    bytes_.clear();
    left_out_.clear();
    return EncodeReply(call_, {&rows_}, bytes_max, bytes_, left_out_);
  }

  std::string Decode(std::size_t bytes_max = 1 << 20) {
    const absl::Status status = Encode(bytes_max);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_LE(bytes_.size(), bytes_max);
    auto reply = testing::NewMessage(*method_.descriptor->output_type());
    EXPECT_TRUE(reply->ParseFromString(bytes_));
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    std::string text;
    printer.PrintToString(*reply, &text);
    return text;
  }

  const schema::Method& method_ = MethodNamed(SaasSchema(), "AggregateOrders");
  MetricRegistry metrics_;
  methods::Planner planner_{SaasSchema(), {}, metrics_};
  std::unique_ptr<google::protobuf::Message> request_;
  plan::Call call_;
  FakeRows rows_;
  std::string bytes_;
  std::vector<LeftOutField> left_out_;
};

const std::string kYes(1, '\1'), kNo(1, '\0');
constexpr char kTracked[] =
    "group_by { field: ORDER_FIELD_TRACKING_NUMBER } measures { name: 'n' function: "
    "AGGREGATE_FUNCTION_COUNT } ";

TEST_F(GroupsTest, KeysAndMeasures) {
  Prepare(
      "group_by { field: ORDER_FIELD_STATUS } group_by { contact { field: CONTACT_FIELD_TYPE } } "
      "measures { name: 'rows' function: AGGREGATE_FUNCTION_COUNT } "
      "measures { function: AGGREGATE_FUNCTION_AVG field: ORDER_FIELD_TOTAL_CENTS } "
      "measures { name: 'last' function: AGGREGATE_FUNCTION_MAX field: ORDER_FIELD_CREATED_AT } "
      "measures { name: 'first' function: AGGREGATE_FUNCTION_MIN field: "
      "ORDER_FIELD_TRACKING_NUMBER }");
  const std::string time = Be<std::int64_t>(0);  // 2000-01-01
  rows_.data = {
      {"shipped", kYes, "company", Be<std::int64_t>(0), "1.50", time, "T1"},
      {std::nullopt, kNo, std::nullopt, Be<std::int64_t>(-7), std::nullopt, std::nullopt, ""}};
  EXPECT_EQ(Decode(),
            "groups { key { status: ORDER_STATUS_SHIPPED contact { type: CONTACT_TYPE_COMPANY } } "
            "values { key: \"avg_total_cents\" value { decimal: \"1.50\" } } "
            "values { key: \"first\" value { text: \"T1\" } } "
            "values { key: \"last\" value { timestamp { seconds: 946684800 } } } "
            "values { key: \"rows\" value { integer: 0 } } } "
            "groups { key { } values { key: \"avg_total_cents\" value { } } "
            "values { key: \"first\" value { text: \"\" } } "
            "values { key: \"last\" value { } } values { key: \"rows\" value { integer: -7 } } } ");
  EXPECT_THAT(left_out_, IsEmpty());
}

TEST_F(GroupsTest, WithoutKeys) {
  Prepare("");
  rows_.data = {{Be<std::int64_t>(5)}};
  EXPECT_EQ(Decode(), "groups { values { key: \"count\" value { integer: 5 } } } ");
}

TEST_F(GroupsTest, MoreThanTheLimit) {
  Prepare(std::string(kTracked) + "limit: 1");
  rows_.data = {{"a", Be<std::int64_t>(1), kNo}, {"b", Be<std::int64_t>(1), kNo}};
  EXPECT_EQ(Decode(),
            "groups { key { tracking_number: \"a\" } values { key: \"n\" value { integer: 1 } } } "
            "has_more: true ");
}

TEST_F(GroupsTest, MoreThanAReplyHasRoomFor) {
  Prepare(kTracked);
  for (int i = 0; i < 5; ++i) {
    rows_.data.push_back({std::string(300, 'x'), Be<std::int64_t>(1), kNo});
  }
  const std::string two = Decode(800);
  EXPECT_NE(two.find("has_more: true"), std::string::npos);
  EXPECT_GT(bytes_.size(), 600u);
  // All of them, to the byte.
  ASSERT_TRUE(Encode().ok());
  EXPECT_EQ(Decode(bytes_.size() + 2).find("has_more"), std::string::npos);
}

// The first group stays, without its largest values.
TEST_F(GroupsTest, AGroupThatIsTooLarge) {
  Prepare(kTracked);
  rows_.data = {{std::string(900, 'x'), Be<std::int64_t>(1), kNo}};
  EXPECT_EQ(Decode(800), "groups { key { } values { key: \"n\" value { integer: 1 } } } ");
  ASSERT_EQ(left_out_.size(), 1u);
  EXPECT_EQ(left_out_[0].why, LeftOutField::Why::kTooLarge);
  EXPECT_EQ(left_out_[0].column->name, "tracking_number");
  EXPECT_EQ(ReasonOf(Encode(5)), "REPLY_TOO_LARGE");
}

// Of a result that the database has ended, for the bytes of long texts in it.
TEST_F(GroupsTest, AResultThatEndedForItsSize) {
  call_ = {};
  const schema::Method& contacts = MethodNamed(SaasSchema(), "AggregateContacts");
  request_ = MakeRequest(contacts, "group_by { field: CONTACT_FIELD_NOTES }");
  call_ = *planner_.Prepare(contacts, *request_);
  ASSERT_TRUE(call_.plan->bounded);
  rows_.data = {{"a", Be<std::int64_t>(1), kYes}};
  ASSERT_TRUE(Encode().ok());
  EXPECT_EQ(bytes_.substr(bytes_.size() - 2), "\x10\x01");
  rows_.data = {{"a", Be<std::int64_t>(1), kNo}};
  ASSERT_TRUE(Encode().ok());
  EXPECT_NE(bytes_.substr(bytes_.size() - 2), "\x10\x01");
}

TEST_F(GroupsTest, WhatCannotBeReadIsLeftOutAlone) {
  Prepare(
      "measures { function: AGGREGATE_FUNCTION_MAX field: ORDER_FIELD_CREATED_AT } "
      "measures { function: AGGREGATE_FUNCTION_AVG field: ORDER_FIELD_TOTAL_CENTS }");
  rows_.data = {{Be<std::int64_t>(std::numeric_limits<std::int64_t>::max()), "NaN"}};
  EXPECT_EQ(Decode(),
            "groups { values { key: \"avg_total_cents\" value { } } "
            "values { key: \"max_created_at\" value { } } } ");
  EXPECT_EQ(left_out_.size(), 2u);
}

}  // namespace
}  // namespace tenantry::codec
