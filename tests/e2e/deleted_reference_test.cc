// Nothing is hung below a row that is soft-deleted.

#include "absl/strings/str_cat.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using grpc::StatusCode;

class DeletedReferenceTest : public ::testing::Test {
 protected:
  DeletedReferenceTest() : living_(MakeContact("Ada")), deleted_(MakeContact("Ben")) {
    made_before_ = Id(Call("CreateOrder", OrderOf(deleted_)));
    EXPECT_THAT(Call("DeleteContact", absl::StrCat("id: '", deleted_, "'")), IsOk());
  }

  CallResult Call(std::string_view rpc, const std::string& text) {
    return Saas().client().Call(rpc, text, As(tenant_));
  }
  static std::string Id(const CallResult& result) {
    EXPECT_THAT(result, IsOk());
    return result.ok() ? Value(*result.reply, "id") : "";
  }
  std::string MakeContact(const std::string& name) {
    return Id(Call("CreateContact", absl::StrCat("contact { name: '", name, "' }")));
  }
  static std::string OrderOf(const std::string& contact, const std::string& id = "") {
    return absl::StrCat("order { contact_id: '", contact, "' ",
                        id.empty() ? "" : absl::StrCat("id: '", id, "' "), "} ");
  }
  void ExpectRefused(const CallResult& result) {
    EXPECT_THAT(result, FailsBecause(StatusCode::FAILED_PRECONDITION, "REFERENCE_DELETED"));
    EXPECT_EQ(result.error.metadata.at("constraint"), "orders_contact_id_fkey");
    EXPECT_EQ(result.error.metadata.at("table"), "orders");
  }

  const std::string tenant_ = Saas().NewTenant();
  const std::string living_, deleted_;
  std::string made_before_;
};

TEST_F(DeletedReferenceTest, CreateIsRefused) {
  ExpectRefused(Call("CreateOrder", OrderOf(deleted_)));
  ExpectRefused(Call("CreateOrder", OrderOf(deleted_) + "select { contact { } }"));
  ExpectRefused(Call("CreateOrder", OrderOf(deleted_) + "validate_only: true"));
  EXPECT_THAT(Call("CreateOrder", OrderOf(living_)), IsOk());
  const std::string nobody = "01920000-0000-7000-8000-000000000404";
  EXPECT_THAT(Call("CreateOrder", OrderOf(nobody)),
              FailsBecause(StatusCode::FAILED_PRECONDITION, "REFERENCE_NOT_FOUND"));
}

TEST_F(DeletedReferenceTest, OfABatchTheEntryIsNamed) {
  const auto batch = [&](const std::string& second) {
    return Call("BatchCreateOrders",
                absl::StrCat("requests { ", OrderOf(living_), "} requests { ", second, "}"));
  };
  const CallResult refused = batch(OrderOf(deleted_));
  ExpectRefused(refused);
  EXPECT_EQ(refused.error.metadata.at("field"), "requests[1].order");
  EXPECT_THAT(batch(OrderOf(living_)), IsOk());
}

TEST_F(DeletedReferenceTest, ARowThatIsThereKeepsItsReference) {
  const auto update = [&](const std::string& row, const std::string& mask) {
    return Call("UpdateOrder", absl::StrCat(row, "update_mask { paths: '", mask, "' }"));
  };
  EXPECT_THAT(
      update(absl::StrCat("order { id: '", made_before_, "' total_cents: 5 } "), "total_cents"),
      IsOk());
  EXPECT_THAT(update(OrderOf(deleted_, made_before_), "*"), IsOk()) << "as it was";
  EXPECT_THAT(Call("UpsertOrder", OrderOf(deleted_, made_before_)), IsOk());
  EXPECT_THAT(update(OrderOf(living_, made_before_), "contact_id"), IsOk());
  ExpectRefused(update(OrderOf(deleted_, made_before_), "contact_id"));
  ExpectRefused(Call("UpsertOrder", OrderOf(deleted_, made_before_)));
}

TEST_F(DeletedReferenceTest, AnUpsertThatMakesARowIsRefused) {
  const std::string id = "01920000-0000-7000-8000-000000000888";
  ExpectRefused(Call("UpsertOrder", OrderOf(deleted_, id)));
  EXPECT_THAT(Call("UpsertOrder", OrderOf(living_, id)), IsOk());
}

TEST_F(DeletedReferenceTest, OfABatchOfUpdatesTheEntryIsNamed) {
  const std::string other = Id(Call("CreateOrder", OrderOf(living_)));
  const auto batch = [&](const std::string& contact) {
    return Call("BatchUpdateOrders", absl::StrCat("requests { ", OrderOf(deleted_, made_before_),
                                                  "} requests { ", OrderOf(contact, other), "}"));
  };
  const CallResult refused = batch(deleted_);
  ExpectRefused(refused);
  EXPECT_EQ(refused.error.metadata.at("field"), "requests[1]");
  EXPECT_THAT(batch(living_), IsOk());
}

TEST_F(DeletedReferenceTest, OfABatchOfUpsertsTheEntryIsNamed) {
  const std::string other = Id(Call("CreateOrder", OrderOf(living_)));
  const auto batch = [&](const std::string& second, const std::string& mask) {
    const std::string paths = absl::StrCat("update_mask { paths: '", mask, "' } ");
    return Call("BatchUpsertOrders", absl::StrCat("requests { ", OrderOf(deleted_, made_before_),
                                                  paths, "} requests { ", second, paths, "}"));
  };
  const CallResult refused = batch(OrderOf(deleted_, other), "contact_id");
  ExpectRefused(refused);
  EXPECT_EQ(refused.error.metadata.at("field"), "requests[1].order");
  EXPECT_THAT(batch(OrderOf(deleted_, other), "total_cents"), IsOk())
      << "the reference is not written";
  EXPECT_THAT(batch(OrderOf(living_, other), "contact_id"), IsOk());
  ExpectRefused(batch(OrderOf(deleted_, "01920000-0000-7000-8000-000000000999"), "contact_id"));
}

TEST_F(DeletedReferenceTest, AnUpdateOfManyIsRefused) {
  EXPECT_THAT(Call("CreateOrder", OrderOf(living_)), IsOk());
  const auto update = [&](const std::string& contact) {
    return Call(
        "UpdateManyOrders",
        absl::StrCat("filter { total_cents { gte: 0 } } max_affected: 10 ", OrderOf(contact)));
  };
  ExpectRefused(update(deleted_));
  EXPECT_THAT(update(living_), IsOk());
}

TEST_F(DeletedReferenceTest, SoIsANestedRow) {
  const CallResult refused = Call(
      "CreateAddress", absl::StrCat("address { contact_id: '", living_,
                                    "' line1: 'a' city: 'b' country: 'NL' orders { contact_id: '",
                                    living_, "' } orders { contact_id: '", deleted_, "' } }"));
  ExpectRefused(refused);
  EXPECT_EQ(refused.error.metadata.at("field"), "address.orders[1]");
}

// A deleted row of another tenant is as if it had never been.
TEST_F(DeletedReferenceTest, AnotherTenantLearnsNothing) {
  const CallResult other =
      Saas().client().Call("CreateOrder", OrderOf(deleted_), As(Saas().NewTenant()));
  EXPECT_THAT(other, FailsBecause(StatusCode::FAILED_PRECONDITION, "REFERENCE_NOT_FOUND"));
}

}  // namespace
}  // namespace tenantry::e2e
