// Aggregates through the generated stubs.

#include "saas/v1/crm_service.grpc.pb.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

namespace v1 = saas::v1;

TEST(AggregateTest, GroupsAreTyped) {
  const std::string tenant = Saas().NewTenant();
  const auto stub = v1::ContactService::NewStub(Saas().client().channel());
  const auto call = [&](auto method, const auto& request, auto& reply) {
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    const grpc::Status status = ((*stub).*method)(&context, request, &reply);
    EXPECT_TRUE(status.ok()) << client::ToString(client::DecodeError(status));
  };
  using Stub = v1::ContactService::Stub;
  for (const char* name : {"Ada", "Ben", "Cleo"}) {
    v1::CreateContactRequest request;
    v1::Contact made;
    request.mutable_contact()->set_name(name);
    request.mutable_contact()->set_type(*name == 'B' ? v1::CONTACT_TYPE_COMPANY
                                                     : v1::CONTACT_TYPE_PARTNER);
    if (*name == 'A') request.mutable_contact()->set_email("ada@example.com");
    call(&Stub::CreateContact, request, made);
  }

  v1::AggregateContactsRequest request;
  request.add_group_by()->set_field(v1::CONTACT_FIELD_TYPE);
  request.add_measures()->set_function(tenantry::v1::AGGREGATE_FUNCTION_COUNT);
  v1::ContactMeasure& last = *request.add_measures();
  last.set_name("last");
  last.set_function(tenantry::v1::AGGREGATE_FUNCTION_MAX);
  last.set_field(v1::CONTACT_FIELD_NAME);
  v1::ContactMeasure& mails = *request.add_measures();
  mails.set_name("first_mail");
  mails.set_function(tenantry::v1::AGGREGATE_FUNCTION_MIN);
  mails.set_field(v1::CONTACT_FIELD_EMAIL);
  tenantry::v1::AggregateOrder& order = *request.add_order_by();
  order.set_measure("count");
  order.set_direction(tenantry::v1::DIRECTION_DESC);

  v1::AggregateContactsResponse reply;
  call(&Stub::AggregateContacts, request, reply);
  ASSERT_EQ(reply.groups_size(), 2);
  EXPECT_FALSE(reply.has_more());
  EXPECT_EQ(reply.groups(0).key().type(), v1::CONTACT_TYPE_PARTNER);
  EXPECT_EQ(reply.groups(0).values().at("count").integer(), 2);
  EXPECT_EQ(reply.groups(0).values().at("last").text(), "Cleo");
  EXPECT_EQ(reply.groups(0).values().at("first_mail").text(), "ada@example.com");
  EXPECT_EQ(reply.groups(1).key().type(), v1::CONTACT_TYPE_COMPANY);
  EXPECT_EQ(reply.groups(1).values().at("first_mail").value_case(), 0) << "there is none";
}

}  // namespace
}  // namespace tenantry::e2e
