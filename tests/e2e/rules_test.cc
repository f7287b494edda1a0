// Rules of columns and of rows: the server and the database tell the same.

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using google::protobuf::TextFormat;

constexpr char kGood[] =
    "code: 'ABC-1234' email: 'ada@example.com' country: 'DE' room: 'single' "
    "starts_on: '2026-01-01' ends_on: '2026-01-08' tags: 'sea-view' ";

class RulesTest : public ::testing::Test {
 protected:
  static const schema::Method& Method(std::string_view rpc) {
    return testing::MethodNamed(Ledger().schema(), rpc);
  }

  static MessagePtr Booking(const std::string& fields) {
    MessagePtr row = testing::NewMessage(*Method("GetBooking").table->resource);
    EXPECT_TRUE(TextFormat::ParseFromString(fields, row.get())) << fields;
    return row;
  }

  CallResult Call(std::string_view rpc, const Message& request) {
    return Ledger().client().Call(Method(rpc), request, {.headers = As(tenant_)});
  }
  CallResult Create(const std::string& fields) {
    return Call("CreateBooking", *test::RowRequest(Method("CreateBooking"), *Booking(fields)));
  }
  // The good one, with the field in place of its own.
  CallResult CreateWith(const std::string& field) {
    MessagePtr row = Booking(kGood);
    const MessagePtr changed = Booking(field);
    std::vector<const google::protobuf::FieldDescriptor*> set;
    changed->GetReflection()->ListFields(*changed, &set);
    for (const auto* of : set) row->GetReflection()->ClearField(row.get(), of);
    row->MergeFrom(*changed);
    return Call("CreateBooking", *test::RowRequest(Method("CreateBooking"), *row));
  }
  CallResult Update(const Message& stored, const std::string& fields,
                    const std::vector<std::string>& mask) {
    MessagePtr row = Booking(fields);
    const auto* id = row->GetDescriptor()->FindFieldByName("id");
    row->GetReflection()->SetString(row.get(), id, Value(stored, "id"));
    return Call("UpdateBooking", *test::RowRequest(Method("UpdateBooking"), *row, mask));
  }

  const std::string tenant_ = Ledger().NewTenant();
};

TEST_F(RulesTest, WhatKeepsThemIsTaken) {
  EXPECT_THAT(Create(kGood), IsOk());
  EXPECT_THAT(CreateWith("discount: 0"), IsOk());
  EXPECT_THAT(CreateWith("tags: ['a', 'b-2', 'c'] phone: '+4930123456'"), IsOk());
  EXPECT_THAT(CreateWith("room: 'other' note: 'in the attic'"), IsOk());
}

TEST_F(RulesTest, EachColumnIsTold) {
  EXPECT_THAT(CreateWith("code: 'ABC-123'"), Violates(Fields{"booking.code"}));
  EXPECT_THAT(CreateWith("email: 'ada'"), Violates(Fields{"booking.email"}));
  EXPECT_THAT(CreateWith("phone: '030'"), Violates(Fields{"booking.phone"}));
  EXPECT_THAT(CreateWith("country: 'XX'"), Violates(Fields{"booking.country"}));
  EXPECT_THAT(CreateWith("room: 'suite'"), Violates(Fields{"booking.room"}));
  EXPECT_THAT(CreateWith("starts_on: '2019-12-31'"), Violates(Fields{"booking.starts_on"}));
  EXPECT_THAT(CreateWith("discount: 1"), Violates(Fields{"booking.discount"}));
  EXPECT_THAT(CreateWith("tags: 'A'"), Violates(Fields{"booking.tags[0]"}));
  EXPECT_THAT(CreateWith("tags: ['a', 'b', 'c', 'd']"), Violates(Fields{"booking.tags"}));
}

TEST_F(RulesTest, AllViolationsAreInOneReply) {
  EXPECT_THAT(Create("code: 'x' phone: 'y' country: 'z' room: 'single' starts_on: '2026-02-01' "
                     "ends_on: '2026-01-01' discount: 2"),
              Violates(Fields{"booking.code", "booking.phone", "booking.country",
                              "booking.discount", "booking.tags", "booking.starts_on"}));
  const MessagePtr bad = Booking("code: 'x' room: 'other'"), good = Booking(kGood);
  EXPECT_THAT(
      Call("BatchCreateBookings",
           *test::BatchRequest(Method("BatchCreateBookings"), {good.get(), bad.get()})),
      Violates(Fields{"requests[1].booking.code", "requests[1].booking.country",
                      "requests[1].booking.starts_on", "requests[1].booking.ends_on",
                      "requests[1].booking.tags", "requests[1].booking", "requests[1].booking"}));
}

TEST_F(RulesTest, RulesOfRowsAreToldByTheServer) {
  const CallResult days = CreateWith("ends_on: '2025-06-01'");
  EXPECT_THAT(days, Violates(Fields{"booking.starts_on"}));
  EXPECT_EQ(days.status.error_message(), "booking.starts_on: must be before the last day");
  const CallResult contact = Create(
      "code: 'ABC-1234' country: 'DE' room: 'single' starts_on: '2026-01-01' "
      "ends_on: '2026-01-08' tags: 'a'");
  EXPECT_THAT(contact, Violates(Fields{"booking"}));
  EXPECT_EQ(contact.status.error_message(), "booking: must have at least one of email, phone");
  const CallResult note = CreateWith("room: 'other'");
  EXPECT_THAT(note, Violates(Fields{"booking"}));
  EXPECT_EQ(note.status.error_message(), "booking: must have all of note when room = other");
}

// The request has one of the columns alone. So it is the table's CHECK that refuses it.
TEST_F(RulesTest, AndInTheSameWordsByTheDatabase) {
  const CallResult created = Create(kGood);
  ASSERT_THAT(created, IsOk());
  const CallResult days = Update(*created.reply, "starts_on: '2027-01-01'", {"starts_on"});
  EXPECT_THAT(days, Violates(Fields{"booking.starts_on"}));
  EXPECT_EQ(days.status.error_message(), "booking.starts_on: must be before the last day");
  const CallResult both = Update(*created.reply, "starts_on: '2027-01-01' ends_on: '2026-05-05'",
                                 {"starts_on", "ends_on"});
  EXPECT_THAT(both, Violates(Fields{"booking.starts_on"}));
  EXPECT_EQ(both.status.error_message(), days.status.error_message());
  const CallResult contact = Update(*created.reply, "", {"email"});
  EXPECT_THAT(contact, Violates(Fields{"booking"}));
  EXPECT_EQ(contact.status.error_message(), "booking: must have at least one of email, phone");
  const CallResult note = Update(*created.reply, "room: 'other'", {"room"});
  EXPECT_THAT(note, Violates(Fields{"booking"}));
  EXPECT_THAT(Update(*created.reply, "starts_on: '2026-02-01' ends_on: '2026-02-02'",
                     {"starts_on", "ends_on"}),
              IsOk());
}

// An increment is added to what the server does not know.
TEST_F(RulesTest, WhatAnIncrementBreaksIsToldWithItsField) {
  const CallResult created = CreateWith("guests: 4");
  ASSERT_THAT(created, IsOk());
  const schema::Method& update = Method("UpdateBooking");
  MessagePtr row = Booking(absl::StrCat("id: '", Value(*created.reply, "id"), "'"));
  MessagePtr request = test::RowRequest(update, *row);
  TextFormat::Parser parser;
  ASSERT_TRUE(parser.MergeFromString("increment {guests: 1}", request.get()));
  const CallResult refused = Call("UpdateBooking", *request);
  EXPECT_THAT(refused, Violates(Fields{"booking.guests"}));
  EXPECT_EQ(refused.status.error_message(),
            "booking.guests: must be at least 1; must be at most 4");
}

// What cannot be in the table may still be asked for.
TEST_F(RulesTest, FiltersTakeAnyValueOfTheType) {
  ASSERT_THAT(Create(kGood), IsOk());
  const MessagePtr request = testing::NewMessage(*Method("ListBookings").descriptor->input_type());
  ASSERT_TRUE(TextFormat::ParseFromString(
      "filter {starts_on {gte: '1990-01-01'} country {ne: 'XX'} discount {is_null: true}}",
      request.get()));
  const CallResult listed = Call("ListBookings", *request);
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(test::RowsOf(*listed.reply).size(), 1u);
}

}  // namespace
}  // namespace tenantry::e2e
