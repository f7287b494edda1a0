#include "server/codec/codec.h"

#include <deque>
#include <optional>
#include <random>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "server/base/status.h"
#include "server/codec/json_struct.h"
#include "server/codec/pg_binary.h"
#include "server/codec/wire.h"
#include "server/plan/planner.h"
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

  SqlParams Bind(const plan::Call& call) {
    SqlParams params;
    BindParameters(call, *identity::TenantId::Parse(kTenant), ids_, params);
    return params;
  }

  static std::optional<std::string> Param(const SqlParams& params, std::size_t i) {
    if (params.data(i) == nullptr) return std::nullopt;
    return std::string(params.data(i), static_cast<std::size_t>(params.entry(i).size));
  }

  // The reply as text format, parsed from its bytes.
  std::string Decode(const plan::Call& call, const Rows& rows) {
    std::string bytes;
    const absl::Status status = EncodeReply(call, rows, bytes);
    EXPECT_TRUE(status.ok()) << status;
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
  plan::Planner planner_{SaasSchema(), {}, metrics_};
  IdGenerator ids_;
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
  const absl::Status status = EncodeReply(call, FakeRows(), reply);
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
  ASSERT_TRUE(EncodeReply(call, rows, bytes).ok());
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

TEST_F(CodecTest, BatchNamesTheMissingEntry) {
  const plan::Call call =
      Prepare("BatchGetContacts", std::string("ids: '") + kId + "' ids: '" + kId + "'");
  FakeRows rows;
  rows.data.push_back(ContactRow());
  rows.data.push_back(std::vector<std::optional<std::string>>(12));
  std::string reply;
  const absl::Status status = EncodeReply(call, rows, reply);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("ids[1]"));
}

TEST_F(CodecTest, ValuesOfTheWrongSizeAreAnErrorNotACrash) {
  const plan::Call call = Prepare("GetContact", std::string("id: '") + kId + "'");
  for (int column : {0, 4, 5, 8, 9}) {
    FakeRows rows;
    rows.data.push_back(ContactRow());
    rows.data[0][column] = "bad";
    std::string reply;
    EXPECT_EQ(EncodeReply(call, rows, reply).code(), absl::StatusCode::kInternal) << column;
  }
}

TEST_F(CodecTest, BrokenArraysAreAnErrorNotACrash) {
  const plan::Call call = Prepare("GetProduct", std::string("id: '") + kId + "'");
  const std::string good = Be<std::int32_t>(1) + Be<std::int32_t>(0) + Be<std::int32_t>(25) +
                           Be<std::int32_t>(1) + Be<std::int32_t>(1) + Be<std::int32_t>(3) + "tag";
  for (std::size_t size = 0; size < good.size(); ++size) {
    FakeRows rows;
    rows.data.push_back(std::vector<std::optional<std::string>>(10));
    rows.data[0][7] = good.substr(0, size);
    std::string reply;
    EXPECT_EQ(EncodeReply(call, rows, reply).code(), absl::StatusCode::kInternal) << size;
  }
}

TEST(JsonStructTest, AgreesWithProtobufsOwnMapping) {
  const std::string json =
      R"({"text":"ä\n","n":-1.5,"big":12345678901,"t":true,"none":null,"list":[[],{"a":{}}]})";
  google::protobuf::Struct expected;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &expected).ok());
  std::string bytes;
  ASSERT_TRUE(AppendStruct(json, bytes));
  google::protobuf::Struct actual;
  ASSERT_TRUE(actual.ParseFromString(bytes));
  EXPECT_EQ(actual.DebugString(), expected.DebugString());
}

TEST(JsonStructTest, RefusesWhatIsNoObject) {
  std::string bytes;
  for (const char* json : {"", "[]", "1", "{", "null", "{\"a\":}"}) {
    EXPECT_FALSE(AppendStruct(json, bytes)) << json;
  }
}

TEST(DiagnoseTest, NamesTheFieldThatIsNotUtf8) {
  const schema::Method& method = MethodNamed(SaasSchema(), "CreateContact");
  // contact { name: "\xff" email: "ok" notes: "\xc3(" }
  const std::string contact = std::string("\x12\x01\xff\x1a\x02ok\x3a\x02\xc3(", 11);
  const std::string bytes = std::string("\x0a") + static_cast<char>(contact.size()) + contact;
  const absl::Status status = DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 50);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const auto violations = DetailsOf(status).violations;
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].field, "contact.name");
  EXPECT_EQ(violations[1].field, "contact.notes");
}

// What is nested deeper than protobuf's parser goes.
TEST(DiagnoseTest, NamesTheFieldWhoseJsonIsTooDeep) {
  const schema::Method& method = MethodNamed(SaasSchema(), "CreateContact");
  google::protobuf::Struct object;
  for (int i = 0; i < 40; ++i) {
    google::protobuf::Struct outer;
    *(*outer.mutable_fields())["a"].mutable_struct_value() = object;
    object = outer;
  }
  // contact { metadata { ... } }
  const auto& contact = *MethodNamed(SaasSchema(), "GetContact").descriptor->output_type();
  const int metadata = contact.FindFieldByName("metadata")->number();
  std::string inner, bytes;
  AppendTag(inner, metadata, WireType::kBytes);
  AppendBytes(inner, object.SerializeAsString());
  AppendTag(bytes, 1, WireType::kBytes);
  AppendBytes(bytes, inner);
  auto request = NewMessage(*method.descriptor->input_type());
  ASSERT_FALSE(request->ParseFromString(bytes));
  const auto violations =
      DetailsOf(DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 50)).violations;
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "contact.metadata");
  EXPECT_EQ(violations[0].description, "must have at most 32 objects and lists within each other");
}

TEST(DiagnoseTest, StopsAtTheLimit) {
  const schema::Method& method = MethodNamed(SaasSchema(), "BatchGetContacts");
  std::string bytes;
  for (int i = 0; i < 1'000'000; ++i) bytes += "\x0a\x01\xff";  // ids: "\xff"
  const absl::Status status = DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 50);
  EXPECT_EQ(DetailsOf(status).violations.size(), 50u);
}

TEST(DiagnoseTest, RandomBytesAreInvalidArgument) {
  const schema::Method& method = MethodNamed(SaasSchema(), "BatchCreateContacts");
  std::mt19937 random(20261121);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_EQ(DiagnoseUndecodable(bytes, *method.descriptor->input_type(), 50).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tenantry::codec
