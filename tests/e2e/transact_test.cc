// Several calls in one transaction.

#include <atomic>
#include <initializer_list>
#include <thread>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "saas/v1/catalog_service.pb.h"
#include "saas/v1/commerce_service.pb.h"
#include "saas/v1/crm_service.pb.h"
#include "tenantry/v1/transact.grpc.pb.h"
#include "tests/e2e/checkouts.h"

namespace tenantry::e2e {
namespace {

using ::testing::HasSubstr;
using v1::TransactRequest;
using v1::TransactResponse;

class TransactTest : public ::testing::Test {
 protected:
  grpc::Status Transact(const TransactRequest& request, TransactResponse& response,
                        const std::string& tenant = "") {
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant.empty() ? tenant_ : tenant);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return v1::TransactService::NewStub(Saas().client().channel())
        ->Transact(&context, request, &response);
  }
  client::Error Refused(const TransactRequest& request, const std::string& tenant = "") {
    TransactResponse response;
    const grpc::Status status = Transact(request, response, tenant);
    EXPECT_FALSE(status.ok()) << response.DebugString();
    return client::DecodeError(status);
  }
  TransactResponse Done(const TransactRequest& request) {
    TransactResponse response;
    const grpc::Status status = Transact(request, response);
    EXPECT_TRUE(status.ok()) << client::ToString(client::DecodeError(status));
    EXPECT_EQ(response.results_size(), status.ok() ? request.steps_size() : 0);
    return response;
  }
  template <typename Message>
  static Message Result(const TransactResponse& response, int step) {
    Message message;
    EXPECT_TRUE(step < response.results_size() && response.results(step).UnpackTo(&message))
        << step;
    return message;
  }

  static v1::Step& Add(TransactRequest& request, const google::protobuf::Message& step) {
    v1::Step& added = *request.add_steps();
    added.mutable_request()->PackFrom(step);
    return added;
  }
  static void Refer(v1::Step& step, const std::string& field, int from_step,
                    const std::string& from) {
    v1::Reference& reference = *step.add_references();
    reference.set_field(field);
    reference.set_step(from_step);
    reference.set_from(from);
  }
  static saas::v1::CreateContactRequest NewContact(const std::string& name) {
    saas::v1::CreateContactRequest create;
    create.mutable_contact()->set_name(name);
    return create;
  }

  // Calls outside of a transaction.
  CallResult Call(std::string_view rpc, const std::string& text) {
    return Saas().client().Call(rpc, text, As(tenant_));
  }
  std::string Create(std::string_view rpc, const std::string& text) {
    const CallResult made = Call(rpc, text);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? Value(*made.reply, "id") : "";
  }
  std::string CountContacts(const std::string& name) {
    return Value(*Call("ListContacts", absl::StrCat("filter { name { eq: '", name, "' } }")).reply,
                 "contacts");
  }

  const std::string tenant_ = Saas().NewTenant();
};

MATCHER_P2(IsOfStep, step, reason, "") {
  *result_listener << client::ToString(arg);
  const auto found = arg.metadata.find("step");
  return arg.reason == reason && found != arg.metadata.end() && found->second == step;
}
MATCHER_P2(ViolatesBecause, field, reason, "") {
  *result_listener << client::ToString(arg);
  return arg.reason == reason && arg.violations.size() == 1 && arg.violations[0].field == field;
}

auto ViolatesAt(std::string field) {
  return ViolatesBecause(std::move(field), std::string("INVALID_ARGUMENT"));
}

// A contact, its order, and what both look like to a read: the server makes the identifiers.
TEST_F(TransactTest, LaterStepsReferToEarlierOnesAndSeeThem) {
  TransactRequest request;
  Add(request, NewContact("Ada"));
  saas::v1::CreateOrderRequest order;
  order.mutable_order()->set_total_cents(500);
  Refer(Add(request, order), "order.contact_id", 0, "contact.id");
  saas::v1::GetOrderRequest get;
  get.mutable_select()->set_total_cents(true);
  get.mutable_select()->mutable_contact()->set_name(true);
  Refer(Add(request, get), "id", 1, "order.id");
  saas::v1::ListContactsRequest list;
  list.set_total(v1::TOTAL_EXACT);
  Add(request, list);

  const TransactResponse response = Done(request);
  ASSERT_EQ(response.results_size(), 4);
  const auto contact = Result<saas::v1::Contact>(response, 0);
  EXPECT_EQ(Result<saas::v1::Order>(response, 1).contact_id(), contact.id());
  const auto seen = Result<saas::v1::Order>(response, 2);
  EXPECT_EQ(seen.contact().name(), "Ada");
  EXPECT_EQ(seen.total_cents(), 500);
  EXPECT_EQ(Result<saas::v1::ListContactsResponse>(response, 3).total_size(), 1);
}

TEST_F(TransactTest, BatchesAreReferredToByTheirEntries) {
  TransactRequest request;
  saas::v1::BatchCreateContactsRequest batch;
  *batch.add_requests() = NewContact("Ben");
  *batch.add_requests() = NewContact("Bob");
  Add(request, batch);
  saas::v1::UpdateContactRequest update;
  update.mutable_contact()->set_phone("1");
  Refer(Add(request, update), "contact.id", 0, "requests[1].contact.id");
  const TransactResponse response = Done(request);
  EXPECT_EQ(Result<saas::v1::Contact>(response, 1).name(), "Bob");
}

TEST_F(TransactTest, NothingIsLeftOfATransactionThatIsRefused) {
  TransactRequest request;
  Add(request, NewContact("Cora"));
  saas::v1::CreateOrderRequest order;
  order.mutable_order()->set_contact_id(test::NewTenantId());
  Add(request, order);
  EXPECT_THAT(Refused(request), IsOfStep("1", "REFERENCE_NOT_FOUND"));
  EXPECT_EQ(CountContacts("Cora"), "0");

  // A unique key that an earlier step took.
  request.clear_steps();
  saas::v1::CreateContactRequest same = NewContact("Cora");
  same.mutable_contact()->set_email("cora@example.com");
  Add(request, NewContact("Cora"));
  Add(request, same);
  Add(request, same);
  EXPECT_THAT(Refused(request), IsOfStep("2", "ALREADY_EXISTS"));
  EXPECT_EQ(CountContacts("Cora"), "0");
}

// Alone these are answered NOT_FOUND after the fact; here they must take the others back.
TEST_F(TransactTest, AStepWithoutItsRowRefusesAll) {
  const std::string nobody = test::NewTenantId();
  saas::v1::GetContactRequest get;
  get.set_id(nobody);
  saas::v1::UpdateContactRequest update;
  update.mutable_contact()->set_id(nobody);
  update.mutable_contact()->set_phone("1");
  saas::v1::DeleteContactRequest remove;
  remove.set_id(nobody);
  saas::v1::DeleteProductRequest remove_for_good;
  remove_for_good.set_id(nobody);
  for (const google::protobuf::Message* step :
       std::initializer_list<const google::protobuf::Message*>{&get, &update, &remove,
                                                               &remove_for_good}) {
    TransactRequest request;
    Add(request, NewContact("Dan"));
    Add(request, *step);
    const client::Error error = Refused(request);
    EXPECT_THAT(error, IsOfStep("1", "NOT_FOUND"));
    EXPECT_EQ(error.metadata.at("table"), step == &remove_for_good ? "products" : "contacts");
    EXPECT_EQ(CountContacts("Dan"), "0") << step->GetTypeName();
    request.set_request_id(test::NewTenantId());
    EXPECT_THAT(Refused(request), IsOfStep("1", "NOT_FOUND"));
    EXPECT_EQ(CountContacts("Dan"), "0") << step->GetTypeName();
  }
}

TEST_F(TransactTest, AnotherTenantsRowIsNotThere) {
  const std::string theirs = Create("CreateContact", "contact { name: 'Eve' }");
  TransactRequest request;
  saas::v1::UpdateContactRequest update;
  update.mutable_contact()->set_id(theirs);
  update.mutable_contact()->set_name("Eva");
  Add(request, update);
  const std::string other = Saas().NewTenant();
  const client::Error seen = Refused(request, other);
  EXPECT_EQ(seen.reason, "NOT_FOUND");
  request.mutable_steps(0)->mutable_request()->Clear();
  update.mutable_contact()->set_id(test::NewTenantId());
  request.mutable_steps(0)->mutable_request()->PackFrom(update);
  EXPECT_EQ(Refused(request, other).message, seen.message);
  EXPECT_EQ(CountContacts("Eve"), "1");
}

TEST_F(TransactTest, WhatIsWrongIsToldWithItsPath) {
  EXPECT_THAT(Refused({}), ViolatesAt("steps"));
  TransactRequest request;
  for (int i = 0; i < 101; ++i) Add(request, NewContact("Fay"));
  EXPECT_THAT(Refused(request), ViolatesAt("steps"));

  request.clear_steps();
  Add(request, NewContact("Fay"));
  Add(request, v1::Reference());
  EXPECT_THAT(Refused(request), ViolatesAt("steps[1].request"));

  request.mutable_steps()->RemoveLast();
  Add(request, NewContact(std::string(300, 'x')));
  EXPECT_THAT(Refused(request), ViolatesAt("steps[1].request.contact.name"));

  for (const char* field : {"validate_only", "request_id"}) {
    saas::v1::CreateContactRequest own = NewContact("Fay");
    field[0] == 'v' ? own.set_validate_only(true) : own.set_request_id(test::NewTenantId());
    request.mutable_steps(1)->mutable_request()->PackFrom(own);
    EXPECT_THAT(Refused(request), ViolatesAt(absl::StrCat("steps[1].request.", field)));
  }
  request.mutable_steps()->RemoveLast();
  request.set_request_id("once");
  EXPECT_THAT(Refused(request), ViolatesAt("request_id"));
  request.clear_request_id();
  request.set_isolation(static_cast<v1::IsolationLevel>(9));
  EXPECT_THAT(Refused(request), ViolatesAt("isolation"));
  EXPECT_EQ(CountContacts("Fay"), "0");
}

TEST_F(TransactTest, ReferencesMustLeadFromOneValueToOneOfItsType) {
  TransactRequest request;
  Add(request, NewContact("Gil"));
  saas::v1::CreateOrderRequest order;
  v1::Step& step = Add(request, order);
  const auto refer = [&](const std::string& field, int from_step, const std::string& from) {
    step.clear_references();
    Refer(step, field, from_step, from);
    return Refused(request);
  };
  const std::string at = "steps[1].references[0].";
  EXPECT_THAT(refer("order.contact_id", 1, "order.id"), ViolatesAt(at + "step"));
  EXPECT_THAT(refer("order.contact_id", -1, "contact.id"), ViolatesAt(at + "step"));
  EXPECT_THAT(refer("order.contact", 0, "contact.id"), ViolatesAt(at + "field"));
  EXPECT_THAT(refer("contact_id", 0, "contact.id"), ViolatesAt(at + "field"));
  EXPECT_THAT(refer("order.contact_id", 0, "contact.tags[0]"), ViolatesAt(at + "from"));
  EXPECT_THAT(refer("order.contact_id", 0, ""), ViolatesAt(at + "from"));
  EXPECT_THAT(refer("order.total_cents", 0, "contact.id"), ViolatesAt(at + "from"));
  // The database makes it.
  EXPECT_THAT(refer("order.contact_id", 0, "contact.email"), ViolatesAt(at + "from"));
  EXPECT_EQ(CountContacts("Gil"), "0");
}

TEST_F(TransactTest, WhatIsOnlyTriedIsAnsweredAndTakenBack) {
  TransactRequest request;
  Add(request, NewContact("Hal"));
  Add(request, NewContact("Hal"));
  request.set_validate_only(true);
  EXPECT_EQ(Result<saas::v1::Contact>(Done(request), 1).name(), "Hal");
  EXPECT_EQ(CountContacts("Hal"), "0");
}

TEST_F(TransactTest, ARepeatedRequestIsDoneOnce) {
  TransactRequest request;
  Add(request, NewContact("Ida"));
  saas::v1::ListContactsRequest list;
  list.set_page_size(1);
  list.set_total(v1::TOTAL_EXACT);
  Add(request, list);
  saas::v1::AggregateContactsRequest count;
  count.add_measures()->set_name("count");
  count.mutable_measures(0)->set_function(v1::AGGREGATE_FUNCTION_COUNT);
  Add(request, count);
  request.set_request_id(test::NewTenantId());
  const TransactResponse first = Done(request);
  Create("CreateContact", "contact { name: 'Ian' }");
  EXPECT_EQ(Done(request).SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(CountContacts("Ida"), "1");
  request.mutable_steps(0)->mutable_request()->PackFrom(NewContact("Ivo"));
  EXPECT_EQ(Refused(request).reason, "REQUEST_ID_REUSED");
}

// What the transaction did is told, whatever a read beside it could not answer.
TEST_F(TransactTest, AReadThatCannotBeAnsweredTakesNothingBack) {
  TransactRequest request;
  Add(request, NewContact("Jan"));
  saas::v1::BatchGetContactsRequest get;
  get.add_ids(test::NewTenantId());
  Add(request, get);
  const TransactResponse response = Done(request);
  EXPECT_EQ(Result<google::rpc::Status>(response, 1).code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(CountContacts("Jan"), "1");
}

// A reply that no client would take must be known before anything is written.
TEST_F(TransactTest, BatchesWhoseRepliesDoNotFitTogetherAreRefused) {
  saas::v1::BatchCreateContactsRequest batch;
  for (int i = 0; i < 1000; ++i) *batch.add_requests() = NewContact("Kai");
  TransactRequest request;
  for (int i = 0; i < 60; ++i) Add(request, batch);
  EXPECT_THAT(Refused(request),
              ViolatesBecause(std::string("steps"), std::string("REPLY_TOO_LARGE")));
  EXPECT_EQ(CountContacts("Kai"), "0");
}

// What has committed is told, the last step as the first, if need be without its large values.
TEST_F(TransactTest, EveryWrittenRowHasRoomInTheReply) {
  TransactRequest request;
  for (const char* name : {"Lea", "Leo", "Lou"}) {
    saas::v1::UpdateContactRequest update;
    update.mutable_contact()->set_id(Create(
        "CreateContact",
        absl::StrCat("contact { name: '", name, "' notes: '", std::string(2'500'000, 'n'), "' }")));
    update.mutable_contact()->set_phone("1");
    Add(request, update);
  }
  const TransactResponse response = Done(request);
  EXPECT_LE(response.ByteSizeLong(), 4u << 20);
  EXPECT_EQ(Result<saas::v1::Contact>(response, 0).notes().size(), 2'500'000u);
  for (int step : {1, 2}) {
    EXPECT_EQ(Result<saas::v1::Contact>(response, step).phone(), "1") << step;
    EXPECT_EQ(Result<saas::v1::Contact>(response, step).notes(), "") << step;
  }
}

TEST_F(TransactTest, SoHaveTheRowsOfABatchThatIsUpdated) {
  saas::v1::BatchUpdateContactsRequest batch;
  for (const char* name : {"Mia", "Max", "Moe"}) {
    saas::v1::Contact& contact = *batch.add_requests()->mutable_contact();
    contact.set_id(Create("CreateContact", absl::StrCat("contact { name: '", name, "' notes: '",
                                                        std::string(1'200'000, 'n'), "' }")));
    contact.set_phone("1");
  }
  TransactRequest request;
  Add(request, batch);
  for (auto& entry : *batch.mutable_requests()) entry.mutable_contact()->set_phone("2");
  Add(request, batch);
  const TransactResponse response = Done(request);
  EXPECT_LE(response.ByteSizeLong(), 4u << 20);
  for (int step : {0, 1}) {
    const auto result = Result<saas::v1::BatchUpdateContactsResponse>(response, step);
    ASSERT_EQ(result.contacts_size(), 3);
    for (const saas::v1::Contact& contact : result.contacts()) {
      EXPECT_EQ(contact.phone(), step == 0 ? "1" : "2");
      EXPECT_EQ(contact.notes().size(), step == 0 ? 1'200'000u : 0u);
    }
  }
}

TEST_F(TransactTest, WritesByFilterAndOfBatchesAreSteps) {
  saas::v1::BatchUpsertContactsRequest upsert;
  saas::v1::Contact& contact = *upsert.add_requests()->mutable_contact();
  contact.set_id(Create("CreateContact", "contact { name: 'Nils' }"));
  contact.set_name("Nia");
  saas::v1::UpdateManyContactsRequest update;
  update.mutable_filter()->mutable_name()->set_eq("Nia");
  update.set_max_affected(5);
  update.mutable_contact()->set_phone("3");
  saas::v1::DeleteManyContactsRequest remove;
  *remove.mutable_filter() = update.filter();
  remove.set_max_affected(5);
  TransactRequest request;
  for (const google::protobuf::Message* step :
       std::initializer_list<const google::protobuf::Message*>{&upsert, &update, &remove}) {
    Add(request, *step);
  }
  const TransactResponse response = Done(request);
  EXPECT_EQ(Result<saas::v1::UpdateManyContactsResponse>(response, 1).affected(), 1);
  EXPECT_EQ(Result<saas::v1::DeleteManyContactsResponse>(response, 2).affected(), 1);
  EXPECT_EQ(CountContacts("Nia"), "0");
}

TEST_F(TransactTest, OfFiftyCheckoutsOfTenPiecesTenSucceed) {
  const auto buy = [&](const std::string& product, const std::string& contact) {
    TransactRequest checkout;
    saas::v1::UpdateProductRequest take;
    take.mutable_product()->set_id(product);
    take.mutable_increment()->set_stock(-1);
    take.mutable_require()->mutable_stock()->set_gte(1);
    Add(checkout, take);
    saas::v1::CreateOrderRequest order;
    order.mutable_order()->set_contact_id(contact);
    order.mutable_order()->set_total_cents(500);
    Add(checkout, order);
    saas::v1::CreateOrderItemRequest item;
    item.mutable_order_item()->set_product_id(product);
    item.mutable_order_item()->set_quantity(1);
    item.mutable_order_item()->set_price_cents(500);
    Refer(Add(checkout, item), "order_item.order_id", 1, "order.id");
    TransactResponse response;
    const grpc::Status status = Transact(checkout, response);
    if (status.ok()) return Sale::kSold;
    const client::Error error = client::DecodeError(status);
    const bool sold_out = error.reason == "REQUIREMENT_NOT_MET" && error.metadata.at("step") == "0";
    return sold_out ? Sale::kSoldOut : Sale::kOther;
  };
  ExpectTenOfFiftySold(Saas().client(), tenant_, buy);
}

// Write skew: each reads that the other's contact is active and makes its own inactive. One after
// the other, one of them would find that it may not.
TEST_F(TransactTest, SerializableTransactionsAreAsIfOneAfterTheOther) {
  const auto count_inactive = [&](v1::IsolationLevel level) {
    std::atomic<int> both{0};
    for (int round = 0; round < 8; ++round) {
      const std::string ids[2] = {Create("CreateContact", "contact { name: 'on duty' }"),
                                  Create("CreateContact", "contact { name: 'on duty' }")};
      std::vector<std::thread> callers;
      for (int me = 0; me < 2; ++me) {
        callers.emplace_back([&, me] {
          TransactRequest request;
          request.set_isolation(level);
          // Goes off duty where somebody else is on duty: told by a requirement on a relation
          // that leads back to nothing, so it is the list that is read.
          saas::v1::ListContactsRequest others;
          others.mutable_filter()->mutable_name()->set_eq("on duty");
          Add(request, others);
          saas::v1::UpdateContactRequest leave;
          leave.mutable_contact()->set_id(ids[me]);
          leave.mutable_contact()->set_name("off duty");
          Add(request, leave);
          TransactResponse response;
          EXPECT_TRUE(Transact(request, response).ok());
          both += Result<saas::v1::ListContactsResponse>(response, 0).contacts_size() == 2;
        });
      }
      for (std::thread& caller : callers) caller.join();
      Call("DeleteContact", absl::StrCat("id: '", ids[0], "'"));
      Call("DeleteContact", absl::StrCat("id: '", ids[1], "'"));
    }
    return both.load();
  };
  // Of two that ran one after the other, only the first has seen two on duty.
  EXPECT_LE(count_inactive(v1::ISOLATION_LEVEL_SERIALIZABLE), 8);
}

}  // namespace
}  // namespace tenantry::e2e
