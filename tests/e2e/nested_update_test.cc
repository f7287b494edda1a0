// Updates of a row with changes to the rows that refer to it: an order and its items.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;

class NestedUpdateTest : public ::testing::Test {
 protected:
  NestedUpdateTest() {
    product_ = Id(Call("CreateProduct", "product { slug: 'lamp' name: 'Lamp' }"));
    order_ = MakeOrder({1, 2, 3});
  }

  CallResult Call(std::string_view rpc, const std::string& text) {
    return Saas().client().Call(rpc, text, As(tenant_));
  }
  static std::string Id(const CallResult& result) {
    EXPECT_THAT(result, IsOk());
    return result.ok() ? Value(*result.reply, "id") : "";
  }
  std::string Item(int quantity) const {
    return absl::StrCat("{ product_id: '", product_, "' quantity: ", quantity, " } ");
  }
  static std::string Set(const std::string& item, int quantity) {
    return absl::StrCat("update { order_item { id: '", item, "' quantity: ", quantity, " } } ");
  }
  static std::string Delete(const std::string& item) {
    return absl::StrCat("delete { id: '", item, "' } ");
  }
  std::string MakeOrder(const std::vector<int>& quantities) {
    std::string text = "order { contact { name: 'Ada' } ";
    for (int quantity : quantities) absl::StrAppend(&text, "items ", Item(quantity));
    return Id(Call("CreateOrder", text + "}"));
  }
  // With changes to the items of the first order.
  CallResult Update(const std::string& changes, const std::string& more = "") {
    return Call("UpdateOrder", absl::StrCat("order { id: '", order_, "' } children { items { ",
                                            changes, "} } ", more));
  }
  struct Row {
    std::string id, quantity;
  };
  std::vector<Row> ItemsIn(const Message& order) {
    std::vector<Row> rows;
    const auto* field = order.GetDescriptor()->FindFieldByName("items");
    for (int i = 0; i < order.GetReflection()->FieldSize(order, field); ++i) {
      const Message& item = order.GetReflection()->GetRepeatedMessage(order, field, i);
      rows.push_back({Value(item, "id"), Value(item, "quantity")});
    }
    return rows;
  }
  // As they are stored, by their quantities.
  std::vector<Row> Items(const std::string& order) {
    const CallResult read = Call("GetOrder", absl::StrCat("id: '", order,
                                                          "' select { items { order_by { field: "
                                                          "ORDER_ITEM_FIELD_QUANTITY } } }"));
    EXPECT_THAT(read, IsOk());
    return read.ok() ? ItemsIn(*read.reply) : std::vector<Row>();
  }
  static std::vector<std::string> Quantities(const std::vector<Row>& rows) {
    std::vector<std::string> quantities;
    for (const Row& row : rows) quantities.push_back(row.quantity);
    return quantities;
  }
  static std::string FieldOf(const CallResult& result) {
    const auto& metadata = result.error.metadata;
    const auto found = metadata.find("field");
    return found == metadata.end() ? "" : found->second;
  }

  const std::string tenant_ = Saas().NewTenant();
  std::string product_, order_;
};

TEST_F(NestedUpdateTest, ItemsAreDeletedChangedAndMade) {
  const std::vector<Row> items = Items(order_);
  const CallResult updated =
      Call("UpdateOrder", absl::StrCat("order { id: '", order_,
                                       "' total_cents: 9 } children { items "
                                       "{ ",
                                       Delete(items[0].id), Set(items[1].id, 20), "create ",
                                       Item(4), "create ", Item(5), "} }"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(Value(*updated.reply, "total_cents"), "9");
  // What was changed, then what was made; the others are not told.
  EXPECT_THAT(Quantities(ItemsIn(*updated.reply)), ElementsAre("20", "4", "5"));
  EXPECT_THAT(Quantities(Items(order_)), ElementsAre("3", "4", "5", "20"));
}

TEST_F(NestedUpdateTest, WhatIsNotNamedStays) {
  ASSERT_THAT(Update(""), IsOk());
  EXPECT_THAT(Quantities(Items(order_)), ElementsAre("1", "2", "3"));
}

TEST_F(NestedUpdateTest, SelectReadsTheRowBehindTheChanges) {
  const CallResult updated = Update("create " + Item(4),
                                    "select { items { order_by { field: ORDER_ITEM_FIELD_QUANTITY "
                                    "direction: DIRECTION_DESC } limit: 2 } }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(Quantities(ItemsIn(*updated.reply)), ElementsAre("4", "3"));
}

TEST_F(NestedUpdateTest, MasksAndIncrementsAreThoseOfUpdate) {
  const std::string item = Items(order_)[0].id;
  const auto update = [&](const std::string& rest) {
    return Update(
        absl::StrCat("update { order_item { id: '", item, "' price_cents: 7 } ", rest, "} "));
  };
  ASSERT_THAT(update("increment { quantity: 10 }"), IsOk());
  EXPECT_THAT(Quantities(Items(order_)), ElementsAre("2", "3", "11"));
  EXPECT_THAT(update("update_mask { paths: 'nope' }"),
              Violates(Fields{"children.items.update[0].update_mask.paths[0]"}));
  EXPECT_THAT(Update(absl::StrCat("update { order_item { id: '", item, "' } } create ", Item(0))),
              Violates(Fields{"children.items.update[0].update_mask",
                              "children.items.create[0].quantity"}));
}

// As if it were not there.
TEST_F(NestedUpdateTest, AnotherOrdersItemIsNotFound) {
  const std::string foreign = Items(MakeOrder({7}))[0].id;
  const std::string own = Items(order_)[0].id;
  const CallResult set = Update(Set(own, 9) + Set(foreign, 9));
  EXPECT_THAT(set, FailsBecause(StatusCode::NOT_FOUND, "NOT_FOUND"));
  EXPECT_EQ(FieldOf(set), "children.items.update[1].order_item");
  const CallResult removed = Update(Delete(own) + Delete(foreign));
  EXPECT_THAT(removed, FailsBecause(StatusCode::NOT_FOUND, "NOT_FOUND"));
  EXPECT_EQ(FieldOf(removed), "children.items.delete[1]");
  EXPECT_THAT(Quantities(Items(order_)), ElementsAre("1", "2", "3")) << "all or nothing";
  // Nor does an item go to another order in this way.
  EXPECT_THAT(Update(absl::StrCat("update { order_item { id: '", own, "' order_id: '", foreign,
                                  "' quantity: 1 } }")),
              Violates(Fields{"children.items.update[0].order_item.order_id"}));
}

TEST_F(NestedUpdateTest, AnOrderThatIsNotThereIsNotFound) {
  const CallResult other = Saas().client().Call(
      "UpdateOrder",
      absl::StrCat("order { id: '", order_, "' } children { items { create ", Item(1), "} }"),
      As(Saas().NewTenant()));
  EXPECT_THAT(other, FailsBecause(StatusCode::NOT_FOUND, "NOT_FOUND"));
  EXPECT_EQ(FieldOf(other), "order");
}

TEST_F(NestedUpdateTest, TheRequirementIsOfTheRow) {
  const CallResult refused =
      Update("create " + Item(4), "require { status { eq: ORDER_STATUS_SHIPPED } }");
  EXPECT_THAT(refused, FailsBecause(StatusCode::FAILED_PRECONDITION, "REQUIREMENT_NOT_MET"));
  EXPECT_THAT(Update("create " + Item(4), "require { status { eq: ORDER_STATUS_PENDING } }"),
              IsOk());
  EXPECT_THAT(Quantities(Items(order_)), ElementsAre("1", "2", "3", "4"));
}

TEST_F(NestedUpdateTest, ValidateOnlyWritesNothing) {
  const std::string item = Items(order_)[0].id;
  const CallResult tried =
      Update(absl::StrCat(Delete(item), "create ", Item(4)), "validate_only: true");
  ASSERT_THAT(tried, IsOk());
  EXPECT_THAT(Quantities(ItemsIn(*tried.reply)), ElementsAre("4"));
  EXPECT_THAT(Quantities(Items(order_)), ElementsAre("1", "2", "3"));
}

TEST_F(NestedUpdateTest, ARequestThatIsRepeatedIsDoneOnce) {
  const std::string item = Items(order_)[0].id;
  for (const char* select :
       {"", "select { items { order_by { field: ORDER_ITEM_FIELD_QUANTITY } } }"}) {
    const std::string changes = absl::StrCat("update { order_item { id: '", item,
                                             "' } increment { quantity: 10 } } create ", Item(5));
    const std::string id = absl::StrCat("request_id: '", test::NewTenantId(), "' ", select);
    const CallResult first = Update(changes, id);
    ASSERT_THAT(first, IsOk());
    const CallResult again = Update(changes, id);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again.bytes, first.bytes);
  }
  EXPECT_THAT(Quantities(Items(order_)), ElementsAre("2", "3", "5", "5", "21"));
}

// Who changes the items of an order waits for others who do, and what it requires of the order is
// looked at behind them: of many who add an item to an order without a total, one succeeds.
TEST_F(NestedUpdateTest, ChangesAtOnceComeOneAfterTheOther) {
  const std::string order = MakeOrder({1});
  std::atomic<int> added{0}, refused{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 20; ++i) {
    writers.emplace_back([&, i] {
      const CallResult result =
          Call("UpdateOrder", absl::StrCat("order { id: '", order,
                                           "' } increment { total_cents: 1 } children { items { "
                                           "create ",
                                           Item(10 + i), "} } require { total_cents { lt: 1 } }"));
      added += result.ok() ? 1 : 0;
      refused += result.error.reason == "REQUIREMENT_NOT_MET" ? 1 : 0;
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(added, 1);
  EXPECT_EQ(refused, 19);
  EXPECT_EQ(Items(order).size(), 2u);
}

TEST_F(NestedUpdateTest, NewRowsBringTheirOwn) {
  const CallResult contact = Call("CreateContact", "contact { name: 'Ben' }");
  const CallResult updated =
      Call("UpdateContact",
           absl::StrCat("contact { id: '", Id(contact), "' } children { orders { create { items ",
                        Item(1), "items ", Item(2),
                        "} } addresses { create { line1: 'Here 1' city: "
                        "'Town' country: 'NL' } } }"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(Value(*updated.reply, "orders"), "1");
  EXPECT_EQ(Value(*updated.reply, "addresses"), "1");
  const auto* field = updated.reply->GetDescriptor()->FindFieldByName("orders");
  const Message& order =
      updated.reply->GetReflection()->GetRepeatedMessage(*updated.reply, field, 0);
  EXPECT_EQ(Value(order, "items"), "2");
  EXPECT_THAT(Quantities(Items(Value(order, "id"))), ElementsAre("1", "2"));
}

}  // namespace
}  // namespace tenantry::e2e
