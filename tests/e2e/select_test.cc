// Columns and relations that reads select, in one call, through the generated stubs.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "saas/v1/catalog_service.grpc.pb.h"
#include "saas/v1/commerce_service.grpc.pb.h"
#include "saas/v1/crm_service.grpc.pb.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

namespace v1 = saas::v1;
using google::protobuf::util::MessageDifferencer;

class SelectTest : public ::testing::Test {
 protected:
  auto contacts() { return v1::ContactService::NewStub(Saas().client().channel()); }
  auto addresses() { return v1::AddressService::NewStub(Saas().client().channel()); }
  auto products() { return v1::ProductService::NewStub(Saas().client().channel()); }
  auto orders() { return v1::OrderService::NewStub(Saas().client().channel()); }
  auto order_items() { return v1::OrderItemService::NewStub(Saas().client().channel()); }

  // Two contacts. The first has an order of three items and an empty one, which has no address.
  void SetUp() override {
    for (const char* name : {"Ada", "Ben"}) contacts_.push_back(MakeContact(name));
    for (const char* name : {"pen", "ink"}) products_.push_back(MakeProduct(name));
    v1::CreateAddressRequest address;
    address.mutable_address()->set_contact_id(contacts_[0].id());
    address.mutable_address()->set_line1("Here 1");
    address.mutable_address()->set_city("Town");
    address.mutable_address()->set_country("NL");
    address_ = Must(addresses(), &v1::AddressService::Stub::CreateAddress, address);
    full_ = MakeOrder(address_.id());
    empty_ = MakeOrder("");
    for (int quantity = 1; quantity <= 3; ++quantity) items_.push_back(MakeItem(quantity));
    std::sort(items_.begin(), items_.end(),
              [](const auto& a, const auto& b) { return a.id() < b.id(); });
  }

  template <typename Stub, typename Request, typename Reply>
  grpc::Status Call(std::unique_ptr<Stub> stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                    const Request& request, Reply* reply, const std::string& tenant) {
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return ((*stub).*method)(&context, request, reply);
  }
  template <typename Stub, typename Request, typename Reply>
  Reply Must(std::unique_ptr<Stub> stub,
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
             const Request& request) {
    Reply reply;
    const grpc::Status status = Call(std::move(stub), method, request, &reply, tenant_);
    EXPECT_TRUE(status.ok()) << client::ToString(client::DecodeError(status));
    return reply;
  }

  v1::Contact MakeContact(const std::string& name) {
    v1::CreateContactRequest request;
    request.mutable_contact()->set_name(name);
    return Must(contacts(), &v1::ContactService::Stub::CreateContact, request);
  }
  v1::Product MakeProduct(const std::string& name) {
    v1::CreateProductRequest request;
    request.mutable_product()->set_name(name);
    request.mutable_product()->set_slug(name);
    request.mutable_product()->set_price_cents(5);
    return Must(products(), &v1::ProductService::Stub::CreateProduct, request);
  }
  v1::Order MakeOrder(const std::string& address) {
    v1::CreateOrderRequest request;
    request.mutable_order()->set_contact_id(contacts_[0].id());
    request.mutable_order()->set_total_cents(15);
    if (!address.empty()) request.mutable_order()->set_shipping_address_id(address);
    return Must(orders(), &v1::OrderService::Stub::CreateOrder, request);
  }
  v1::OrderItem MakeItem(int quantity) {
    v1::CreateOrderItemRequest request;
    request.mutable_order_item()->set_order_id(full_.id());
    request.mutable_order_item()->set_product_id(products_[quantity % 2].id());
    request.mutable_order_item()->set_quantity(quantity);
    request.mutable_order_item()->set_price_cents(5);
    return Must(order_items(), &v1::OrderItemService::Stub::CreateOrderItem, request);
  }

  v1::Order Get(const v1::Order& order, const v1::OrderSelect& select) {
    v1::GetOrderRequest request;
    request.set_id(order.id());
    *request.mutable_select() = select;
    return Must(orders(), &v1::OrderService::Stub::GetOrder, request);
  }
  // The refusal of a list of orders.
  client::Error Refused(const v1::ListOrdersRequest& request) {
    v1::ListOrdersResponse reply;
    return client::DecodeError(
        Call(orders(), &v1::OrderService::Stub::ListOrders, request, &reply, tenant_));
  }

  const v1::Product& ProductOf(const v1::OrderItem& item) {
    return item.product_id() == products_[0].id() ? products_[0] : products_[1];
  }

  const std::string tenant_ = Saas().NewTenant();
  std::vector<v1::Contact> contacts_;
  std::vector<v1::Product> products_;
  v1::Address address_;
  v1::Order full_, empty_;
  std::vector<v1::OrderItem> items_;  // of the full order, by their keys
};

#define EXPECT_SAME(actual, wanted) \
  EXPECT_TRUE(MessageDifferencer::Equals(actual, wanted)) << (actual).DebugString()

TEST_F(SelectTest, ColumnsAndTheKey) {
  v1::OrderSelect select;
  select.set_total_cents(true);
  v1::Order wanted;
  wanted.set_id(full_.id());
  wanted.set_total_cents(15);
  EXPECT_SAME(Get(full_, select), wanted);
  select.set_total_cents(false);
  EXPECT_SAME(Get(full_, select), full_);  // no column is named: all of them
  EXPECT_SAME(Get(full_, {}), full_);
}

// Each contact with its orders' number and what they come to: one statement, and no row of an order
// is read for it.
TEST_F(SelectTest, AggregatesBesideRows) {
  v1::ListContactsRequest request;
  auto& aggregates = *request.mutable_select()->mutable_aggregates();
  request.mutable_select()->set_name(true);
  aggregates.add_orders()->set_function(tenantry::v1::AGGREGATE_FUNCTION_COUNT);
  auto& sum = *aggregates.add_orders();
  sum.set_function(tenantry::v1::AGGREGATE_FUNCTION_SUM);
  sum.set_field(v1::ORDER_FIELD_TOTAL_CENTS);
  auto& shipped = *aggregates.add_orders();
  shipped.set_name("shipped");
  shipped.set_function(tenantry::v1::AGGREGATE_FUNCTION_COUNT);
  shipped.mutable_filter()->mutable_shipping_address();
  auto& towns = *aggregates.add_addresses();
  towns.set_function(tenantry::v1::AGGREGATE_FUNCTION_MAX);
  towns.set_field(v1::ADDRESS_FIELD_CITY);
  const auto reply = Must(contacts(), &v1::ContactService::Stub::ListContacts, request);
  ASSERT_EQ(reply.contacts_size(), 2);
  const bool ada_first = reply.contacts(0).id() == contacts_[0].id();
  const auto& ada = reply.contacts(ada_first ? 0 : 1).aggregates();
  const auto& ben = reply.contacts(ada_first ? 1 : 0).aggregates();
  ASSERT_EQ(ada.size(), 4u);
  EXPECT_EQ(ada.at("orders_count").integer(), 2);
  EXPECT_EQ(ada.at("orders_sum_total_cents").integer(), 30);
  EXPECT_EQ(ada.at("shipped").integer(), 1);
  EXPECT_EQ(ada.at("addresses_max_city").text(), "Town");
  ASSERT_EQ(ben.size(), 4u);
  EXPECT_TRUE(ben.at("orders_count").has_integer());
  EXPECT_EQ(ben.at("orders_count").integer(), 0);
  EXPECT_EQ(ben.at("orders_sum_total_cents").value_case(), 0);

  // Of rows that relations lead to, and in the replies of writes.
  v1::UpdateOrderRequest update;
  update.mutable_order()->set_id(full_.id());
  update.mutable_order()->set_total_cents(16);
  update.mutable_update_mask()->add_paths("total_cents");
  update.mutable_select()->set_total_cents(true);
  auto& quantity = *update.mutable_select()->mutable_aggregates()->add_items();
  quantity.set_function(tenantry::v1::AGGREGATE_FUNCTION_SUM);
  quantity.set_field(v1::ORDER_ITEM_FIELD_QUANTITY);
  update.mutable_select()->mutable_contact()->set_name(true);
  update.mutable_select()->mutable_contact()->mutable_aggregates()->add_orders()->set_function(
      tenantry::v1::AGGREGATE_FUNCTION_COUNT);
  const v1::Order order = Must(orders(), &v1::OrderService::Stub::UpdateOrder, update);
  EXPECT_EQ(order.aggregates().at("items_sum_quantity").integer(), 6);
  EXPECT_EQ(order.contact().aggregates().at("orders_count").integer(), 2);
}

// They are told and never taken: a row goes back as it came.
TEST_F(SelectTest, AggregatesInWritesAreNotTaken) {
  v1::UpdateContactRequest update;
  *update.mutable_contact() = contacts_[0];
  update.mutable_contact()->set_name("Ada L.");
  (*update.mutable_contact()->mutable_aggregates())["orders_count"].set_integer(7);
  const v1::Contact told = Must(contacts(), &v1::ContactService::Stub::UpdateContact, update);
  EXPECT_EQ(told.name(), "Ada L.");
  EXPECT_TRUE(told.aggregates().empty());

  update.mutable_update_mask()->add_paths("aggregates");
  v1::Contact reply;
  const auto error = client::DecodeError(
      Call(contacts(), &v1::ContactService::Stub::UpdateContact, update, &reply, tenant_));
  EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(SelectTest, AggregatesAreRefusedByTheirPath) {
  v1::ListOrdersRequest request;
  auto& items = *request.mutable_select()->mutable_aggregates();
  items.add_items()->set_function(tenantry::v1::AGGREGATE_FUNCTION_SUM);
  items.add_items()->set_function(tenantry::v1::AGGREGATE_FUNCTION_COUNT);
  items.add_items()->set_function(tenantry::v1::AGGREGATE_FUNCTION_COUNT);
  const client::Error error = Refused(request);
  EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_EQ(error.violations.size(), 2u);
  EXPECT_EQ(error.violations[0].field, "select.aggregates.items[0].field");
  EXPECT_EQ(error.violations[1].field, "select.aggregates.items[2].name");
}

// What writes answer with: the row as it is afterwards, and its relations.
TEST_F(SelectTest, WritesAnswerWithRelations) {
  v1::CreateOrderRequest create;
  create.mutable_order()->set_contact_id(contacts_[1].id());
  create.mutable_order()->set_total_cents(7);
  create.mutable_select()->set_total_cents(true);
  create.mutable_select()->mutable_contact()->set_name(true);
  create.mutable_select()->mutable_shipping_address();
  create.mutable_select()->mutable_items();
  v1::Order made = Must(orders(), &v1::OrderService::Stub::CreateOrder, create);
  v1::Order wanted;
  wanted.set_id(made.id());
  wanted.set_total_cents(7);
  wanted.mutable_contact()->set_id(contacts_[1].id());
  wanted.mutable_contact()->set_name("Ben");
  EXPECT_SAME(made, wanted);

  v1::UpdateOrderRequest update;
  update.mutable_order()->set_id(full_.id());
  update.mutable_order()->set_contact_id(contacts_[1].id());
  update.mutable_select()->set_contact_id(true);
  update.mutable_select()->mutable_contact()->set_name(true);
  update.mutable_select()->mutable_items()->set_limit(1);
  update.mutable_select()->mutable_items()->mutable_select()->set_quantity(true);
  wanted.Clear();
  wanted.set_id(full_.id());
  wanted.set_contact_id(contacts_[1].id());
  *wanted.mutable_contact() = made.contact();
  wanted.add_items()->set_id(items_[0].id());
  wanted.mutable_items(0)->set_quantity(items_[0].quantity());
  EXPECT_SAME(Must(orders(), &v1::OrderService::Stub::UpdateOrder, update), wanted);

  v1::UpsertOrderRequest upsert;
  *upsert.mutable_order() = full_;
  *upsert.mutable_select() = update.select();
  wanted.set_contact_id(contacts_[0].id());
  wanted.mutable_contact()->set_id(contacts_[0].id());
  wanted.mutable_contact()->set_name("Ada");
  EXPECT_SAME(Must(orders(), &v1::OrderService::Stub::UpsertOrder, upsert), wanted);

  // A row that stays can be answered with, one that is gone cannot: such a Delete has no select.
  v1::DeleteContactRequest remove;
  remove.set_id(contacts_[1].id());
  remove.mutable_select()->set_name(true);
  remove.mutable_select()->mutable_orders()->mutable_select()->set_total_cents(true);
  const v1::Contact gone = Must(contacts(), &v1::ContactService::Stub::DeleteContact, remove);
  EXPECT_EQ(gone.name(), "Ben");
  ASSERT_EQ(gone.orders_size(), 1);
  EXPECT_EQ(gone.orders(0).total_cents(), 7);
  EXPECT_EQ(v1::DeleteOrderItemRequest::descriptor()->FindFieldByName("select"), nullptr);
}

TEST_F(SelectTest, AWriteThatFindsNoRowIsNotFound) {
  v1::UpdateOrderRequest update;
  update.mutable_order()->set_id("01920000-0000-7000-8000-000000000001");
  update.mutable_order()->set_total_cents(1);
  update.mutable_select()->mutable_contact();
  v1::Order reply;
  EXPECT_EQ(
      Call(orders(), &v1::OrderService::Stub::UpdateOrder, update, &reply, tenant_).error_code(),
      grpc::StatusCode::NOT_FOUND);
  // Another tenant's row too, though its relations could be read by a statement that forgets.
  update.mutable_order()->set_id(full_.id());
  EXPECT_EQ(Call(orders(), &v1::OrderService::Stub::UpdateOrder, update, &reply, Saas().NewTenant())
                .error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(SelectTest, ABatchSelectsAsAWhole) {
  v1::BatchCreateContactsRequest request;
  request.add_requests()->mutable_contact()->set_name("Eve");
  request.mutable_requests(0)->mutable_select()->set_name(true);
  v1::BatchCreateContactsResponse reply;
  const client::Error error = client::DecodeError(
      Call(contacts(), &v1::ContactService::Stub::BatchCreateContacts, request, &reply, tenant_));
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(error.violations[0].field, "requests[0].select");
}

TEST_F(SelectTest, ThreeLevelsInOneCall) {
  v1::OrderSelect select;
  select.mutable_contact()->set_name(true);
  select.mutable_shipping_address();
  select.mutable_items()->mutable_select()->set_quantity(true);
  select.mutable_items()->mutable_select()->mutable_product();
  v1::Order wanted = full_;
  wanted.mutable_contact()->set_id(contacts_[0].id());
  wanted.mutable_contact()->set_name("Ada");
  *wanted.mutable_shipping_address() = address_;
  for (const v1::OrderItem& item : items_) {
    v1::OrderItem& out = *wanted.add_items();
    out.set_id(item.id());
    out.set_quantity(item.quantity());
    *out.mutable_product() = ProductOf(item);
  }
  EXPECT_SAME(Get(full_, select), wanted);

  select.mutable_items()->set_limit(2);
  wanted.mutable_items()->RemoveLast();
  EXPECT_SAME(Get(full_, select), wanted);

  // Relations without rows are absent, and empty.
  wanted = empty_;
  wanted.mutable_contact()->set_id(contacts_[0].id());
  wanted.mutable_contact()->set_name("Ada");
  EXPECT_SAME(Get(empty_, select), wanted);
}

TEST_F(SelectTest, RelationsAreFiltered) {
  v1::OrderSelect select;
  select.set_id(true);
  select.mutable_items()->mutable_filter()->mutable_quantity()->set_gte(2);
  select.mutable_items()->mutable_select()->set_quantity(true);
  EXPECT_EQ(Get(full_, select).items_size(), 2);
  // By a relation of the relation.
  select.mutable_items()->mutable_filter()->mutable_product()->mutable_name()->set_eq("ink");
  const v1::Order order = Get(full_, select);
  ASSERT_EQ(order.items_size(), 1);
  EXPECT_EQ(order.items(0).quantity(), 3);
  select.mutable_items()->mutable_filter()->mutable_quantity()->set_gte(9);
  EXPECT_EQ(Get(full_, select).items_size(), 0);

  // A filter of a relation neither tells one list from another nor loses its place.
  v1::ListOrdersRequest request;
  request.set_page_size(1);
  *request.mutable_select() = select;
  v1::ListOrdersResponse page = Must(orders(), &v1::OrderService::Stub::ListOrders, request);
  request.set_page_token(page.next_page_token());
  request.mutable_select()->mutable_items()->mutable_filter()->mutable_quantity()->set_gte(1);
  page = Must(orders(), &v1::OrderService::Stub::ListOrders, request);
  EXPECT_EQ(page.orders_size(), 1);
}

TEST_F(SelectTest, PagesHaveRelationsAndGoOn) {
  v1::ListContactsRequest request;
  request.set_page_size(1);
  request.mutable_select()->set_email(true);
  request.mutable_select()->mutable_orders()->mutable_select()->mutable_items();
  request.add_order_by()->set_field(v1::CONTACT_FIELD_CREATED_AT);
  std::vector<int> orders_of;
  do {
    const v1::ListContactsResponse page =
        Must(contacts(), &v1::ContactService::Stub::ListContacts, request);
    ASSERT_EQ(page.contacts_size(), 1);
    EXPECT_EQ(page.contacts(0).name(), "") << "was not selected";
    EXPECT_FALSE(page.contacts(0).has_created_at()) << "was not selected: the order needs it alone";
    orders_of.push_back(page.contacts(0).orders_size());
    int items = 0;
    for (const v1::Order& order : page.contacts(0).orders()) items += order.items_size();
    EXPECT_EQ(items, page.contacts(0).orders_size() == 0 ? 0 : 3);
    request.set_page_token(page.next_page_token());
    // What is selected may change from page to page.
    request.mutable_select()->set_phone(true);
  } while (!request.page_token().empty());
  EXPECT_EQ(orders_of, (std::vector<int>{2, 0}));
}

TEST_F(SelectTest, BatchesAnswerInOrderAndTwice) {
  v1::BatchGetOrdersRequest request;
  for (const v1::Order* order : {&empty_, &full_, &empty_}) request.add_ids(order->id());
  request.mutable_select()->set_status(true);
  request.mutable_select()->mutable_items();
  const auto reply = Must(orders(), &v1::OrderService::Stub::BatchGetOrders, request);
  ASSERT_EQ(reply.orders_size(), 3);
  EXPECT_EQ(reply.orders(0).items_size(), 0);
  EXPECT_EQ(reply.orders(1).items_size(), 3);
  EXPECT_SAME(reply.orders(2), reply.orders(0));
}

// A row that is referred to is there, deleted or not; a list hides deleted rows.
TEST_F(SelectTest, DeletedRows) {
  v1::DeleteContactRequest request;
  request.set_id(contacts_[0].id());
  Must(contacts(), &v1::ContactService::Stub::DeleteContact, request);
  v1::OrderSelect select;
  select.mutable_contact()->set_deleted_at(true);
  EXPECT_TRUE(Get(full_, select).contact().has_deleted_at());
}

TEST_F(SelectTest, AnotherTenantGetsNothingOfIt) {
  v1::GetOrderRequest request;
  request.set_id(full_.id());
  request.mutable_select()->mutable_items();
  v1::Order reply;
  const grpc::Status status =
      Call(orders(), &v1::OrderService::Stub::GetOrder, request, &reply, Saas().NewTenant());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(SelectTest, LimitsAreToldByTheirPlace) {
  v1::ListOrdersRequest request;
  request.mutable_select()->mutable_items()->set_limit(-1);
  client::Error error = Refused(request);
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(error.violations[0].field, "select.items.limit");

  request.mutable_select()->mutable_items()->set_limit(0);
  v1::OrderSelect* deep = request.mutable_select();
  for (int i = 0; i < 3; ++i) {
    deep->mutable_items()->set_limit(1);
    deep = deep->mutable_items()->mutable_select()->mutable_order();
  }
  error = Refused(request);
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(error.violations[0].field,
            "select.items.select.order.items.select.order.items.select.order");
  EXPECT_THAT(error.violations[0].description, ::testing::HasSubstr("select-depth-max"));

  request.clear_select();
  request.set_page_size(1000);
  request.mutable_select()->mutable_items()->set_limit(1000);
  request.mutable_select()
      ->mutable_items()
      ->mutable_select()
      ->mutable_product()
      ->mutable_order_items()
      ->set_limit(1000);
  error = Refused(request);
  ASSERT_FALSE(error.violations.empty());
  EXPECT_THAT(error.violations[0].description, ::testing::HasSubstr("select-rows-max"));
}

}  // namespace
}  // namespace tenantry::e2e
