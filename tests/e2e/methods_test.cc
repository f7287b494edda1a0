// What the methods of the SaaS tables do, through the generated stubs.

#include <set>

#include "absl/strings/str_cat.h"
#include "saas/v1/catalog_service.grpc.pb.h"
#include "saas/v1/commerce_service.grpc.pb.h"
#include "saas/v1/crm_service.grpc.pb.h"
#include "saas/v1/organization_service.grpc.pb.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

namespace crm = saas::v1;
namespace catalog = saas::v1;
namespace commerce = saas::v1;
using google::protobuf::Empty;

// The outcome of a stub's call.
template <typename Reply>
struct Outcome {
  grpc::Status status;
  client::Error error;
  Reply reply;

  bool ok() const { return status.ok(); }
  std::string ToString() const { return ok() ? reply.DebugString() : client::ToString(error); }
  const Reply* operator->() const { return &reply; }
};

class MethodsTest : public ::testing::Test {
 protected:
  // Calls `method` of a stub as the test's tenant.
  template <typename Stub, typename Request, typename Reply>
  Outcome<Reply> Call(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                      const Request& request) {
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant_);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    Outcome<Reply> outcome;
    outcome.status = (stub.*method)(&context, request, &outcome.reply);
    outcome.error = client::DecodeError(outcome.status);
    return outcome;
  }

  Outcome<crm::Contact> Create(const crm::Contact& contact) {
    crm::CreateContactRequest request;
    *request.mutable_contact() = contact;
    return Call(*contacts_, &Contacts::CreateContact, request);
  }
  Outcome<crm::Contact> Create(const std::string& name, const std::string& email = "") {
    crm::Contact contact;
    contact.set_name(name);
    if (!email.empty()) contact.set_email(email);
    return Create(contact);
  }
  Outcome<crm::Contact> Get(const std::string& id) {
    crm::GetContactRequest request;
    request.set_id(id);
    return Call(*contacts_, &Contacts::GetContact, request);
  }
  Outcome<crm::Contact> Delete(const std::string& id) {
    crm::DeleteContactRequest request;
    request.set_id(id);
    return Call(*contacts_, &Contacts::DeleteContact, request);
  }
  Outcome<crm::Contact> Update(const crm::Contact& contact,
                               const std::vector<std::string>& paths = {}) {
    crm::UpdateContactRequest request;
    *request.mutable_contact() = contact;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return Call(*contacts_, &Contacts::UpdateContact, request);
  }
  Outcome<crm::Contact> Upsert(const crm::Contact& contact, crm::ContactKey key,
                               const std::vector<std::string>& paths = {}) {
    crm::UpsertContactRequest request;
    *request.mutable_contact() = contact;
    request.set_conflict_key(key);
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return Call(*contacts_, &Contacts::UpsertContact, request);
  }
  Outcome<crm::ListContactsResponse> List(const crm::ListContactsRequest& request) {
    return Call(*contacts_, &Contacts::ListContacts, request);
  }
  Outcome<crm::BatchCreateContactsResponse> BatchCreate(int count, const std::string& prefix) {
    crm::BatchCreateContactsRequest request;
    for (int i = 0; i < count; ++i) {
      request.add_requests()->mutable_contact()->set_name(absl::StrCat(prefix, i));
    }
    return Call(*contacts_, &Contacts::BatchCreateContacts, request);
  }

  using Contacts = crm::ContactService::StubInterface;
  using Products = catalog::ProductService::StubInterface;
  using Orders = commerce::OrderService::StubInterface;
  using Items = commerce::OrderItemService::StubInterface;
  const std::string tenant_ = Saas().NewTenant("Acme");
  const std::shared_ptr<grpc::Channel> channel_ = Saas().client().channel();
  const std::unique_ptr<Contacts> contacts_ = crm::ContactService::NewStub(channel_);
  const std::unique_ptr<Products> products_ = catalog::ProductService::NewStub(channel_);
  const std::unique_ptr<Orders> orders_ = commerce::OrderService::NewStub(channel_);
  const std::unique_ptr<Items> items_ = commerce::OrderItemService::NewStub(channel_);
};

TEST_F(MethodsTest, CreateFillsInWhatTheCallerLeavesOut) {
  const auto made = Create("Ada");
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->id().size(), 36u);
  EXPECT_EQ(made->id()[14], '7') << "a UUIDv7";
  EXPECT_EQ(made->type(), crm::CONTACT_TYPE_INDIVIDUAL);
  EXPECT_TRUE(made->is_active());
  EXPECT_TRUE(made->has_metadata());
  EXPECT_FALSE(made->has_email());
  EXPECT_FALSE(made->has_deleted_at());
  EXPECT_GT(made->created_at().seconds(), 1'700'000'000);
  EXPECT_EQ(made->created_at().DebugString(), made->updated_at().DebugString());
  EXPECT_THAT(Get(made->id()), IsOk());
}

TEST_F(MethodsTest, CreateTakesTheCallersIdAndIgnoresOutputOnlyFields) {
  crm::Contact contact;
  contact.set_id("01920000-0000-7000-8000-0000000000AB");
  contact.set_name("Ada");
  contact.set_is_active(false);
  contact.mutable_created_at()->set_seconds(1);
  contact.mutable_updated_at()->set_seconds(1);
  contact.mutable_deleted_at()->set_seconds(1);
  const auto made = Create(contact);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->id(), "01920000-0000-7000-8000-0000000000ab");
  EXPECT_FALSE(made->is_active());
  EXPECT_GT(made->created_at().seconds(), 1);
  EXPECT_GT(made->updated_at().seconds(), 1);
  EXPECT_FALSE(made->has_deleted_at());
  EXPECT_THAT(Create(contact), FailsBecause(grpc::StatusCode::ALREADY_EXISTS, "ALREADY_EXISTS"));
}

TEST_F(MethodsTest, UniqueKeysHoldWithinTheTenant) {
  ASSERT_THAT(Create("Ada", "ada@example.com"), IsOk());
  const auto again = Create("Imposter", "ada@example.com");
  EXPECT_THAT(again, Fails(grpc::StatusCode::ALREADY_EXISTS));
  EXPECT_EQ(again.error.metadata.at("table"), "contacts");
  EXPECT_FALSE(again.error.metadata.at("constraint").empty());
  EXPECT_EQ(again.error.domain, "tenantry");
  // Several without an email are no conflict.
  EXPECT_THAT(Create("One"), IsOk());
  EXPECT_THAT(Create("Two"), IsOk());
}

TEST_F(MethodsTest, UpdateChangesWhatIsPopulatedOrNamed) {
  crm::Contact contact = Create("Ada", "ada@example.com").reply;
  crm::Contact change;
  change.set_id(contact.id());
  change.set_phone("123");
  auto updated = Update(change);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->phone(), "123");
  EXPECT_EQ(updated->name(), "Ada");
  EXPECT_EQ(updated->email(), "ada@example.com");
  EXPECT_EQ(updated->created_at().DebugString(), contact.created_at().DebugString());
  EXPECT_NE(updated->updated_at().DebugString(), contact.updated_at().DebugString());

  // Named and absent: cleared, or back to the default.
  updated = Update(change, {"email", "is_active"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_FALSE(updated->has_email());
  EXPECT_TRUE(updated->is_active());
  EXPECT_EQ(updated->phone(), "123") << "in the row but not in the mask";

  // Everything.
  change.set_name("Countess");
  change.clear_phone();
  updated = Update(change, {"*"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->name(), "Countess");
  EXPECT_FALSE(updated->has_phone());
}

TEST_F(MethodsTest, UpdateRefusesMasksThatMeanNothing) {
  crm::Contact contact = Create("Ada").reply;
  EXPECT_THAT(Update(contact, {"no_such_field"}), Violates(Fields{"update_mask.paths[0]"}));
  EXPECT_THAT(Update(contact, {"name", "metadata.key"}), Violates(Fields{"update_mask.paths[1]"}));
  EXPECT_THAT(Update(contact, {"tenant_id"}), Violates(Fields{"update_mask.paths[0]"}));
  crm::Contact bare;
  bare.set_id(contact.id());
  EXPECT_THAT(Update(bare), Violates(Fields{"update_mask"}));
  EXPECT_THAT(Update(bare, {"name"}), Violates(Fields{"contact.name"})) << "it cannot be cleared";
  bare.set_id("01920000-0000-7000-8000-000000000000");
  bare.set_name("Nobody");
  EXPECT_THAT(Update(bare), Fails(grpc::StatusCode::NOT_FOUND));
}

TEST_F(MethodsTest, SoftDeleteHidesKeepsAndFreesTheKey) {
  const crm::Contact contact = Create("Ada", "ada@example.com").reply;
  const auto deleted = Delete(contact.id());
  ASSERT_THAT(deleted, IsOk());
  EXPECT_TRUE(deleted->has_deleted_at());

  EXPECT_EQ(List({})->contacts_size(), 0);
  crm::ListContactsRequest with_deleted;
  with_deleted.set_show_deleted(true);
  ASSERT_EQ(List(with_deleted)->contacts_size(), 1);
  EXPECT_TRUE(List(with_deleted)->contacts(0).has_deleted_at());
  EXPECT_TRUE(Get(contact.id())->has_deleted_at());

  EXPECT_THAT(Delete(contact.id()), Fails(grpc::StatusCode::NOT_FOUND));
  crm::Contact change;
  change.set_id(contact.id());
  change.set_name("Risen");
  EXPECT_THAT(Update(change), Fails(grpc::StatusCode::NOT_FOUND));
  EXPECT_THAT(Upsert(change, crm::CONTACT_KEY_PRIMARY),
              FailsBecause(grpc::StatusCode::FAILED_PRECONDITION, "ROW_DELETED"));
  EXPECT_EQ(Get(contact.id())->name(), "Ada");

  EXPECT_THAT(Create("Second Ada", "ada@example.com"), IsOk()) << "the email is free again";
  change.clear_id();
  change.set_email("ada@example.com");
  EXPECT_EQ(Upsert(change, crm::CONTACT_KEY_EMAIL)->name(), "Risen");
  EXPECT_EQ(List({})->contacts_size(), 1);
}

TEST_F(MethodsTest, UpsertMakesOrChangesByTheChosenKey) {
  crm::Contact contact;
  contact.set_name("Ada");
  contact.set_email("ada@example.com");
  const auto made = Upsert(contact, crm::CONTACT_KEY_EMAIL);
  ASSERT_THAT(made, IsOk());
  contact.set_name("Countess");
  contact.set_phone("123");
  const auto changed = Upsert(contact, crm::CONTACT_KEY_EMAIL);
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->id(), made->id());
  EXPECT_EQ(changed->name(), "Countess");
  EXPECT_EQ(changed->created_at().DebugString(), made->created_at().DebugString());

  contact.set_name("Not taken");
  contact.set_phone("456");
  const auto masked = Upsert(contact, crm::CONTACT_KEY_EMAIL, {"phone"});
  ASSERT_THAT(masked, IsOk());
  EXPECT_EQ(masked->name(), "Countess");
  EXPECT_EQ(masked->phone(), "456");

  contact.set_id(made->id());
  contact.set_email("new@example.com");
  EXPECT_EQ(Upsert(contact, crm::CONTACT_KEY_PRIMARY)->email(), "new@example.com");

  // The key that was not chosen still holds.
  ASSERT_THAT(Create("Other", "other@example.com"), IsOk());
  contact.set_email("other@example.com");
  EXPECT_THAT(Upsert(contact, crm::CONTACT_KEY_PRIMARY), Fails(grpc::StatusCode::ALREADY_EXISTS));
  contact.clear_email();
  EXPECT_THAT(Upsert(contact, crm::CONTACT_KEY_EMAIL), Violates(Fields{"contact.email"}));
  EXPECT_THAT(Upsert(contact, static_cast<crm::ContactKey>(77)), Violates(Fields{"conflict_key"}));
}

TEST_F(MethodsTest, BatchesAreWholeOrNothing) {
  const auto made = BatchCreate(1000, "batch ");
  ASSERT_THAT(made, IsOk());
  ASSERT_EQ(made->contacts_size(), 1000);
  EXPECT_EQ(made->contacts(0).name(), "batch 0");
  EXPECT_EQ(made->contacts(999).name(), "batch 999");
  EXPECT_THAT(BatchCreate(1001, "too many "), Violates(Fields{"requests"}));
  EXPECT_THAT(BatchCreate(0, ""), Violates(Fields{"requests"}));

  crm::BatchCreateContactsRequest clash;
  clash.add_requests()->mutable_contact()->set_name("fine");
  clash.mutable_requests(0)->mutable_contact()->set_email("one@example.com");
  *clash.add_requests() = clash.requests(0);
  EXPECT_THAT(Call(*contacts_, &Contacts::BatchCreateContacts, clash),
              Fails(grpc::StatusCode::ALREADY_EXISTS));
  clash.mutable_requests(1)->mutable_contact()->set_name("");
  EXPECT_THAT(Call(*contacts_, &Contacts::BatchCreateContacts, clash),
              Violates(Fields{"requests[1].contact.name"}));

  crm::ListContactsRequest by_email;
  by_email.mutable_filter()->mutable_email()->set_eq("one@example.com");
  EXPECT_EQ(List(by_email)->contacts_size(), 0) << "half a batch";

  crm::BatchGetContactsRequest get;
  for (int i : {999, 0, 500, 0}) get.add_ids(made->contacts(i).id());
  const auto got = Call(*contacts_, &Contacts::BatchGetContacts, get);
  ASSERT_THAT(got, IsOk());
  ASSERT_EQ(got->contacts_size(), 4);
  EXPECT_EQ(got->contacts(0).name(), "batch 999");
  EXPECT_EQ(got->contacts(1).name(), "batch 0");
  EXPECT_EQ(got->contacts(2).name(), "batch 500");
  EXPECT_EQ(got->contacts(3).name(), "batch 0");
  get.add_ids("01920000-0000-7000-8000-000000000000");
  EXPECT_THAT(Call(*contacts_, &Contacts::BatchGetContacts, get),
              Fails(grpc::StatusCode::NOT_FOUND));
}

TEST_F(MethodsTest, ReferencesHold) {
  const std::string contact = Create("Ada").reply.id();
  commerce::CreateOrderRequest order;
  order.mutable_order()->set_contact_id("01920000-0000-7000-8000-000000000000");
  EXPECT_THAT(Call(*orders_, &Orders::CreateOrder, order),
              FailsBecause(grpc::StatusCode::FAILED_PRECONDITION, "REFERENCE_NOT_FOUND"));
  order.mutable_order()->set_contact_id(contact);
  const auto made = Call(*orders_, &Orders::CreateOrder, order);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->status(), commerce::ORDER_STATUS_PENDING);
  EXPECT_FALSE(made->has_shipping_address_id());

  catalog::CreateProductRequest product;
  product.mutable_product()->set_slug("lamp");
  product.mutable_product()->set_name("Lamp");
  product.mutable_product()->add_tags("home");
  const auto lamp = Call(*products_, &Products::CreateProduct, product);
  ASSERT_THAT(lamp, IsOk());
  commerce::CreateOrderItemRequest item;
  item.mutable_order_item()->set_order_id(made->id());
  item.mutable_order_item()->set_product_id(lamp->id());
  EXPECT_THAT(Call(*items_, &Items::CreateOrderItem, item),
              Violates(Fields{"order_item.quantity"}));
  item.mutable_order_item()->set_quantity(2);
  const auto line = Call(*items_, &Items::CreateOrderItem, item);
  ASSERT_THAT(line, IsOk());

  // RESTRICT on the product, CASCADE from the order.
  catalog::DeleteProductRequest remove_product;
  remove_product.set_id(lamp->id());
  EXPECT_THAT(Call(*products_, &Products::DeleteProduct, remove_product),
              FailsBecause(grpc::StatusCode::FAILED_PRECONDITION, "ROW_IS_REFERENCED"));
  commerce::DeleteOrderRequest remove_order;
  remove_order.set_id(made->id());
  EXPECT_THAT(Call(*orders_, &Orders::DeleteOrder, remove_order), IsOk());
  commerce::GetOrderItemRequest get_item;
  get_item.set_id(line->id());
  EXPECT_THAT(Call(*items_, &Items::GetOrderItem, get_item), Fails(grpc::StatusCode::NOT_FOUND));
  EXPECT_THAT(Call(*products_, &Products::DeleteProduct, remove_product), IsOk());
}

TEST_F(MethodsTest, AnOrganizationSeesAndChangesItself) {
  namespace organization = saas::v1;
  using Organizations = organization::OrganizationService::StubInterface;
  const std::unique_ptr<Organizations> stub = organization::OrganizationService::NewStub(channel_);
  const auto listed = Call(*stub, &Organizations::ListOrganizations, {});
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->organizations_size(), 1);
  EXPECT_EQ(listed->organizations(0).id(), tenant_);
  organization::UpdateOrganizationRequest rename;
  rename.mutable_organization()->set_id(tenant_);
  rename.mutable_organization()->set_name("Acme & Sons");
  const auto renamed = Call(*stub, &Organizations::UpdateOrganization, rename);
  ASSERT_THAT(renamed, IsOk());
  EXPECT_EQ(renamed->name(), "Acme & Sons");
}

class PagesTest
    : public MethodsTest,
      public ::testing::WithParamInterface<std::tuple<crm::ContactField, v1::Direction>> {
 protected:
  // Rows that the walk may see or not: one in front of all others, one behind or among them, and
  // one that goes.
  void ChangeOthers(std::size_t step) {
    const auto later = Create(absl::StrCat("added ", step));
    ASSERT_THAT(later, IsOk());
    crm::Contact first;
    first.set_id(absl::StrCat("00000000-0000-7000-8000-", 100'000'000'000 + added_++));
    first.set_name("a row in front");
    ASSERT_THAT(Create(first), IsOk());
    ASSERT_FALSE(doomed_.empty());
    ASSERT_THAT(Delete(doomed_.back()), IsOk());
    doomed_.pop_back();
  }

  std::vector<std::string> doomed_;  // ids of rows among the walked that may go
  std::size_t added_ = 0;
  std::string last_page_;
};

TEST_P(PagesTest, WalkAThousandRowsBothWaysWhileOthersComeAndGo) {
  std::set<std::string> wanted;
  for (int i = 0; i < 2; ++i) {
    crm::BatchCreateContactsRequest request;
    for (int n = 0; n < 550; ++n) {
      // Few names, and an address for some alone.
      crm::Contact& contact = *request.add_requests()->mutable_contact();
      contact.set_name(absl::StrCat("walked ", n % 7));
      if (n % 3 != 0) contact.set_email(absl::StrCat("w", i, "-", n, "@example.com"));
    }
    const auto made = Call(*contacts_, &Contacts::BatchCreateContacts, request);
    ASSERT_THAT(made, IsOk());
    for (int n = 0; n < 550; ++n) {
      const std::string& id = made->contacts(n).id();
      n % 11 == 0 ? doomed_.push_back(id) : static_cast<void>(wanted.insert(id));
    }
  }
  ASSERT_EQ(wanted.size(), 1000u);

  crm::ListContactsRequest request;
  request.set_page_size(83);
  auto* order = request.add_order_by();
  order->set_field(std::get<0>(GetParam()));
  order->set_direction(std::get<1>(GetParam()));
  const auto walk = [&](auto next) {
    std::set<std::string> seen;
    int pages = 0;
    do {
      const auto page = List(request);
      ASSERT_THAT(page, IsOk());
      for (const crm::Contact& contact : page->contacts()) {
        EXPECT_TRUE(seen.insert(contact.id()).second) << "twice: " << contact.id();
      }
      ChangeOthers(seen.size());
      if (HasFatalFailure()) return;
      last_page_ = request.page_token();
      request.set_page_token(next(*page.operator->()));
      ASSERT_LT(++pages, 40);
    } while (!request.page_token().empty());
    std::size_t lost = 0;
    for (const std::string& id : wanted) lost += seen.contains(id) ? 0 : 1;
    EXPECT_EQ(lost, 0u);
  };
  walk([](const crm::ListContactsResponse& page) { return page.next_page_token(); });
  request.set_page_token(last_page_);
  walk([](const crm::ListContactsResponse& page) { return page.previous_page_token(); });
}

INSTANTIATE_TEST_SUITE_P(
    Orders, PagesTest,
    ::testing::Combine(::testing::Values(crm::CONTACT_FIELD_ID, crm::CONTACT_FIELD_CREATED_AT,
                                         crm::CONTACT_FIELD_NAME, crm::CONTACT_FIELD_EMAIL),
                       ::testing::Values(v1::DIRECTION_ASC, v1::DIRECTION_DESC)));

TEST_F(MethodsTest, PageSizesAndTokensAreChecked) {
  ASSERT_THAT(BatchCreate(60, "paged "), IsOk());
  crm::ListContactsRequest request;
  EXPECT_EQ(List(request)->contacts_size(), 50) << "the default";
  request.set_page_size(1'000'000);
  EXPECT_EQ(List(request)->contacts_size(), 60) << "cut to the maximum, not refused";
  EXPECT_TRUE(List(request)->next_page_token().empty());
  request.set_page_size(-1);
  EXPECT_THAT(List(request), Violates(Fields{"page_size"}));
  request.set_page_size(10);
  const std::string token = List(request)->next_page_token();
  ASSERT_FALSE(token.empty());

  request.set_page_token(token);
  request.set_page_size(20);
  EXPECT_EQ(List(request)->contacts_size(), 20) << "the page size may change";
  request.mutable_filter()->mutable_name()->set_eq("paged 1");
  EXPECT_THAT(List(request), Violates(Fields{"page_token"}));
  request.clear_filter();
  request.set_show_deleted(true);
  EXPECT_THAT(List(request), Violates(Fields{"page_token"}));
  request.set_show_deleted(false);
  for (const std::string& bad : {std::string("x"), token.substr(1), token + "A",
                                 std::string(5000, 'A'), std::string("' OR 1=1 --")}) {
    request.set_page_token(bad);
    EXPECT_THAT(List(request), Violates(Fields{"page_token"})) << bad;
  }
  std::string flipped = token;
  flipped[flipped.size() / 2] = flipped[flipped.size() / 2] == 'A' ? 'B' : 'A';
  request.set_page_token(flipped);
  EXPECT_THAT(List(request), Violates(Fields{"page_token"}));
}

TEST_F(MethodsTest, FiltersTakeEveryConditionTogether) {
  crm::Contact contact;
  for (int i = 0; i < 6; ++i) {
    contact.set_name(absl::StrCat("name ", i % 2));
    contact.set_type(i % 3 == 0 ? crm::CONTACT_TYPE_COMPANY : crm::CONTACT_TYPE_PARTNER);
    contact.set_is_active(i < 3);
    ASSERT_THAT(Create(contact), IsOk());
  }
  crm::ListContactsRequest request;
  request.mutable_filter()->mutable_name()->set_eq("name 0");
  EXPECT_EQ(List(request)->contacts_size(), 3);
  request.mutable_filter()->mutable_type()->set_eq(crm::CONTACT_TYPE_PARTNER);
  EXPECT_EQ(List(request)->contacts_size(), 2);
  request.mutable_filter()->mutable_is_active()->set_eq(false);
  EXPECT_EQ(List(request)->contacts_size(), 1);
  request.mutable_filter()->mutable_name();
  request.mutable_filter()->mutable_name()->clear_eq();
  EXPECT_EQ(List(request)->contacts_size(), 2) << "a filter without an operator says nothing";
  request.mutable_filter()->mutable_id()->set_eq("not a uuid");
  request.mutable_filter()->mutable_type()->set_eq(static_cast<crm::ContactType>(99));
  EXPECT_THAT(List(request), Violates(Fields{"filter.id.eq", "filter.type.eq"}));
}

}  // namespace
}  // namespace tenantry::e2e
