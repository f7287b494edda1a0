// The checkout of functions_test.cc, written by hand.

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "tests/e2e/checkouts.h"
#include "tests/support/checkout.h"
#include "written/v1/checkout.pb.h"

namespace tenantry::e2e {
namespace {

using written::v1::CheckoutRequest;
using written::v1::CheckoutResponse;

class WrittenCheckoutTest : public ::testing::Test {
 protected:
  static test::TestServer& Server() {
    static auto& server =
        *new test::TestServer(test::TestServer::Options{.add_methods = test::AddCheckout});
    return server;
  }

  grpc::Status Checkout(const CheckoutRequest& request, CheckoutResponse& response,
                        const std::string& tenant) {
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    const grpc::internal::RpcMethod rpc("/written.v1.CheckoutService/Checkout",
                                        grpc::internal::RpcMethod::NORMAL_RPC);
    return grpc::internal::BlockingUnaryCall(Server().client().channel().get(), rpc, &context,
                                             request, &response);
  }
  client::Error Refused(const CheckoutRequest& request) {
    CheckoutResponse response;
    const grpc::Status status = Checkout(request, response, tenant_);
    EXPECT_FALSE(status.ok()) << response.DebugString();
    return client::DecodeError(status);
  }
  static CheckoutRequest Cart(const std::string& contact, const std::string& product,
                              int quantity) {
    CheckoutRequest request;
    request.set_contact_id(contact);
    request.add_items()->set_product_id(product);
    request.mutable_items(0)->set_quantity(quantity);
    return request;
  }
  std::string Create(std::string_view rpc, const std::string& text, const std::string& tenant) {
    const CallResult made = Server().client().Call(rpc, text, As(tenant));
    EXPECT_THAT(made, IsOk());
    return made.ok() ? Value(*made.reply, "id") : "";
  }

  const std::string tenant_ = Server().NewTenant();
};

TEST_F(WrittenCheckoutTest, OfFiftyCheckoutsOfTenPiecesTenSucceed) {
  ExpectTenOfFiftySold(
      Server().client(), tenant_, [&](const std::string& product, const std::string& contact) {
        CheckoutResponse response;
        const grpc::Status status = Checkout(Cart(contact, product, 1), response, tenant_);
        if (status.ok()) return Sale::kSold;
        const bool sold_out = client::DecodeError(status).reason == "OUT_OF_STOCK";
        return sold_out ? Sale::kSoldOut : Sale::kOther;
      });
}

TEST_F(WrittenCheckoutTest, ItRefusesAsTheFunctionDoes) {
  const std::string product = Create(
      "CreateProduct", "product { slug: 'lamp' name: 'Lamp' price_cents: 500 stock: 2 }", tenant_);
  const std::string contact = Create("CreateContact", "contact { name: 'Kim' }", tenant_);
  const client::Error sold_out = Refused(Cart(contact, product, 3));
  EXPECT_EQ(sold_out.reason, "OUT_OF_STOCK");
  ASSERT_EQ(sold_out.violations.size(), 1u);
  EXPECT_EQ(sold_out.violations[0].field, "items[0].quantity");
  EXPECT_EQ(Refused(Cart(contact, contact, 1)).reason, "PRODUCT_NOT_FOUND");
  EXPECT_EQ(Refused(Cart(product, product, 1)).reason, "CONTACT_NOT_FOUND");
  EXPECT_EQ(Refused(CheckoutRequest()).violations.size(), 2u);
}

// Another tenant's rows are as if they were not there.
TEST_F(WrittenCheckoutTest, NothingIsSoldOfAnotherTenant) {
  const std::string other = Server().NewTenant();
  const std::string product = Create(
      "CreateProduct", "product { slug: 'lamp' name: 'Lamp' price_cents: 500 stock: 2 }", other);
  const std::string contact = Create("CreateContact", "contact { name: 'Kim' }", tenant_);
  const client::Error foreign = Refused(Cart(contact, product, 1));
  const client::Error unknown = Refused(Cart(contact, test::NewTenantId(), 1));
  EXPECT_EQ(foreign.reason, "PRODUCT_NOT_FOUND");
  EXPECT_EQ(foreign.message, unknown.message);
}

}  // namespace
}  // namespace tenantry::e2e
