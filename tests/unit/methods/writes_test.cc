// Writes of many rows, of rows that were deleted, and on an etag: their plans and what is refused.

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/base/status.h"
#include "server/methods/planner.h"
#include "tests/support/saas_schema.h"

namespace tenantry::methods {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MakeRequest;
using testing::MethodNamed;
using testing::SaasSchema;

constexpr char kOne[] = "'01920000-0000-7000-8000-000000000001'";
constexpr char kTwo[] = "'01920000-0000-7000-8000-000000000002'";

class WritesTest : public ::testing::Test {
 protected:
  absl::StatusOr<plan::Call> Prepare(std::string_view rpc, std::string_view text) {
    const schema::Method& method = MethodNamed(SaasSchema(), rpc);
    requests_.push_back(MakeRequest(method, text));
    return planner_.Prepare(method, *requests_.back());
  }

  // `field: description` of every violation.
  std::vector<std::string> Violations(std::string_view rpc, std::string_view text) {
    const absl::Status status = Prepare(rpc, text).status();
    std::vector<std::string> found;
    for (const FieldViolation& violation : DetailsOf(status).violations) {
      found.push_back(violation.field + ": " + violation.description);
    }
    return found;
  }

  const plan::Plan* PlanOf(std::string_view rpc, std::string_view text) {
    absl::StatusOr<plan::Call> call = Prepare(rpc, text);
    EXPECT_TRUE(call.ok()) << call.status();
    return call.ok() ? call->plan.get() : nullptr;
  }

  MetricRegistry metrics_;
  Planner planner_{SaasSchema(),
                   PlannerOptions{.limits = {.batch_max = 3, .affected_rows_max = 100}}, metrics_};
  std::vector<std::unique_ptr<google::protobuf::Message>> requests_;
};

std::string Id(const char* id) { return absl::StrCat("id: ", id); }
std::string Key(const char* id) { return absl::StrCat("requests { id: ", id, " } "); }
std::string Product(const char* id, const std::string& rest, const std::string& more = "") {
  return absl::StrCat("requests { product { id: ", id, " ", rest, " } ", more, " } ");
}

TEST_F(WritesTest, PlansAreAsReviewed) {
  // tests/golden/plan/writes.sql is what a reviewer reads; TENANTRY_UPDATE_GOLDEN=1 rewrites it.
  std::ostringstream plans;
  auto add = [&](std::string_view rpc, std::string_view text) {
    const absl::StatusOr<plan::Call> call = Prepare(rpc, text);
    ASSERT_TRUE(call.ok()) << rpc << " {" << text << "}: " << call.status();
    plans << "-- " << rpc << " {" << text << "}\n" << call->plan->text->sql << ";\n\n";
  };
  add("GetProduct", Id(kOne));
  add("ListProducts", "page_size: 2 order_by { field: PRODUCT_FIELD_NAME }");
  add("UpdateProduct", absl::StrCat("product { ", Id(kOne), " name: 'Lamp' } etag: '7'"));
  add("DeleteProduct", Id(kOne) + " etag: '7' require { stock { eq: 0 } }");
  add("UpdateProduct",
      absl::StrCat("product { ", Id(kOne), " name: 'Lamp' } select { etag: true order_items {} }"));
  add("UndeleteContact", Id(kOne));
  add("UndeleteContact", Id(kOne) + " select { name: true } require { name { eq: 'Ada' } }");
  add("BatchDeleteContacts", Key(kOne) + Key(kTwo));
  add("BatchDeleteProducts", absl::StrCat("requests { ", Id(kOne), " etag: '7' }"));
  add("BatchUpdateProducts", Product(kOne, "name: 'Lamp'") + Product(kTwo, "name: 'Light'"));
  add("BatchUpdateProducts", Product(kOne, "name: 'Lamp' stock: 1") +
                                 Product(kTwo, "tags: 'a'", "increment { stock: 2 }"));
  add("BatchUpdateProducts", Product(kOne, "", "increment { stock: 1 } etag: '7'"));
  add("BatchUpsertContacts",
      "requests { contact { name: 'Ada' email: 'a@x' } "
      "conflict_key: CONTACT_KEY_EMAIL }");
  add("BatchUpsertProducts", Product(kOne, "slug: 's' name: 'n'"));
  add("UpdateManyContacts",
      "filter { type { eq: CONTACT_TYPE_COMPANY } } max_affected: 5 contact { phone: '1' }");
  add("UpdateManyProducts", "filter {} max_affected: 5 increment { price_cents: 10 }");
  add("DeleteManyContacts", "filter { orders { none {} } } max_affected: 5");
  add("DeleteManyProducts", "filter {} max_affected: 5");

  const std::string path = testing::SourceDir() + "/tests/golden/plan/writes.sql";
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << plans.str();
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(plans.str(), golden.str());
}

TEST_F(WritesTest, EveryEntryOfABatchIsChecked) {
  EXPECT_THAT(Violations("BatchUpdateProducts", ""), ElementsAre("requests: must not be empty"));
  EXPECT_THAT(Violations("BatchDeleteProducts", Key(kOne) + Key(kTwo) + Key("'x'") + Key("'y'")),
              ElementsAre("requests: must have at most 3 entries, has 4"));
  EXPECT_THAT(
      Violations("BatchUpdateProducts",
                 Product(kOne, "name: 'Lamp'") +
                     Product("'x'", "price_cents: -1", "update_mask { paths: 'nothing' }") +
                     "requests {}"),
      ElementsAre("requests[1].product.id: must be a UUID",
                  "requests[1].update_mask.paths[0]: must be a field of saas.v1.Product or *",
                  "requests[2].product: is required"));
  EXPECT_THAT(Violations("BatchUpdateProducts", Product(kOne, "price_cents: -1")),
              ElementsAre("requests[0].product.price_cents: must be at least 0"));
  EXPECT_THAT(
      Violations("BatchUpdateProducts",
                 Product(kOne, "stock: 1", "increment { stock: 2 } require { stock { gt: 0 } }")),
      ElementsAre("requests[0].require: is not possible for one entry of a batch: send the entry "
                  "as a call of its own",
                  "requests[0].increment.stock: is set by the same request: a number is either "
                  "added to or set"));
  EXPECT_THAT(Violations("BatchUpdateProducts", Product(kOne, "")),
              ElementsAre("requests[0].update_mask: selects nothing to update: set a field, or "
                          "name it in the mask"));
  EXPECT_THAT(Violations("BatchDeleteContacts",
                         absl::StrCat("requests { ", Id(kOne), " select { name: true } }")),
              ElementsAre("requests[0].select: is not possible for one entry of a batch: read the "
                          "rows by BatchGet"));
}

TEST_F(WritesTest, ABatchHasEachRowOnce) {
  const std::string again = "has the key of requests[0]: a batch has each row once";
  // Keys in another spelling are the same.
  EXPECT_THAT(
      Violations("BatchDeleteContacts", Key("'01920000-0000-7000-8000-00000000000A'") + Key(kTwo) +
                                            Key("'01920000-0000-7000-8000-00000000000a'")),
      ElementsAre("requests[2]: " + again));
  EXPECT_THAT(
      Violations("BatchUpdateProducts", Product(kOne, "name: 'a'") + Product(kOne, "stock: 1")),
      ElementsAre("requests[1]: " + again));
  const std::string contact =
      "requests { contact { name: 'Ada' email: 'a@x' } conflict_key: CONTACT_KEY_EMAIL } ";
  EXPECT_THAT(Violations("BatchUpsertContacts", contact + contact),
              ElementsAre("requests[1]: " + again));
}

TEST_F(WritesTest, UpsertsOfABatchGoByOneKeyAndChangeTheSame) {
  EXPECT_THAT(Violations("BatchUpsertContacts",
                         absl::StrCat("requests { contact { ", Id(kOne),
                                      " name: 'Ada' } } "
                                      "requests { contact { name: 'Ben' email: 'b@x' } "
                                      "conflict_key: CONTACT_KEY_EMAIL }")),
              ElementsAre("requests[1].conflict_key: must be that of the first entry"));
  EXPECT_THAT(Violations("BatchUpsertProducts", Product(kOne, "slug: 'a' name: 'a'") +
                                                    Product(kTwo, "slug: 'b' name: 'b' stock: 1")),
              ElementsAre("requests[1].update_mask: must change the same fields as that of the "
                          "first entry: set one update_mask in all entries"));
  const std::string mask = "update_mask { paths: 'name' }";
  EXPECT_THAT(
      Violations("BatchUpsertProducts", Product(kOne, "slug: 'a' name: 'a'", mask) +
                                            Product(kTwo, "slug: 'b' name: 'b' stock: 1", mask)),
      IsEmpty());
}

TEST_F(WritesTest, BatchesOfOneShapeShareAPlan) {
  EXPECT_EQ(PlanOf("BatchUpdateProducts", Product(kOne, "name: 'a'")),
            PlanOf("BatchUpdateProducts", Product(kTwo, "name: 'b'") + Product(kOne, "name: 'c'")));
  EXPECT_NE(PlanOf("BatchUpdateProducts", Product(kOne, "name: 'a'")),
            PlanOf("BatchUpdateProducts", Product(kTwo, "name: 'b'") + Product(kOne, "stock: 1")));
  EXPECT_NE(PlanOf("BatchDeleteProducts", Key(kOne)),
            PlanOf("BatchDeleteProducts", absl::StrCat("requests { ", Id(kOne), " etag: '1' }")));
}

TEST_F(WritesTest, NobodyWritesAllRowsByAccident) {
  EXPECT_THAT(Violations("DeleteManyContacts", ""),
              ElementsAre("filter: is required: an empty one finds all rows",
                          "max_affected: is required, and must be between 1 and 100 "
                          "(affected-rows-max)"));
  EXPECT_THAT(
      Violations("UpdateManyContacts", "filter {} max_affected: 101 contact { notes: 'a' }"),
      ElementsAre("max_affected: is required, and must be between 1 and 100 "
                  "(affected-rows-max)"));
  EXPECT_THAT(Violations("UpdateManyContacts", "filter {} max_affected: 1"),
              ElementsAre("update_mask: selects nothing to update: set a field, or name it in the "
                          "mask"));
  EXPECT_THAT(Violations("DeleteManyContacts", "filter {} max_affected: 1"), IsEmpty());
}

}  // namespace
}  // namespace tenantry::methods
