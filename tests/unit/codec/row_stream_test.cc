// Rows that come one by one become messages of a bounded size, each with the token of its last row.
#include "server/codec/row_stream.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "server/base/status.h"
#include "server/plan/page_token.h"
#include "tests/support/reads.h"
#include "tests/support/saas_schema.h"

namespace tenantry::codec {
namespace {

using test::ReadOf;
using test::TableNamed;
using testing::SaasSchema;

class OneRow : public Rows {
 public:
  explicit OneRow(std::vector<std::string> values) : values_(std::move(values)) {}
  int row_count() const override { return 1; }
  int column_count() const override { return static_cast<int>(values_.size()); }
  Cell at(int, int column) const override {
    const std::string& value = values_[static_cast<std::size_t>(column)];
    return {value.data(), static_cast<std::int32_t>(value.size())};
  }

 private:
  const std::vector<std::string> values_;
};

// Contacts with id, name and notes.
class RowStreamTest : public ::testing::Test {
 protected:
  RowStreamTest() {
    const schema::Table& contacts = TableNamed(SaasSchema(), "contacts");
    plan::Read read = ReadOf(contacts, {"id", "name", "notes"});
    read.order = {{.column = &test::ColumnOf(contacts, "id")}};
    read.page = plan::Page{.rows_max = 0, .limit = {}, .skip = {}, .after = {}, .positions = true};
    call_.plan = plan::MakePlan(testing::MethodNamed(SaasSchema(), "ExportContacts"), read,
                                {.form = plan::ReplyForm::kStream});
    call_.fingerprint = 42;
    reply_ = testing::NewMessage(
        *testing::MethodNamed(SaasSchema(), "ExportContacts").descriptor->output_type());
  }

  static std::string Id(int number) { return std::string(15, '\1') + static_cast<char>(number); }

  RowStream::Added Add(RowStream& stream, int number, const std::string& notes = "") {
    const auto added = stream.Add(OneRow({Id(number), "Ada", notes}), 0, left_out_);
    EXPECT_TRUE(added.ok()) << added.status();
    return *added;
  }
  // How many rows the message has. Its token is of row `last`.
  int Rows(const std::string& message, int last) {
    EXPECT_TRUE(reply_->ParseFromString(message));
    const auto* token = reply_->GetDescriptor()->FindFieldByNumber(2);
    const auto position = plan::DecodePageToken(reply_->GetReflection()->GetString(*reply_, token));
    EXPECT_TRUE(position.has_value());
    if (position.has_value()) {
      EXPECT_EQ(position->fingerprint, 42u);
      EXPECT_EQ(position->cursor[0], Id(last));
    }
    return reply_->GetReflection()->FieldSize(*reply_, reply_->GetDescriptor()->field(0));
  }

  plan::Call call_;
  std::unique_ptr<google::protobuf::Message> reply_;
  std::vector<LeftOutField> left_out_;
};

TEST_F(RowStreamTest, AMessageHasEnoughAtItsBytesOrItsRows) {
  RowStream by_rows(call_, {.bytes = 10'000, .rows_max = 2, .bytes_max = 20'000});
  Add(by_rows, 1);
  EXPECT_FALSE(by_rows.has_enough());
  Add(by_rows, 2);
  EXPECT_TRUE(by_rows.has_enough());
  EXPECT_EQ(Rows(by_rows.Take(), 2), 2);
  EXPECT_TRUE(by_rows.empty());

  RowStream by_bytes(call_, {.bytes = 1'000, .rows_max = 100, .bytes_max = 20'000});
  Add(by_bytes, 1, std::string(400, 'x'));
  EXPECT_FALSE(by_bytes.has_enough());
  Add(by_bytes, 2, std::string(600, 'x'));
  EXPECT_TRUE(by_bytes.has_enough());
  EXPECT_EQ(Rows(by_bytes.Take(), 2), 2);
}

TEST_F(RowStreamTest, ARowWithoutRoomWaitsForTheNextMessage) {
  RowStream stream(call_, {.bytes = 5'000, .rows_max = 100, .bytes_max = 5'000});
  EXPECT_EQ(Add(stream, 1, std::string(3'000, 'x')), RowStream::Added::kYes);
  EXPECT_EQ(Add(stream, 2, std::string(3'000, 'x')), RowStream::Added::kFull);
  EXPECT_EQ(Rows(stream.Take(), 1), 1);
  EXPECT_EQ(Add(stream, 2, std::string(3'000, 'x')), RowStream::Added::kYes);
  const std::string message = stream.Take();
  EXPECT_LE(message.size(), 5'000u);
  EXPECT_EQ(Rows(message, 2), 1);
  EXPECT_TRUE(left_out_.empty());
}

TEST_F(RowStreamTest, ARowThatIsTooLargeLosesItsLargestValues) {
  RowStream stream(call_, {.bytes = 5'000, .rows_max = 100, .bytes_max = 5'000});
  Add(stream, 1);
  EXPECT_EQ(Add(stream, 2, std::string(9'000, 'x')), RowStream::Added::kFull);
  EXPECT_TRUE(left_out_.empty());
  stream.Take();
  EXPECT_EQ(Add(stream, 2, std::string(9'000, 'x')), RowStream::Added::kYes);
  ASSERT_EQ(left_out_.size(), 1u);
  EXPECT_EQ(left_out_[0].column->name, "notes");
  EXPECT_EQ(left_out_[0].why, LeftOutField::Why::kTooLarge);
  EXPECT_EQ(Rows(stream.Take(), 2), 1);
}

}  // namespace
}  // namespace tenantry::codec
