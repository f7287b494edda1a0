// Writes of several tables in one call: an order with its items and a new contact.

#include "absl/strings/str_cat.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using ::testing::HasSubstr;

class NestedTest : public ::testing::Test {
 protected:
  NestedTest() {
    const CallResult made =
        Call("CreateProduct", "product { slug: 'lamp' name: 'Lamp' price_cents: 500 stock: 9 }");
    EXPECT_THAT(made, IsOk());
    product_ = Value(*made.reply, "id");
  }

  CallResult Call(std::string_view rpc, const std::string& text) {
    return Saas().client().Call(rpc, text, As(tenant_));
  }
  std::string Item(int quantity, const std::string& more = "") const {
    return absl::StrCat("items { product_id: '", product_, "' quantity: ", quantity, " ", more,
                        "} ");
  }
  int Count(std::string_view rpc) {
    const CallResult list = Call(rpc, "");
    EXPECT_THAT(list, IsOk());
    return static_cast<int>(test::RowsOf(*list.reply).size());
  }
  // No order, item or contact.
  void ExpectNothingWritten() {
    EXPECT_EQ(Count("ListOrders"), 0);
    EXPECT_EQ(Count("ListOrderItems"), 0);
    EXPECT_EQ(Count("ListContacts"), 0);
  }
  static std::vector<const Message*> Rows(const Message& message, const char* relation) {
    const auto* field = message.GetDescriptor()->FindFieldByName(relation);
    std::vector<const Message*> rows;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      rows.push_back(&message.GetReflection()->GetRepeatedMessage(message, field, i));
    }
    return rows;
  }
  static std::string FieldOf(const CallResult& result) {
    const auto& metadata = result.error.metadata;
    const auto found = metadata.find("field");
    return found == metadata.end() ? "" : found->second;
  }

  const std::string tenant_ = Saas().NewTenant();
  std::string product_;
};

TEST_F(NestedTest, AnOrderWithItsItemsAndANewContact) {
  const CallResult made =
      Call("CreateOrder",
           absl::StrCat("order { total_cents: 7 contact { name: 'Ada' addresses { line1: 'Here 1' "
                        "city: 'Town' country: 'NL' } } ",
                        Item(1), Item(2), Item(3), "}"));
  ASSERT_THAT(made, IsOk());
  const Message& order = *made.reply;
  EXPECT_EQ(Value(order, "status"), "ORDER_STATUS_PENDING");
  EXPECT_EQ(Value(order, "contact.name"), "Ada");
  EXPECT_EQ(Value(order, "contact.type"), "CONTACT_TYPE_INDIVIDUAL") << "the default";
  EXPECT_EQ(Value(order, "contact_id"), Value(order, "contact.id"));
  EXPECT_EQ(Value(order, "contact.addresses"), "1");
  const auto items = Rows(order, "items");
  ASSERT_EQ(items.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Value(*items[i], "quantity"), std::to_string(i + 1));
    EXPECT_EQ(Value(*items[i], "order_id"), Value(order, "id"));
  }
  const CallResult read = Call(
      "GetOrder", absl::StrCat("id: '", Value(order, "id"),
                               "' select { total_cents: true contact { name: true addresses { } } "
                               "items { order_by { field: ORDER_ITEM_FIELD_QUANTITY } } }"));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(Value(*read.reply, "contact.name"), "Ada");
  EXPECT_EQ(Value(*read.reply, "contact.addresses"), "1");
  const auto stored = Rows(*read.reply, "items");
  ASSERT_EQ(stored.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(stored[i]->ShortDebugString(), items[i]->ShortDebugString());
  }
}

TEST_F(NestedTest, SelectReadsWhatWasWritten) {
  const CallResult made = Call(
      "CreateOrder", absl::StrCat("order { contact { name: 'Ada' } ", Item(1), Item(2),
                                  "} select { total_cents: true contact { name: true } items { "
                                  "filter { quantity { gt: 1 } } select { quantity: true product { "
                                  "name: true } } } }"));
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(Value(*made.reply, "contact.name"), "Ada");
  EXPECT_EQ(Value(*made.reply, "contact_id"), "") << "was not selected";
  const auto items = Rows(*made.reply, "items");
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(Value(*items[0], "quantity"), "2");
  EXPECT_EQ(Value(*items[0], "product.name"), "Lamp");
}

TEST_F(NestedTest, SeveralLevels) {
  const CallResult made =
      Call("CreateContact", absl::StrCat("contact { name: 'Ada' orders { ", Item(1), Item(2),
                                         "} orders { } orders { ", Item(3), "} }"));
  ASSERT_THAT(made, IsOk());
  const auto orders = Rows(*made.reply, "orders");
  ASSERT_EQ(orders.size(), 3u);
  EXPECT_EQ(Value(*orders[0], "items"), "2");
  EXPECT_EQ(Value(*orders[1], "items"), "0");
  EXPECT_EQ(Value(*orders[2], "items"), "1");
  for (const Message* order : orders) {
    EXPECT_EQ(Value(*order, "contact_id"), Value(*made.reply, "id"));
    for (const Message* item : Rows(*order, "items")) {
      EXPECT_EQ(Value(*item, "order_id"), Value(*order, "id"));
    }
  }
}

TEST_F(NestedTest, AllOrNothing) {
  const std::string id = "id: '01920000-0000-7000-8000-000000000777' ";
  const CallResult twice = Call(
      "CreateOrder",
      absl::StrCat("order { contact { name: 'Ada' } ", Item(1, id), Item(2), Item(3, id), "}"));
  EXPECT_THAT(twice, FailsBecause(grpc::StatusCode::ALREADY_EXISTS, "ALREADY_EXISTS"));
  EXPECT_EQ(FieldOf(twice), "order.items");
  ExpectNothingWritten();
}

TEST_F(NestedTest, ErrorsNameTheRow) {
  const std::string missing =
      "items { product_id: '01920000-0000-7000-8000-000000000404' quantity: 1 } ";
  const CallResult one =
      Call("CreateOrder", absl::StrCat("order { contact { name: 'Ada' } ", missing, "}"));
  EXPECT_THAT(one, FailsBecause(grpc::StatusCode::FAILED_PRECONDITION, "REFERENCE_NOT_FOUND"));
  EXPECT_EQ(FieldOf(one), "order.items[0]");
  EXPECT_THAT(one.error.message, HasSubstr("order.items[0]: "));
  EXPECT_EQ(one.error.metadata.at("constraint"), "order_items_product_id_fkey");
  const CallResult several =
      Call("CreateOrder", absl::StrCat("order { contact { name: 'Ada' } ", Item(1), missing, "}"));
  EXPECT_EQ(FieldOf(several), "order.items");
  EXPECT_THAT(
      Call("CreateOrder", absl::StrCat("order { contact { } ", Item(1), Item(2), Item(0), "}")),
      Violates(Fields{"order.contact.name", "order.items[2].quantity"}));
  ExpectNothingWritten();

  const std::string contact = "contact { name: 'Ada' email: 'ada@example.com' } ";
  ASSERT_THAT(Call("CreateContact", contact), IsOk());
  const CallResult taken = Call("CreateOrder", absl::StrCat("order { ", contact, Item(1), "}"));
  EXPECT_THAT(taken, FailsBecause(grpc::StatusCode::ALREADY_EXISTS, "ALREADY_EXISTS"));
  EXPECT_EQ(FieldOf(taken), "order.contact");
  const CallResult deep =
      Call("CreateContact", absl::StrCat("contact { name: 'Ben' orders { ", Item(1), missing,
                                         "} orders { ", Item(1), "} }"));
  EXPECT_EQ(FieldOf(deep), "contact.orders.items");
  EXPECT_EQ(Count("ListOrders"), 0);
}

TEST_F(NestedTest, ValidateOnlyWritesNothing) {
  const std::string order =
      absl::StrCat("order { contact { name: 'Ada' } ", Item(1), Item(2), "} validate_only: true ");
  const CallResult tried = Call("CreateOrder", order);
  ASSERT_THAT(tried, IsOk());
  EXPECT_EQ(Value(*tried.reply, "items"), "2");
  const CallResult selected = Call("CreateOrder", order + "select { contact { name: true } }");
  ASSERT_THAT(selected, IsOk());
  EXPECT_EQ(Value(*selected.reply, "contact.name"), "Ada");
  ExpectNothingWritten();
}

// What was done once is told again, rows of relations too.
TEST_F(NestedTest, ARequestThatIsRepeatedIsDoneOnce) {
  for (const char* select : {"", "select { total_cents: true contact { name: true } items { } }"}) {
    const std::string request =
        absl::StrCat("order { total_cents: 4 contact { name: 'Ada' } ", Item(1), Item(2),
                     "} request_id: '", test::NewTenantId(), "' ", select);
    const CallResult first = Call("CreateOrder", request);
    ASSERT_THAT(first, IsOk());
    const CallResult again = Call("CreateOrder", request);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(Value(*again.reply, "items"), "2");
    EXPECT_EQ(again.bytes, first.bytes);
  }
  EXPECT_EQ(Count("ListOrders"), 2);
  EXPECT_EQ(Count("ListOrderItems"), 4);
}

// Every row is measured by itself.
TEST_F(NestedTest, RowsThatNoReplyCouldHoldAreRefused) {
  const std::string notes(4'150'000, 'n');  // a request may be a little larger than a row
  const CallResult large =
      Call("CreateOrder", absl::StrCat("order { contact { name: 'Ada' notes: '", notes, "' } }"));
  EXPECT_THAT(large, FailsBecause(grpc::StatusCode::INVALID_ARGUMENT, "ROW_TOO_LARGE"));
  ASSERT_EQ(large.error.violations.size(), 1u);
  EXPECT_EQ(large.error.violations[0].field, "order.contact");
  ExpectNothingWritten();
}

}  // namespace
}  // namespace tenantry::e2e
