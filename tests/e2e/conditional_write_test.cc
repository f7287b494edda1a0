// Writes on a condition, and numbers that are added to, also when many do it at once.

#include <atomic>
#include <thread>

#include "saas/v1/catalog_service.grpc.pb.h"
#include "saas/v1/commerce_service.grpc.pb.h"
#include "saas/v1/crm_service.grpc.pb.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

namespace v1 = saas::v1;

class ConditionalWriteTest : public ::testing::Test {
 protected:
  template <typename Reply>
  struct Called {
    grpc::Status status;
    Reply reply;
    client::Error error() const { return client::DecodeError(status); }
  };
  template <typename Stub, typename Request, typename Reply>
  Called<Reply> Call(std::unique_ptr<Stub> stub,
                     grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                     const Request& request, const std::string& tenant) {
    Called<Reply> called;
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    called.status = ((*stub).*method)(&context, request, &called.reply);
    return called;
  }
  auto products() { return v1::ProductService::NewStub(Saas().client().channel()); }
  auto contacts() { return v1::ContactService::NewStub(Saas().client().channel()); }

  auto Update(const v1::UpdateProductRequest& request, const std::string& tenant = "") {
    return Call(products(), &v1::ProductService::Stub::UpdateProduct, request,
                tenant.empty() ? tenant_ : tenant);
  }
  auto Delete(const v1::DeleteProductRequest& request) {
    return Call(products(), &v1::ProductService::Stub::DeleteProduct, request, tenant_);
  }
  v1::Product Get() {
    v1::GetProductRequest get;
    get.set_id(id_);
    return Call(products(), &v1::ProductService::Stub::GetProduct, get, tenant_).reply;
  }

  void SetUp() override {
    v1::CreateProductRequest create;
    create.mutable_product()->set_slug("lamp");
    create.mutable_product()->set_name("Lamp");
    create.mutable_product()->set_price_cents(500);
    create.mutable_product()->set_stock(10);
    const auto made = Call(products(), &v1::ProductService::Stub::CreateProduct, create, tenant_);
    ASSERT_TRUE(made.status.ok()) << client::ToString(made.error());
    id_ = made.reply.id();
  }

  // Takes pieces from the stock where there are as many.
  v1::UpdateProductRequest Take(int pieces) {
    v1::UpdateProductRequest take;
    take.mutable_product()->set_id(id_);
    take.mutable_increment()->set_stock(-pieces);
    take.mutable_require()->mutable_stock()->set_gte(pieces);
    return take;
  }

  const std::string tenant_ = Saas().NewTenant();
  std::string id_;
};

TEST_F(ConditionalWriteTest, NumbersAreAddedTo) {
  v1::UpdateProductRequest update;
  update.mutable_product()->set_id(id_);
  update.mutable_product()->set_name("Light");
  update.mutable_increment()->set_stock(-3);
  update.mutable_increment()->set_price_cents(0);
  const auto updated = Update(update);
  ASSERT_TRUE(updated.status.ok()) << client::ToString(updated.error());
  EXPECT_EQ(updated.reply.stock(), 7);
  EXPECT_EQ(updated.reply.price_cents(), 500);
  EXPECT_EQ(updated.reply.name(), "Light");

  update.mutable_product()->clear_name();
  update.mutable_increment()->set_stock(std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(Update(update).error().code, grpc::StatusCode::INVALID_ARGUMENT) << "it would overflow";
  update.mutable_increment()->set_stock(1);
  update.mutable_product()->set_stock(5);
  const client::Error both = Update(update).error();
  ASSERT_EQ(both.violations.size(), 1u);
  EXPECT_EQ(both.violations[0].field, "increment.stock");
  EXPECT_EQ(Get().stock(), 7);
}

TEST_F(ConditionalWriteTest, WhatIsRequiredMustHold) {
  const client::Error few = Update(Take(11)).error();
  EXPECT_EQ(few.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(few.reason, "REQUIREMENT_NOT_MET");
  EXPECT_EQ(Get().stock(), 10);
  EXPECT_TRUE(Update(Take(10)).status.ok());
  EXPECT_EQ(Get().stock(), 0);

  // A comparison with NULL holds no more than in a filter.
  v1::UpdateProductRequest update;
  update.mutable_product()->set_id(id_);
  update.mutable_product()->set_name("Light");
  update.mutable_require()->mutable_description()->set_eq("bright");
  EXPECT_EQ(Update(update).error().reason, "REQUIREMENT_NOT_MET");
  update.mutable_require()->mutable_description()->clear_eq();
  update.mutable_require()->mutable_description()->set_is_null(true);
  EXPECT_TRUE(Update(update).status.ok());
  // Over a relation: nobody has ordered it.
  update.mutable_require()->mutable_order_items()->mutable_some();
  EXPECT_EQ(Update(update).error().reason, "REQUIREMENT_NOT_MET");

  v1::DeleteProductRequest remove;
  remove.set_id(id_);
  remove.mutable_require()->mutable_stock()->set_gt(0);
  EXPECT_EQ(Delete(remove).error().reason, "REQUIREMENT_NOT_MET");
  remove.mutable_require()->mutable_stock()->clear_gt();
  remove.mutable_require()->mutable_stock()->set_eq(0);
  EXPECT_TRUE(Delete(remove).status.ok());
  EXPECT_EQ(Delete(remove).error().code, grpc::StatusCode::NOT_FOUND);
}

// A row that the caller does not have is not there, whatever is required of it.
TEST_F(ConditionalWriteTest, AnotherTenantsRowIsNotFound) {
  const std::string other = Saas().NewTenant();
  for (int pieces : {1, 11}) {
    EXPECT_EQ(Update(Take(pieces), other).error().code, grpc::StatusCode::NOT_FOUND) << pieces;
  }
  EXPECT_EQ(Get().stock(), 10);
}

TEST_F(ConditionalWriteTest, ASoftDeleteHasARequirementToo) {
  v1::CreateContactRequest create;
  create.mutable_contact()->set_name("Ada");
  const auto made = Call(contacts(), &v1::ContactService::Stub::CreateContact, create, tenant_);
  v1::DeleteContactRequest remove;
  remove.set_id(made.reply.id());
  remove.mutable_require()->mutable_name()->set_eq("Ben");
  EXPECT_EQ(
      Call(contacts(), &v1::ContactService::Stub::DeleteContact, remove, tenant_).error().reason,
      "REQUIREMENT_NOT_MET");
  remove.mutable_require()->mutable_name()->set_eq("Ada");
  remove.mutable_select()->set_name(true);
  const auto gone = Call(contacts(), &v1::ContactService::Stub::DeleteContact, remove, tenant_);
  EXPECT_TRUE(gone.status.ok()) << client::ToString(gone.error());
  EXPECT_EQ(gone.reply.name(), "Ada");
}

// A write that is only tried answers as it would, and leaves nothing behind.
TEST_F(ConditionalWriteTest, ValidateOnlyWritesNothing) {
  v1::UpdateProductRequest update = Take(3);
  update.set_validate_only(true);
  for (int i = 0; i < 3; ++i) {
    const auto tried = Update(update);
    ASSERT_TRUE(tried.status.ok()) << client::ToString(tried.error());
    EXPECT_EQ(tried.reply.stock(), 7);
  }
  EXPECT_EQ(Get().stock(), 10);
  update.mutable_require()->mutable_stock()->set_gte(11);
  EXPECT_EQ(Update(update).error().reason, "REQUIREMENT_NOT_MET");

  v1::CreateProductRequest create;
  create.set_validate_only(true);
  create.mutable_product()->set_slug("lamp");
  create.mutable_product()->set_name("Lamp");
  const auto try_it = [&] {
    return Call(products(), &v1::ProductService::Stub::CreateProduct, create, tenant_);
  };
  EXPECT_EQ(try_it().error().code, grpc::StatusCode::ALREADY_EXISTS);
  create.mutable_product()->set_slug("other");
  const auto tried = try_it();
  ASSERT_TRUE(tried.status.ok()) << client::ToString(tried.error());
  EXPECT_NE(tried.reply.id(), "");
  EXPECT_TRUE(tried.reply.has_created_at());
  v1::GetProductRequest get;
  get.set_id(tried.reply.id());
  EXPECT_EQ(Call(products(), &v1::ProductService::Stub::GetProduct, get, tenant_).error().code,
            grpc::StatusCode::NOT_FOUND);
  create.mutable_product()->clear_slug();
  EXPECT_EQ(try_it().error().code, grpc::StatusCode::INVALID_ARGUMENT);

  v1::DeleteProductRequest remove;
  remove.set_id(id_);
  remove.set_validate_only(true);
  EXPECT_TRUE(Delete(remove).status.ok());
  EXPECT_EQ(Get().id(), id_);
  remove.set_id("01920000-0000-7000-8000-000000000001");
  EXPECT_EQ(Delete(remove).error().code, grpc::StatusCode::NOT_FOUND);

  v1::BatchCreateProductsRequest batch;
  batch.set_validate_only(true);
  *batch.add_requests()->mutable_product() = create.product();
  batch.mutable_requests(0)->mutable_product()->set_slug("one");
  batch.mutable_requests(0)->set_validate_only(true);
  const auto try_batch = [&] {
    return Call(products(), &v1::ProductService::Stub::BatchCreateProducts, batch, tenant_);
  };
  const client::Error within = try_batch().error();
  ASSERT_EQ(within.violations.size(), 1u);
  EXPECT_EQ(within.violations[0].field, "requests[0].validate_only");
  batch.mutable_requests(0)->clear_validate_only();
  EXPECT_EQ(try_batch().reply.products_size(), 1);
  EXPECT_EQ(try_batch().reply.products_size(), 1) << "the first took the slug";
}

// Each waits for the one before, and looks at what that one has left.
TEST_F(ConditionalWriteTest, OfFiftyWhoTakeOneOfTenPiecesTenSucceed) {
  std::atomic<int> took{0}, refused{0};
  std::vector<std::thread> buyers;
  for (int i = 0; i < 50; ++i) {
    buyers.emplace_back([&] {
      const auto bought = Update(Take(1));
      if (bought.status.ok()) {
        ++took;
      } else {
        refused += bought.error().reason == "REQUIREMENT_NOT_MET" ? 1 : 0;
      }
    });
  }
  for (std::thread& buyer : buyers) buyer.join();
  EXPECT_EQ(took, 10);
  EXPECT_EQ(refused, 40);
  EXPECT_EQ(Get().stock(), 0);
}

}  // namespace
}  // namespace tenantry::e2e
