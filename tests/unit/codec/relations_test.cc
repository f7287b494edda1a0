// Rows with relations, as Postgres sends them, become messages within messages.
#include <gmock/gmock.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "server/base/status.h"
#include "server/codec/codec.h"
#include "server/codec/pg_binary.h"
#include "tests/support/reads.h"
#include "tests/support/saas_schema.h"

namespace tenantry::codec {
namespace {

using test::ChildOf;
using test::ReadOf;
using test::TableNamed;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::SaasSchema;

using Values = std::vector<std::optional<std::string>>;

constexpr std::size_t kBytesMax = 1 << 20;

template <typename T>
std::string Be(T value) {
  std::string out;
  AppendBigEndian(out, value);
  return out;
}

std::string Sized(const std::optional<std::string>& value) {
  if (!value) return Be<std::int32_t>(-1);
  return Be(static_cast<std::int32_t>(value->size())) + *value;
}

std::string Record(const Values& values) {
  std::string out = Be(static_cast<std::int32_t>(values.size()));
  for (const auto& value : values) out += Be<std::int32_t>(25) + Sized(value);
  return out;
}

std::string Array(const std::vector<std::string>& records) {
  if (records.empty()) return Be<std::int32_t>(0) + Be<std::int32_t>(0) + Be<std::int32_t>(2249);
  std::string out = Be<std::int32_t>(1) + Be<std::int32_t>(0) + Be<std::int32_t>(2249) +
                    Be(static_cast<std::int32_t>(records.size())) + Be<std::int32_t>(1);
  for (const std::string& record : records) out += Sized(record);
  return out;
}

const std::string kYes(1, '\1'), kNo(1, '\0');

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

// Orders with total_cents, tracking_number, contact {name, notes} and items {quantity, product
// {name, tags}}.
class RelationsTest : public ::testing::Test {
 protected:
  RelationsTest() {
    const schema::Table& orders = TableNamed(SaasSchema(), "orders");
    const schema::Table& items = TableNamed(SaasSchema(), "order_items");
    plan::Read read = ReadOf(orders, {"total_cents", "tracking_number"});
    plan::Child of = ChildOf(orders, "items", {"quantity"});
    of.read.children = {ChildOf(items, "product", {"name", "tags"})};
    read.children = {ChildOf(orders, "contact", {"name", "notes"}), of};
    call_.plan = plan::MakePlan(testing::MethodNamed(SaasSchema(), "GetOrder"), read, {});
    call_.page_size = 10;
    row_ = messages_.New(orders);
  }

  static Values Row(std::string items) {
    return {Be<std::int32_t>(700), "T1", kYes, "Ada", std::nullopt, std::move(items)};
  }
  static std::string Item(std::int32_t quantity, const std::string& product) {
    return Record({Be(quantity), kYes, product, std::nullopt});
  }

  absl::Status Encode(const FakeRows& rows, std::size_t bytes_max = kBytesMax) {
    bytes_.clear();
    left_out_.clear();
    return EncodeReply(call_, {&rows}, bytes_max, bytes_, left_out_);
  }
  // The row as text format, parsed from its bytes.
  std::string Decode(Values values) {
    FakeRows rows;
    rows.data.push_back(std::move(values));
    const absl::Status status = Encode(rows);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(row_->ParseFromString(bytes_));
    EXPECT_EQ(row_->GetReflection()->GetUnknownFields(*row_).field_count(), 0);
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    std::string text;
    printer.PrintToString(*row_, &text);
    return text;
  }

  // What was left out, as `orders.items`.
  std::vector<std::string> LeftOut() const {
    std::vector<std::string> names;
    for (const LeftOutField& field : left_out_) {
      names.push_back(field.table->name + "." +
                      (field.column == nullptr ? field.relation->name : field.column->name));
    }
    return names;
  }

  test::RowMessages messages_{SaasSchema()};
  plan::Call call_;
  std::string bytes_;
  std::vector<LeftOutField> left_out_;
  std::unique_ptr<google::protobuf::Message> row_;
};

TEST_F(RelationsTest, OneAndMany) {
  EXPECT_EQ(Decode(Row(Array({Item(2, "Pen"), Item(3, "Ink")}))),
            "total_cents: 700 tracking_number: \"T1\" contact { name: \"Ada\" } "
            "items { quantity: 2 product { name: \"Pen\" } } "
            "items { quantity: 3 product { name: \"Ink\" } } ");
  EXPECT_THAT(LeftOut(), ElementsAre());
}

TEST_F(RelationsTest, NothingThere) {
  const std::string none = "total_cents: 700 tracking_number: \"T1\" ";
  Values row = Row(Array({}));
  row[2] = kNo;
  row[3] = std::nullopt;
  EXPECT_EQ(Decode(row), none);
  row[5] = std::nullopt;
  EXPECT_EQ(Decode(row), none);
  row[2] = std::nullopt;  // of an outer join that found no row before
  EXPECT_EQ(Decode(row), none);
  // A row without values is a row all the same.
  row[2] = kYes;
  row[5] = Array({Record({Be<std::int32_t>(0), kNo, std::nullopt, std::nullopt})});
  EXPECT_EQ(Decode(row), none + "contact { } items { } ");
  EXPECT_THAT(LeftOut(), ElementsAre());
}

TEST_F(RelationsTest, AValueThatTheApiCannotSayCostsItsFieldOnly) {
  EXPECT_EQ(
      Decode(Row(Array({Record({Be<std::int64_t>(2), kYes, "Pen", "no array"}), Item(3, "Ink")}))),
      "total_cents: 700 tracking_number: \"T1\" contact { name: \"Ada\" } "
      "items { product { name: \"Pen\" } } "
      "items { quantity: 3 product { name: \"Ink\" } } ");
  EXPECT_THAT(LeftOut(), ElementsAre("order_items.quantity", "products.tags"));
}

TEST_F(RelationsTest, BytesThatAreNoRecordsCostTheirRelationOnly) {
  const std::string without = "total_cents: 700 tracking_number: \"T1\" contact { name: \"Ada\" } ";
  const std::string good = Array({Item(2, "Pen"), Item(3, "Ink")});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(Decode(Row(good.substr(0, size))), without) << size;
    EXPECT_THAT(LeftOut(), ElementsAre("orders.items")) << size;
  }
  const std::string null = Be<std::int32_t>(-1), negative = Be<std::int32_t>(-7);
  const std::string head = Array({""}).substr(0, 20);
  for (const std::string& other :
       {head + null, head + negative, Array({Be<std::int32_t>(4) + null + negative}),
        Array({Record({Be<std::int32_t>(2), kYes, "Pen"})}),
        Array({Record({Be<std::int32_t>(2), kYes, "Pen", std::nullopt, std::nullopt})}),
        Array({"", Item(2, "Pen")})}) {
    EXPECT_EQ(Decode(Row(other)), without);
    EXPECT_THAT(LeftOut(), ElementsAre("orders.items"));
  }
}

// Whatever the bytes are, the reply is a message.
TEST_F(RelationsTest, RandomBytes) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const std::string good = Array({Item(2, "Pen"), Item(3, "Ink"), Item(4, "Cap")});
  for (int i = 0; i < 20000 && !HasFailure(); ++i) {
    std::string bytes = good;
    for (int n = 1 + static_cast<int>(random() % 4); n > 0; --n) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % (random() % 8 == 0 ? 128 : 4));
    }
    EXPECT_THAT(Decode(Row(bytes)), HasSubstr("contact { name: \"Ada\" }"));
  }
}

TEST_F(RelationsTest, ARowTooLargeForItsRelation) {
  std::vector<std::string> items(1000, Item(1, "Pen"));
  FakeRows rows;
  rows.data.push_back(Row(Array(items)));
  ASSERT_TRUE(Encode(rows).ok());
  const absl::Status status = Encode(rows, 8000);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "ROW_TOO_LARGE");
}

// In a page the first row is always kept, without its largest values, and what is too large for the
// rest of the reply begins the next page.
TEST_F(RelationsTest, APageEndsBeforeARelationIsTooLarge) {
  auto page = std::make_shared<plan::Plan>(*call_.plan);
  page->reply.form = plan::ReplyForm::kPage;
  call_.plan = page;
  std::vector<std::string> items(100, Item(1, "Pen"));
  FakeRows rows;
  for (int i = 0; i < 4; ++i) rows.data.push_back(Row(Array(items)));
  ASSERT_TRUE(Encode(rows, 4000).ok());
  EXPECT_GT(bytes_.size(), 2000u);
  EXPECT_LE(bytes_.size(), 4000u);
  EXPECT_THAT(LeftOut(), ElementsAre());

  items.resize(1000, Item(1, "Pen"));
  rows.data[0] = Row(Array(items));
  ASSERT_TRUE(Encode(rows, 4000).ok());
  EXPECT_THAT(LeftOut(), ElementsAre("orders.items"));
  EXPECT_EQ(left_out_[0].why, LeftOutField::Why::kTooLarge);
}

// What relations come to: a record with a cell for each, which become entries of one map.
TEST_F(RelationsTest, AggregatesBesideRows) {
  const schema::Table& orders = TableNamed(SaasSchema(), "orders");
  const schema::Table& items = TableNamed(SaasSchema(), "order_items");
  using Function = plan::Measure::Function;
  plan::Child measured = ChildOf(orders, "items", {});
  measured.measures = {{},
                       {Function::kMaximum, &test::ColumnOf(items, "quantity"), {}},
                       {Function::kAverage, &test::ColumnOf(items, "price_cents"), {}}};
  plan::Read read = ReadOf(orders, {"total_cents"});
  read.children = {ChildOf(orders, "contact", {"name"}), measured};
  call_.plan = plan::MakePlan(testing::MethodNamed(SaasSchema(), "GetOrder"), read, {});
  call_.measure_names = {"lines", "most", "price"};
  const auto row = [](std::string record) {
    return Values{Be<std::int32_t>(700), kYes, "Ada", std::move(record)};
  };
  const std::string without = "total_cents: 700 contact { name: \"Ada\" } ";
  EXPECT_EQ(Decode(row(Record({Be<std::int64_t>(0), std::nullopt, "7.50"}))),
            without +
                "aggregates { key: \"lines\" value { integer: 0 } } "
                "aggregates { key: \"most\" value { } } "
                "aggregates { key: \"price\" value { decimal: \"7.50\" } } ");
  EXPECT_THAT(LeftOut(), ElementsAre());
  // Bytes that are no such record cost the relation's entries only.
  const std::string good = Record({Be<std::int64_t>(2), Be<std::int64_t>(3), "7.50"});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(Decode(row(good.substr(0, size))), without) << size;
    EXPECT_THAT(LeftOut(), ElementsAre("orders.items")) << size;
  }
  EXPECT_EQ(Decode(row(Record({Be<std::int64_t>(2)}))), without);
}

// A reply that is made of all results: the order, and its items by a statement of their own.
TEST_F(RelationsTest, AReplyOfSeveralStatements) {
  const schema::Table& orders = TableNamed(SaasSchema(), "orders");
  const schema::Table& items = TableNamed(SaasSchema(), "order_items");
  const auto& update = testing::MethodNamed(SaasSchema(), "UpdateOrder");
  call_.plan = plan::MakePlan(update, ReadOf(orders, {"total_cents"}), {});
  plan::Statement silent, told;
  silent.plan = call_.plan;
  told.plan = plan::MakePlan(update, ReadOf(items, {"quantity"}), {});
  const int field = test::RelationOf(orders, "items").number;
  call_.below = {{field, 2, 0}, {field, 2, 1}, {field, 2, 2}, {field, 2, 3}};  // one too many
  call_.before = {silent};
  call_.after = {told};
  FakeRows none, order, lines;
  order.data = {{Be<std::int32_t>(700)}};
  lines.data = {{Be<std::int32_t>(2)}, {"bad"}, {Be<std::int32_t>(3)}};
  ASSERT_TRUE(EncodeReply(call_, {&none, &order, &lines}, kBytesMax, bytes_, left_out_).ok());
  ASSERT_TRUE(row_->ParseFromString(bytes_));
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(*row_, &text);
  EXPECT_EQ(text, "total_cents: 700 items { quantity: 2 } items { } items { quantity: 3 } ");
  EXPECT_THAT(LeftOut(), ElementsAre("order_items.quantity"));
  EXPECT_EQ(left_out_[0].row, 0);  // of the order
}

}  // namespace
}  // namespace tenantry::codec
