// What the database computes for readers: views, and fields that a function makes of the row.

#include "absl/strings/str_cat.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using grpc::StatusCode;

class ComputedTest : public ::testing::Test {
 protected:
  CallResult Call(std::string_view rpc, const std::string& text, const std::string& tenant = "") {
    return Saas().client().Call(rpc, text, As(tenant.empty() ? tenant_ : tenant));
  }
  std::string Make(std::string_view rpc, const std::string& text) {
    const CallResult made = Call(rpc, text);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? Value(*made.reply, "id") : std::string();
  }
  std::string MakeContact(const std::string& name) {
    return Make("CreateContact", absl::StrCat("contact { name: '", name, "' }"));
  }
  void MakeOrder(const std::string& contact, int cents, const std::string& status) {
    Make("CreateOrder", absl::StrCat("order { contact_id: '", contact, "' total_cents: ", cents,
                                     " status: ORDER_STATUS_", status, " }"));
  }
  std::string MakeAddress(const std::string& line, const std::string& more = "") {
    if (contact_.empty()) contact_ = MakeContact("ada");
    return Make("CreateAddress", absl::StrCat("address { contact_id: '", contact_, "' line1: '",
                                              line, "' city: 'Town' country: 'NL' ", more, " }"));
  }

  const std::string tenant_ = Saas().NewTenant();
  std::string contact_;
};

std::string OfRows(const CallResult& result, std::string_view field) {
  if (!result.ok()) return result.ToString();
  std::string all;
  for (const Message* row : test::RowsOf(*result.reply)) {
    absl::StrAppend(&all, all.empty() ? "" : ",", Value(*row, field));
  }
  return all;
}

TEST_F(ComputedTest, AViewIsReadLikeATable) {
  const std::string ada = MakeContact("ada"), ben = MakeContact("ben"), eve = MakeContact("eve");
  MakeOrder(ada, 100, "PENDING");
  MakeOrder(ada, 50, "SHIPPED");
  MakeOrder(ada, 999, "CANCELLED");
  MakeOrder(ben, 400, "PENDING");

  const CallResult one =
      Call("GetContactSummary", absl::StrCat("contact_id: '", ada, "' select { contact {} }"));
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(Value(*one.reply, "order_count"), "2");
  EXPECT_EQ(Value(*one.reply, "total_cents"), "150");
  EXPECT_EQ(Value(*one.reply, "contact.name"), "ada");
  EXPECT_EQ(OfRows(Call("ListContactSummaries",
                        "order_by { field: CONTACT_SUMMARY_FIELD_TOTAL_CENTS direction: "
                        "DIRECTION_DESC }"),
                   "total_cents"),
            "400,150,0");
  EXPECT_EQ(OfRows(Call("BatchGetContactSummaries",
                        absl::StrCat("contact_ids: '", eve, "' contact_ids: '", ada, "'")),
                   "order_count"),
            "0,2");
  // NULL where there is nothing: last in this order, and no value in the reply.
  const CallResult times =
      Call("ListContactSummaries", "order_by { field: CONTACT_SUMMARY_FIELD_LAST_ORDER_AT }");
  ASSERT_THAT(times, IsOk());
  EXPECT_EQ(Value(*test::RowsOf(*times.reply).back(), "contact_id"), eve);
  EXPECT_EQ(Value(*test::RowsOf(*times.reply).back(), "last_order_at"), "unset");
  const CallResult sums = Call("AggregateContactSummaries",
                               "measures { function: AGGREGATE_FUNCTION_SUM field: "
                               "CONTACT_SUMMARY_FIELD_TOTAL_CENTS name: 'sum' }");
  ASSERT_THAT(sums, IsOk());
  EXPECT_THAT(sums.reply->ShortDebugString(), ::testing::HasSubstr("550"));
}

TEST_F(ComputedTest, ATableIsReadByWhatAViewSaysOfItsRows) {
  const std::string ada = MakeContact("ada"), ben = MakeContact("ben");
  MakeContact("eve");
  MakeOrder(ada, 100, "PENDING");
  MakeOrder(ben, 400, "PENDING");
  const CallResult best =
      Call("ListContacts",
           "order_by { summary { field: CONTACT_SUMMARY_FIELD_TOTAL_CENTS "
           "direction: DIRECTION_DESC } } filter { summary { order_count { gte: "
           "1 } } } select { name: true summary { total_cents: true } }");
  EXPECT_EQ(OfRows(best, "name"), "ben,ada");
  EXPECT_EQ(OfRows(best, "summary.total_cents"), "400,100");
}

// Pages by a column that the view gives, while each token says where the last one ended.
TEST_F(ComputedTest, AViewIsWalkedPageByPage) {
  for (int i = 0; i < 7; ++i) {
    const std::string contact = MakeContact(absl::StrCat("c", i));
    if (i % 2 == 0) MakeOrder(contact, 10 * (i % 3), "PENDING");
  }
  std::string token, totals;
  int pages = 0;
  do {
    const CallResult page = Call(
        "ListContactSummaries",
        absl::StrCat("page_size: 2 page_token: '", token,
                     "' order_by { field: CONTACT_SUMMARY_FIELD_TOTAL_CENTS } order_by { field: "
                     "CONTACT_SUMMARY_FIELD_LAST_ORDER_AT nulls: NULLS_FIRST }"));
    ASSERT_THAT(page, IsOk());
    absl::StrAppend(&totals, OfRows(page, "total_cents"), " ");
    token = Value(*page.reply, "next_page_token");
    ASSERT_LT(++pages, 9);
  } while (!token.empty());
  EXPECT_EQ(totals, "0,0 0,0 0,10 20 ");
}

TEST_F(ComputedTest, AnotherTenantsRowsAreNoneInAView) {
  const std::string ada = MakeContact("ada");
  MakeOrder(ada, 100, "PENDING");
  const std::string other = Saas().NewTenant();
  EXPECT_THAT(Call("GetContactSummary", absl::StrCat("contact_id: '", ada, "'"), other),
              Fails(StatusCode::NOT_FOUND));
  EXPECT_EQ(OfRows(Call("ListContactSummaries", "", other), "contact_id"), "");
}

TEST_F(ComputedTest, AFieldIsWhatAFunctionMakesOfTheRow) {
  const std::string here = MakeAddress("Here 1", "postal_code: '1011'");
  const std::string there = MakeAddress("There 2");
  const auto label = [&](const std::string& id) {
    const CallResult found = Call("GetAddress", absl::StrCat("id: '", id, "'"));
    return found.ok() ? Value(*found.reply, "label") : found.ToString();
  };
  EXPECT_EQ(label(here), "Here 1, 1011 Town, NL");
  EXPECT_EQ(label(there), "There 2, Town, NL");

  // Writes answer with it, as it is then; what a request says of it is nothing.
  const CallResult changed = Call(
      "UpdateAddress", absl::StrCat("address { id: '", here,
                                    "' line1: 'New 3' label: 'mine' } select { label: true }"));
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(Value(*changed.reply, "label"), "New 3, 1011 Town, NL");
  EXPECT_EQ(Value(*changed.reply, "line1"), "") << "not selected";

  EXPECT_EQ(OfRows(Call("ListAddresses", "filter { label { starts_with: 'New' } }"), "line1"),
            "New 3");
  EXPECT_EQ(OfRows(Call("ListAddresses",
                        "order_by { field: ADDRESS_FIELD_LABEL direction: "
                        "DIRECTION_DESC } page_size: 1"),
                   "line1"),
            "There 2");
  EXPECT_EQ(OfRows(Call("BatchGetAddresses", absl::StrCat("ids: '", there, "' ids: '", here, "'")),
                   "label"),
            "There 2, Town, NL,New 3, 1011 Town, NL");
  const CallResult groups = Call("AggregateAddresses",
                                 "group_by { field: ADDRESS_FIELD_LABEL } measures { function: "
                                 "AGGREGATE_FUNCTION_COUNT }");
  ASSERT_THAT(groups, IsOk());
  EXPECT_THAT(groups.reply->ShortDebugString(), ::testing::HasSubstr("There 2, Town, NL"));
  const CallResult contact =
      Call("GetContact", absl::StrCat("id: '", contact_,
                                      "' select { name: true addresses { select { label: true } "
                                      "order_by { field: ADDRESS_FIELD_LABEL } limit: 1 } }"));
  ASSERT_THAT(contact, IsOk());
  EXPECT_THAT(contact.reply->ShortDebugString(), ::testing::HasSubstr("New 3, 1011 Town, NL"));
  // A function makes something of no row too; there is no row all the same.
  EXPECT_THAT(Call("BatchGetAddresses",
                   absl::StrCat("ids: '", here, "' ids: '01920000-0000-7000-8000-000000000001'")),
              Fails(StatusCode::NOT_FOUND));
}

TEST_F(ComputedTest, PagesGoOnBehindAComputedValue) {
  for (const char* line : {"c", "a", "e", "b", "d"}) MakeAddress(line);
  std::string token, lines;
  do {
    const CallResult page =
        Call("ListAddresses", absl::StrCat("page_size: 2 page_token: '", token,
                                           "' order_by { field: ADDRESS_FIELD_LABEL }"));
    ASSERT_THAT(page, IsOk());
    absl::StrAppend(&lines, OfRows(page, "line1"), " ");
    token = Value(*page.reply, "next_page_token");
  } while (!token.empty());
  EXPECT_EQ(lines, "a,b c,d e ");
}

TEST_F(ComputedTest, AMaskCannotNameIt) {
  const std::string here = MakeAddress("Here 1");
  EXPECT_THAT(Call("UpdateAddress", absl::StrCat("address { id: '", here,
                                                 "' label: 'x' } update_mask { paths: 'label' }")),
              Fails(StatusCode::INVALID_ARGUMENT));
}

}  // namespace
}  // namespace tenantry::e2e
