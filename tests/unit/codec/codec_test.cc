#include "server/codec/codec.h"

#include <deque>
#include <optional>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/codec/json_struct.h"
#include "server/codec/pg_binary.h"
#include "server/codec/wire.h"
#include "server/methods/planner.h"
#include "tests/support/saas_schema.h"

namespace tenantry::codec {
namespace {

using ::testing::ElementsAre;
using testing::MakeRequest;
using testing::MethodNamed;
using testing::NewMessage;
using testing::SaasSchema;

constexpr char kId[] = "01920000-0000-7000-8000-000000000001";
constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";

class FakeRows : public Rows {
 public:
  std::deque<std::vector<std::optional<std::string>>> data;

  int row_count() const override { return static_cast<int>(data.size()); }
  int column_count() const override { return data.empty() ? 0 : static_cast<int>(data[0].size()); }
  Cell at(int row, int column) const override {
    const auto& value = data[row][column];
    return value ? Cell{value->data(), static_cast<std::int32_t>(value->size())} : Cell{};
  }
};

template <typename T>
std::string Be(T value) {
  std::string out;
  AppendBigEndian(out, value);
  return out;
}

std::string UuidBytes(const char* text) {
  std::uint8_t bytes[16];
  EXPECT_TRUE(ParseUuid(text, bytes));
  return {reinterpret_cast<char*>(bytes), 16};
}

// A row of contacts as Postgres sends it.
std::vector<std::optional<std::string>> ContactRow() {
  return {UuidBytes(kId),
          "Ada",
          "ada@example.com",
          std::nullopt,
          "company",
          std::string(1, '\0'),
          std::nullopt,
          std::nullopt,
          std::string("\1{\"a\": [1, true, null, \"x\"]}"),
          Be<std::int64_t>(1500000),
          Be<std::int64_t>(-1),
          std::nullopt};
}

class CodecTest : public ::testing::Test {
 protected:
  plan::Call Prepare(std::string_view rpc, std::string_view text) {
    const schema::Method& method = MethodNamed(SaasSchema(), rpc);
    requests_.push_back(MakeRequest(method, text));
    absl::StatusOr<plan::Call> call = planner_.Prepare(method, *requests_.back());
    EXPECT_TRUE(call.ok()) << call.status();
    return *std::move(call);
  }

  SqlParams Bind(plan::Call call) {
    SqlParams params;
    BindParameters(call, call, *identity::TenantId::Parse(kTenant), ids_, params);
    return params;
  }

  static std::optional<std::string> Param(const SqlParams& params, std::size_t i) {
    if (params.data(i) == nullptr) return std::nullopt;
    return std::string(params.data(i), static_cast<std::size_t>(params.entry(i).size));
  }

  absl::Status Encode(const plan::Call& call, const Rows& rows, std::string& bytes,
                      std::size_t bytes_max = 4 << 20) {
    bytes.clear();
    left_out_.clear();
    return EncodeReply(call, {&rows}, bytes_max, bytes, left_out_);
  }

  // Names of the columns that the last reply left out.
  std::vector<std::string> LeftOut() const {
    std::vector<std::string> names;
    for (const LeftOutField& field : left_out_) names.push_back(field.column->name);
    return names;
  }

  // The reply as text format, parsed from its bytes.
  std::string Decode(const plan::Call& call, const Rows& rows, std::size_t bytes_max = 4 << 20) {
    std::string bytes;
    const absl::Status status = Encode(call, rows, bytes, bytes_max);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_LE(bytes.size(), bytes_max);
    auto reply = NewMessage(*call.plan->method->descriptor->output_type());
    EXPECT_TRUE(reply->ParseFromString(bytes));
    EXPECT_EQ(reply->GetReflection()->GetUnknownFields(*reply).field_count(), 0);
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    std::string text;
    printer.PrintToString(*reply, &text);
    return text;
  }

  MetricRegistry metrics_;
  methods::Planner planner_{SaasSchema(), {}, metrics_};
  IdGenerator ids_;
  std::vector<LeftOutField> left_out_;
  std::vector<std::unique_ptr<google::protobuf::Message>> requests_;
};

TEST_F(CodecTest, BindsTenantAndKey) {
  const SqlParams params = Bind(Prepare("GetContact", std::string("id: '") + kId + "'"));
  ASSERT_EQ(params.size(), 2u);
  EXPECT_EQ(Param(params, 0), UuidBytes(kTenant));
  EXPECT_EQ(Param(params, 1), UuidBytes(kId));
}

TEST_F(CodecTest, BindsACreateWithItsAbsences) {
  const SqlParams params =
      Bind(Prepare("CreateContact",
                   "contact { name: 'Ada' type: CONTACT_TYPE_PARTNER is_active: false "
                   "metadata { fields { key: 'n' value { number_value: 3 } } } }"));
  // tenant, id (made), name, email, phone, type, is_active, notes, stripe_customer_id, metadata
  ASSERT_EQ(params.size(), 10u);
  EXPECT_EQ(Param(params, 1)->size(), 16u);
  EXPECT_EQ(Param(params, 2), "Ada");
  EXPECT_EQ(Param(params, 3), std::nullopt);
  EXPECT_EQ(Param(params, 5), "partner");
  EXPECT_EQ(Param(params, 6), std::string(1, '\0'));
  EXPECT_EQ(Param(params, 9), "{\"n\":3}");
}

TEST_F(CodecTest, MadeIdsDiffer) {
  const plan::Call call = Prepare("CreateContact", "contact { name: 'Ada' }");
  EXPECT_NE(Param(Bind(call), 1), Param(Bind(call), 1));
}

TEST_F(CodecTest, BindsABatchAsArrays) {
  const SqlParams params = Bind(
      Prepare("BatchCreateProducts",
              R"(requests { product { slug: 'a' name: 'n' price_cents: 7 tags: 'x"\\y' tags: '' } }
         requests { product { slug: 'b' name: 'n' stock: 3 } })"));
  // tenant, id, slug, name, description, price_cents, stock, is_active, tags
  ASSERT_EQ(params.size(), 9u);
  const std::string header = Be<std::int32_t>(1) + Be<std::int32_t>(0);
  EXPECT_EQ(Param(params, 2), header + Be<std::int32_t>(25) + Be<std::int32_t>(2) +
                                  Be<std::int32_t>(1) + Be<std::int32_t>(1) + "a" +
                                  Be<std::int32_t>(1) + "b");
  EXPECT_EQ(Param(params, 6), Be<std::int32_t>(1) + Be<std::int32_t>(1) + Be<std::int32_t>(23) +
                                  Be<std::int32_t>(2) + Be<std::int32_t>(1) + Be<std::int32_t>(-1) +
                                  Be<std::int32_t>(4) + Be<std::int32_t>(3));
  const std::string tags = R"({"x\"\\y",""})";
  EXPECT_EQ(Param(params, 8), header + Be<std::int32_t>(25) + Be<std::int32_t>(2) +
                                  Be<std::int32_t>(1) + Be<std::int32_t>(tags.size()) + tags +
                                  Be<std::int32_t>(2) + "{}");
}

TEST_F(CodecTest, EncodesARow) {
  const plan::Call call = Prepare("GetContact", std::string("id: '") + kId + "'");
  FakeRows rows;
  rows.data.push_back(ContactRow());
  EXPECT_EQ(Decode(call, rows),
            std::string("id: \"") + kId +
                "\" name: \"Ada\" email: \"ada@example.com\" type: CONTACT_TYPE_COMPANY "
                "is_active: false metadata { fields { key: \"a\" value { list_value { values { "
                "number_value: 1 } values { bool_value: true } values { null_value: NULL_VALUE } "
                "values { string_value: \"x\" } } } } } created_at { seconds: 946684801 nanos: "
                "500000000 } updated_at { seconds: 946684799 nanos: 999999000 } ");
}

TEST_F(CodecTest, NoRowIsNotFound) {
  const plan::Call call = Prepare("GetContact", std::string("id: '") + kId + "'");
  std::string reply;
  const absl::Status status = Encode(call, FakeRows(), reply);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), "NOT_FOUND");
}

TEST_F(CodecTest, PageEndsWithATokenWhenARowIsLeftOver) {
  const plan::Call call = Prepare("ListContacts", "page_size: 1");
  FakeRows rows;
  rows.data.push_back(ContactRow());
  EXPECT_THAT(Decode(call, rows), ::testing::Not(::testing::HasSubstr("next_page_token")));
  rows.data.push_back(ContactRow());
  EXPECT_THAT(Decode(call, rows), ::testing::HasSubstr("next_page_token"));

  std::string bytes;
  ASSERT_TRUE(Encode(call, rows, bytes).ok());
  auto page = NewMessage(*call.plan->method->descriptor->output_type());
  ASSERT_TRUE(page->ParseFromString(bytes));
  const auto* token = page->GetDescriptor()->FindFieldByName("next_page_token");
  const std::string next = page->GetReflection()->GetString(*page, token);
  EXPECT_THAT(Prepare("ListContacts", "page_size: 9 page_token: '" + next + "'").cursor,
              ElementsAre(UuidBytes(kId)));
  const schema::Method& method = MethodNamed(SaasSchema(), "ListContacts");
  auto other = MakeRequest(method, "filter { name { eq: 'x' } } page_token: '" + next + "'");
  EXPECT_EQ(planner_.Prepare(method, *other).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CodecTest, APageIsWithinTheLimitWithItsTokens) {
  const plan::Call call = Prepare(
      "ListContacts", "page_size: 1 order_by { field: CONTACT_FIELD_NOTES } select { id: true }");
  FakeRows rows;
  for (int i = 0; i < 2; ++i) {
    std::vector<std::optional<std::string>> row(call.plan->cells + 1);
    for (const int cell : call.plan->positions) row[cell].emplace(3000, 'x');
    row[0] = UuidBytes(kId);
    rows.data.push_back(row);
  }
  EXPECT_THAT(Decode(call, rows, 5000), ::testing::HasSubstr("next_page_token"));
  // The row is small, but its position is not: a token larger than a reply would be no use.
  std::string reply;
  EXPECT_EQ(ReasonOf(Encode(call, rows, reply, 4000)), "ROW_TOO_LARGE");
}

TEST_F(CodecTest, BatchNamesTheMissingEntry) {
  const plan::Call call =
      Prepare("BatchGetContacts", std::string("ids: '") + kId + "' ids: '" + kTenant + "'");
  FakeRows rows;
  rows.data.push_back(ContactRow());
  rows.data.push_back(std::vector<std::optional<std::string>>(call.plan->outputs.columns.size()));
  std::string reply;
  const absl::Status status = Encode(call, rows, reply);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("ids[1]"));
}

TEST_F(CodecTest, ValuesOfTheWrongSizeCostTheirFieldOnly) {
  const plan::Call call = Prepare("GetContact", std::string("id: '") + kId + "'");
  const char* const names[] = {"id",       "name",      "email", "phone",
                               "type",     "is_active", "notes", "stripe_customer_id",
                               "metadata", "created_at"};
  for (int column : {0, 4, 5, 8, 9}) {
    FakeRows rows;
    rows.data.push_back(ContactRow());
    rows.data[0][column] = "bad";
    EXPECT_THAT(Decode(call, rows), ::testing::HasSubstr("ada@example.com")) << column;
    EXPECT_THAT(LeftOut(), ElementsAre(names[column]));
  }
}

TEST_F(CodecTest, BrokenArraysCostTheirFieldOnly) {
  const plan::Call call = Prepare("GetProduct", std::string("id: '") + kId + "'");
  const std::string good = Be<std::int32_t>(1) + Be<std::int32_t>(0) + Be<std::int32_t>(25) +
                           Be<std::int32_t>(1) + Be<std::int32_t>(1) + Be<std::int32_t>(3) + "tag";
  for (std::size_t size = 0; size < good.size(); ++size) {
    FakeRows rows;
    rows.data.push_back(std::vector<std::optional<std::string>>(call.plan->outputs.columns.size()));
    rows.data[0][7] = good.substr(0, size);
    EXPECT_EQ(Decode(call, rows), "") << size;
    EXPECT_THAT(LeftOut(), ElementsAre("tags"));
  }
}

TEST_F(CodecTest, WhatTheApiCannotSayIsLeftOut) {
  const plan::Call call = Prepare("GetContact", std::string("id: '") + kId + "'");
  const auto without = [&](int column, std::string value) {
    FakeRows rows;
    rows.data.push_back(ContactRow());
    rows.data[0][column] = std::move(value);
    EXPECT_THAT(Decode(call, rows), ::testing::HasSubstr("name: \"Ada\""));
    return LeftOut();
  };
  EXPECT_THAT(without(4, "a label that is new"), ElementsAre("type"));
  for (std::int64_t micros : {INT64_MAX, INT64_MIN, INT64_MAX - 1}) {
    EXPECT_THAT(without(9, Be(micros)), ElementsAre("created_at"));
  }
  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "{\"a\":";
  for (const std::string& json :
       {std::string("[1]"), std::string("null"), std::string("3"), std::string("{\"n\": 1e400}"),
        deep + "1" + std::string(33, '}')}) {
    EXPECT_THAT(without(8, "\1" + json), ElementsAre("metadata")) << json;
  }
}

TEST_F(CodecTest, AnArrayWithANullOrTwoDimensionsIsLeftOut) {
  const plan::Call call = Prepare("GetProduct", std::string("id: '") + kId + "'");
  const std::string with_null = Be<std::int32_t>(1) + Be<std::int32_t>(1) + Be<std::int32_t>(25) +
                                Be<std::int32_t>(2) + Be<std::int32_t>(1) + Be<std::int32_t>(1) +
                                "a" + Be<std::int32_t>(-1);
  const std::string two = Be<std::int32_t>(2) + Be<std::int32_t>(0) + Be<std::int32_t>(25) +
                          Be<std::int32_t>(1) + Be<std::int32_t>(1) + Be<std::int32_t>(1) +
                          Be<std::int32_t>(1) + Be<std::int32_t>(1) + "a";
  for (const std::string& array : {with_null, two}) {
    FakeRows rows;
    rows.data.push_back(std::vector<std::optional<std::string>>(call.plan->outputs.columns.size()));
    rows.data[0][1] = "slug";
    rows.data[0][7] = array;
    EXPECT_EQ(Decode(call, rows), "slug: \"slug\" ");
    EXPECT_THAT(LeftOut(), ElementsAre("tags"));
  }
}

TEST_F(CodecTest, APageEndsBeforeItsReplyIsTooLarge) {
  const plan::Call call = Prepare("ListContacts", "page_size: 50");
  FakeRows rows;
  for (int i = 0; i < 50; ++i) {
    rows.data.push_back(ContactRow());
    rows.data.back()[6] = std::string(100'000, 'n');
  }
  std::string bytes;
  ASSERT_TRUE(Encode(call, rows, bytes, 1'000'000).ok());
  EXPECT_LE(bytes.size(), 1'000'000u);
  auto page = NewMessage(*call.plan->method->descriptor->output_type());
  ASSERT_TRUE(page->ParseFromString(bytes));
  const auto* type = page->GetDescriptor();
  EXPECT_EQ(page->GetReflection()->FieldSize(*page, type->FindFieldByName("contacts")), 9);
  EXPECT_NE(page->GetReflection()->GetString(*page, type->FindFieldByName("next_page_token")), "");
  EXPECT_THAT(LeftOut(), ::testing::IsEmpty());
}

// At every limit: what fits is never cut short by more than a row and its token.
TEST_F(CodecTest, APageIsAsLongAsItsLimitAllows) {
  const plan::Call call = Prepare("ListContacts", "page_size: 8");
  FakeRows rows;
  for (int i = 0; i < 8; ++i) rows.data.push_back(ContactRow());
  std::string all;
  ASSERT_TRUE(Encode(call, rows, all).ok());
  for (std::size_t limit = all.size() / 8 + 100; limit < all.size() + 200; ++limit) {
    std::string bytes;
    ASSERT_TRUE(Encode(call, rows, bytes, limit).ok()) << limit;
    EXPECT_LE(bytes.size(), limit);
    EXPECT_GE(bytes.size() + all.size() / 8 + 100, std::min(limit, all.size())) << limit;
    EXPECT_THAT(LeftOut(), ::testing::IsEmpty());
  }
}

TEST_F(CodecTest, ARowLargerThanAnyReplyCostsItsLargestFieldOnly) {
  const plan::Call call = Prepare("ListContacts", "page_size: 50");
  FakeRows rows;
  rows.data.push_back(ContactRow());
  rows.data.push_back(ContactRow());
  rows.data[0][6] = std::string(2'000'000, 'n');
  EXPECT_THAT(Decode(call, rows, 1'000'000), ::testing::HasSubstr("ada@example.com"));
  EXPECT_THAT(LeftOut(), ElementsAre("notes"));
  EXPECT_EQ(left_out_[0].why, LeftOutField::Why::kTooLarge);
}

TEST_F(CodecTest, AReadOfOneRowThatIsTooLargeSaysSo) {
  const plan::Call call = Prepare("GetContact", std::string("id: '") + kId + "'");
  FakeRows rows;
  rows.data.push_back(ContactRow());
  rows.data[0][6] = std::string(2'000'000, 'n');
  std::string bytes;
  const absl::Status status = Encode(call, rows, bytes, 1'000'000);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "ROW_TOO_LARGE");
}

TEST_F(CodecTest, AWriteThatCommittedIsNeverAnsweredWithAnError) {
  const plan::Call call = Prepare("CreateContact", "contact { name: 'Ada' }");
  FakeRows rows;
  rows.data.push_back(ContactRow());
  rows.data[0][6] = std::string(2'000'000, 'n');
  EXPECT_THAT(Decode(call, rows, 1'000'000), ::testing::HasSubstr("ada@example.com"));
  EXPECT_THAT(LeftOut(), ElementsAre("notes"));
}

TEST_F(CodecTest, KeysAskedForTwiceAreAskedOfTheDatabaseOnce) {
  std::string upper = kId;
  for (char& c : upper) c = absl::ascii_toupper(c);
  const plan::Call call =
      Prepare("BatchGetContacts", absl::StrCat("ids: '", kTenant, "' ids: '", kId, "' ids: '",
                                               kTenant, "' ids: '", upper, "'"));
  const SqlParams params = Bind(call);
  EXPECT_EQ(Param(params, 1), Be<std::int32_t>(1) + Be<std::int32_t>(0) + Be<std::int32_t>(2950) +
                                  Be<std::int32_t>(2) + Be<std::int32_t>(1) + Be<std::int32_t>(16) +
                                  UuidBytes(kTenant) + Be<std::int32_t>(16) + UuidBytes(kId));
  FakeRows rows;
  rows.data.push_back(ContactRow());
  rows.data.push_back(ContactRow());
  rows.data[0][1] = "Tia";
  const std::string reply = Decode(call, rows);
  const auto tia = reply.find("Tia"), ada = reply.find("Ada");
  EXPECT_LT(tia, ada);
  EXPECT_LT(ada, reply.find("Tia", ada));
  EXPECT_NE(reply.find("Ada", reply.find("Tia", ada)), std::string::npos);

  rows.data[1] = std::vector<std::optional<std::string>>(12);
  std::string bytes;
  EXPECT_THAT(std::string(Encode(call, rows, bytes).message()), ::testing::HasSubstr("ids[1]"));
}

TEST_F(CodecTest, ABatchThatIsTooLargeIsNotBuiltToItsEnd) {
  std::string ids;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&ids, "ids: '", kId, "' ");
  const plan::Call call = Prepare("BatchGetContacts", ids);
  EXPECT_EQ(call.keys.size(), 1u);
  FakeRows rows;
  rows.data.push_back(ContactRow());
  rows.data[0][6] = std::string(1 << 20, 'n');
  std::string bytes;
  const absl::Status status = Encode(call, rows, bytes);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "REPLY_TOO_LARGE");
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("3 of 1000 fit"));
  EXPECT_LE(bytes.size(), 6u << 20);
}

TEST_F(CodecTest, InsertsThatCouldNotBeAnsweredAreRefused) {
  const ReplyLimits limits{.bytes_max = 100'000, .row_bytes_max = 90'000};
  const auto check = [&](std::string_view rpc, const std::string& text) {
    const plan::Call call = Prepare(rpc, text);
    return CheckWrittenSize(call, Bind(call).size_in_bytes(), limits);
  };
  const std::string fits(80'000, 'n'), large(90'000, 'n');
  EXPECT_TRUE(check("CreateContact", "contact { name: 'A' notes: '" + fits + "' }").ok());
  absl::Status status = check("CreateContact", "contact { name: 'A' notes: '" + large + "' }");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "ROW_TOO_LARGE");
  EXPECT_EQ(DetailsOf(status).violations.at(0).field, "contact");

  const std::string small = "requests { contact { name: 'A' } } ";
  status = check("BatchCreateContacts",
                 small + "requests { contact { name: 'A' notes: '" + large + "' } }");
  EXPECT_EQ(DetailsOf(status).violations.at(0).field, "requests[1].contact");
  std::string many;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&many, small);
  status = check("BatchCreateContacts", many);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "REPLY_TOO_LARGE");
  EXPECT_EQ(DetailsOf(status).violations.at(0).field, "requests");
}

// The worst growth from a request to its reply: digits in JSON, and zeros that were not sent.
TEST_F(CodecTest, TheSizeOfAnInsertIsNeverTakenForTooSmall) {
  std::string values;
  for (int i = 0; i < 300; ++i) values += "values { number_value: 1 } ";
  const plan::Call call = Prepare(
      "CreateContact", "contact { name: 'A' metadata { fields { key: 'a' value { list_value { " +
                           values + "} } } } }");
  FakeRows rows;
  rows.data.push_back(ContactRow());
  rows.data[0][1] = "A";
  rows.data[0][2] = rows.data[0][4] = std::nullopt;
  rows.data[0][4] = "individual";
  rows.data[0][8] = "\1" + call.json.begin()->second;
  std::string bytes;
  ASSERT_TRUE(Encode(call, rows, bytes).ok());
  EXPECT_FALSE(
      CheckWrittenSize(call, Bind(call).size_in_bytes(), {bytes.size() * 2, bytes.size() - 1})
          .ok());
  EXPECT_TRUE(
      CheckWrittenSize(call, Bind(call).size_in_bytes(), {bytes.size() * 3, bytes.size() * 2})
          .ok());
}

}  // namespace
}  // namespace tenantry::codec
