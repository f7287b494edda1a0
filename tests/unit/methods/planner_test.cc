#include "server/methods/planner.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/base/status.h"
#include "tests/support/saas_schema.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::methods {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::LedgerSchema;
using testing::MakeRequest;
using testing::MethodNamed;
using testing::SaasSchema;

constexpr char kId[] = "01920000-0000-7000-8000-000000000001";

class PlannerTest : public ::testing::Test {
 protected:
  absl::StatusOr<plan::Call> Prepare(std::string_view rpc, std::string_view text,
                                     const schema::Schema& schema = SaasSchema()) {
    const schema::Method& method = MethodNamed(schema, rpc);
    requests_.push_back(MakeRequest(method, text));
    Planner& planner = &schema == &SaasSchema() ? saas_ : ledger_;
    return planner.Prepare(method, *requests_.back());
  }

  // `field: description` of every violation.
  std::vector<std::string> Violations(std::string_view rpc, std::string_view text,
                                      const schema::Schema& schema = SaasSchema()) {
    const absl::Status status = Prepare(rpc, text, schema).status();
    std::vector<std::string> found;
    if (status.ok()) return found;
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    for (const FieldViolation& violation : DetailsOf(status).violations) {
      found.push_back(violation.field + ": " + violation.description);
    }
    return found;
  }

  std::string Sql(std::string_view rpc, std::string_view text) {
    absl::StatusOr<plan::Call> call = Prepare(rpc, text);
    EXPECT_TRUE(call.ok()) << call.status();
    std::string sql;
    if (!call.ok()) return sql;
    call->ForEachStatement([&](const plan::Statement& statement) {
      absl::StrAppend(&sql, sql.empty() ? "" : ";\n", statement.plan->text->sql);
    });
    return sql;
  }

  MetricRegistry metrics_;
  Planner saas_{SaasSchema(), PlannerOptions{.limits = {.batch_max = 3}}, metrics_};
  Planner ledger_{LedgerSchema(), PlannerOptions{}, metrics_};
  std::vector<std::unique_ptr<google::protobuf::Message>> requests_;
};

TEST_F(PlannerTest, PlansOfAllMethodsAreAsReviewed) {
  // tests/golden/plan/saas.sql is what a reviewer reads; TENANTRY_UPDATE_GOLDEN=1 rewrites it.
  std::ostringstream plans;
  auto add = [&](std::string_view rpc, std::string_view text) {
    plans << "-- " << rpc << " {" << text << "}\n" << Sql(rpc, text) << ";\n\n";
  };
  const std::string id = std::string("id: '") + kId + "'";
  const std::string contact = "contact { " + id + " name: 'Ada' email: 'a@x' }";
  add("GetContact", id);
  add("ListContacts", "");
  add("ListContacts",
      "show_deleted: true order_by { field: CONTACT_FIELD_CREATED_AT "
      "direction: DIRECTION_DESC }");
  add("ListContacts", "filter { email { eq: 'a@x' } type { eq: CONTACT_TYPE_COMPANY } }");
  add("ListContacts",
      "order_by { field: CONTACT_FIELD_EMAIL nulls: NULLS_FIRST } order_by { field: "
      "CONTACT_FIELD_NAME direction: DIRECTION_DESC } skip: 5 total: TOTAL_EXACT");
  add("ListOrders",
      "order_by { contact { field: CONTACT_FIELD_NAME direction: DIRECTION_DESC } } order_by { "
      "field: ORDER_FIELD_STATUS } select { total_cents: true items { order_by { product { field: "
      "PRODUCT_FIELD_NAME } } skip: 1 limit: 3 } }");
  add("ListContacts",
      "select { name: true aggregates { orders { function: AGGREGATE_FUNCTION_COUNT filter { "
      "status "
      "{ eq: ORDER_STATUS_SHIPPED } } } orders { function: AGGREGATE_FUNCTION_SUM field: "
      "ORDER_FIELD_TOTAL_CENTS } } }");
  add("ListContacts", "page_size: 1000");  // of rows that may be large
  add("ExportContacts",
      "filter { type { eq: CONTACT_TYPE_COMPANY } } select { name: true orders { limit: 3 } }");
  add("CreateContact", "contact { name: 'Ada' }");
  add("UpdateContact", contact);
  add("UpdateContact", contact + " update_mask { paths: '*' }");
  add("UpdateContact", contact + " update_mask { paths: 'is_active' paths: 'phone' }");
  add("DeleteContact", id);
  add("UpsertContact", contact);
  add("UpsertContact", "contact { name: 'Ada' email: 'a@x' } conflict_key: CONTACT_KEY_EMAIL");
  add("BatchGetContacts", std::string("ids: '") + kId + "'");
  add("BatchCreateContacts", "requests { contact { name: 'Ada' } }");
  add("BatchCreateProducts", "requests { product { slug: 's' name: 'n' tags: 'a' } }");
  add("DeleteOrderItem", id);
  add("UpdateProduct",
      "product { " + id + " } increment { stock: -2 } require { stock { gte: 2 } }");
  add("DeleteOrderItem", id + " require { order { status { eq: ORDER_STATUS_PENDING } } }");
  add("DeleteContact", id + " select { name: true orders { limit: 2 } }");
  add("UpdateOrder",
      "order { " + id + " total_cents: 5 } select { contact { name: true } items { } }");
  add("UpsertOrderItem",
      "order_item { " + id + " order_id: '" + kId + "' product_id: '" + kId + "' quantity: 1 }");
  add("GetOrganization", id);
  add("UpdateOrganization", "organization { " + id + " name: 'Acme' }");

  const std::string path = testing::SourceDir() + "/tests/golden/plan/saas.sql";
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << plans.str();
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(plans.str(), golden.str());
}

TEST_F(PlannerTest, EveryStatementNamesTheTenantFirst) {
  for (const char* rpc : {"GetContact", "DeleteContact"}) {
    absl::StatusOr<plan::Call> call = Prepare(rpc, std::string("id: '") + kId + "'");
    ASSERT_TRUE(call.ok());
    EXPECT_TRUE(std::holds_alternative<plan::TenantValue>(call->values[0])) << rpc;
  }
}

// What a test run has recorded is what a server answers that enforces the list, and nothing else.
TEST_F(PlannerTest, ShapesAreRecordedAndEnforced) {
  std::string file;
  Planner recording(
      SaasSchema(), PlannerOptions{}, metrics_,
      {.record = [&](const plan::Shape& shape) { absl::StrAppend(&file, shape.Line(), "\n"); }});
  const auto ask = [&](Planner& planner, std::string_view rpc, std::string_view text) {
    const schema::Method& method = MethodNamed(SaasSchema(), rpc);
    requests_.push_back(MakeRequest(method, text));
    return planner.Prepare(method, *requests_.back()).status();
  };
  const std::pair<const char*, const char*> known[] = {
      {"ListContacts", "filter { email { eq: 'a@x' } }"},
      {"ListContacts", "filter { email { eq: 'a@x' } } total: TOTAL_EXACT page_size: 500"},
      {"GetContact", "id: '01920000-0000-7000-8000-000000000001' select { name: true }"},
      {"AggregateOrders", "group_by { field: ORDER_FIELD_STATUS }"},
      {"UpdateContact",
       "contact { id: '01920000-0000-7000-8000-000000000001' name: 'Ada' } select { name: true }"}};
  for (const auto& [rpc, text] : known) EXPECT_TRUE(ask(recording, rpc, text).ok()) << rpc;
  EXPECT_THAT(file, ::testing::HasSubstr("/saas.v1.ContactService/ListContacts "));
  EXPECT_THAT(file, ::testing::HasSubstr(" SELECT "));
  EXPECT_THAT(file, ::testing::Not(::testing::HasSubstr("a@x"))) << "a value";

  auto list = plan::ShapeList::Parse(file);
  ASSERT_TRUE(list.ok()) << list.status();
  Planner strict(SaasSchema(), PlannerOptions{}, metrics_, {.allowed = *list});
  for (const auto& [rpc, text] : known) EXPECT_TRUE(ask(strict, rpc, text).ok()) << rpc;
  EXPECT_TRUE(ask(strict, "ListContacts", "filter { email { eq: 'another' } }").ok());
  for (int again = 0; again < 2; ++again) {  // it is not kept either
    for (const auto& [rpc, text] : std::initializer_list<std::pair<const char*, const char*>>{
             {"ListContacts", "filter { name { eq: 'a' } }"},
             {"ListContacts", "filter { email { ne: 'a@x' } }"},
             {"ListContacts", ""},
             {"ListProducts", ""},
             {"AggregateOrders", "group_by { field: ORDER_FIELD_CONTACT_ID }"},
             {"GetContact", "id: '01920000-0000-7000-8000-000000000001' select { email: true }"}}) {
      const absl::Status refused = ask(strict, rpc, text);
      EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << rpc << text;
      EXPECT_EQ(ReasonOf(refused), "SHAPE_NOT_ALLOWED");
    }
  }
  // What is wrong is told first.
  EXPECT_EQ(ask(strict, "ListContacts", "page_size: -1").code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(PlannerTest, OneShapeOnePlan) {
  absl::StatusOr<plan::Call> a = Prepare("ListContacts", "filter { email { eq: 'a' } }");
  absl::StatusOr<plan::Call> b =
      Prepare("ListContacts", "filter { email { eq: 'b' } } page_size: 7");
  absl::StatusOr<plan::Call> c = Prepare("ListContacts", "filter { name { eq: 'b' } }");
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  EXPECT_EQ(a->plan, b->plan);
  EXPECT_NE(a->plan, c->plan);
  EXPECT_NE(a->plan->text->name, c->plan->text->name);
  // An empty filter, and one without an operator, say nothing.
  absl::StatusOr<plan::Call> none = Prepare("ListContacts", "");
  absl::StatusOr<plan::Call> empty = Prepare("ListContacts", "filter { email { } }");
  EXPECT_EQ(none->plan, empty->plan);
}

TEST_F(PlannerTest, OneCacheBoundsThePlansOfAllMethods) {
  MetricRegistry metrics;
  Planner small(SaasSchema(), PlannerOptions{.plans_max = 2}, metrics);
  const schema::Method& contacts = MethodNamed(SaasSchema(), "ListContacts");
  const schema::Method& products = MethodNamed(SaasSchema(), "ListProducts");
  auto by_email = MakeRequest(contacts, "filter { email { eq: 'a' } }");
  absl::StatusOr<plan::Call> first = small.Prepare(contacts, *by_email);
  ASSERT_TRUE(first.ok());
  for (const char* filter : {"slug { eq: 'a' }", "name { eq: 'b' }", "price_cents { eq: 1 }"}) {
    auto request = MakeRequest(products, std::string("filter { ") + filter + " }");
    ASSERT_TRUE(small.Prepare(products, *request).ok());
  }
  EXPECT_EQ(metrics.gauge("tenantry_plan_cache_plans", "").value(), 2);
  absl::StatusOr<plan::Call> again = small.Prepare(contacts, *by_email);
  EXPECT_NE(first->plan, again->plan);
  // The database's prepared statement is found again all the same: it is named by its text.
  EXPECT_EQ(first->plan->text->sql, again->plan->text->sql);
  EXPECT_EQ(first->plan->text->name, again->plan->text->name);
}

// While a roll-out is under way, one server has the new field and the other does not.
TEST_F(PlannerTest, PageTokensSurviveAFieldThatIsDeclaredInTheMiddle) {
  const std::string head =
      "message Note { option (tenantry.v1.table) = { indexes: { columns: "
      "[\"created_at\", \"id\"] } };"
      " string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID "
      "managed: MANAGED_ID }];";
  const std::string tail =
      " string text = 2; string title = 3;"
      " google.protobuf.Timestamp created_at = 4 [(tenantry.v1.column).managed "
      "= MANAGED_CREATE_TIME]; }";
  auto before = migrate::SchemaFromText(head + tail);
  auto after = migrate::SchemaFromText(head + " optional string author = 5;" + tail);
  auto moved = migrate::SchemaFromText(
      head +
      " google.protobuf.Timestamp created_at = 4 [(tenantry.v1.column).managed = "
      "MANAGED_CREATE_TIME]; string title = 3; string text = 2; }");
  ASSERT_TRUE(before.ok() && after.ok() && moved.ok()) << after.status() << moved.status();
  const std::string list =
      "filter { text { eq: 'a' } title { eq: 'b' } } order_by { field: "
      "NOTE_FIELD_CREATED_AT direction: DIRECTION_DESC }";
  auto fingerprint = [&](const schema::Schema& schema) {
    Planner planner(schema, PlannerOptions{}, metrics_);
    const schema::Method& method = MethodNamed(schema, "ListNotes");
    auto request = MakeRequest(method, list);
    return planner.Prepare(method, *request)->fingerprint;
  };
  EXPECT_EQ(fingerprint(**before), fingerprint(**after));
  EXPECT_EQ(fingerprint(**before), fingerprint(**moved));
}

TEST_F(PlannerTest, MissingAndMalformedKeys) {
  EXPECT_THAT(Violations("GetContact", ""), ElementsAre("id: is required"));
  EXPECT_THAT(Violations("GetContact", "id: 'x'"), ElementsAre("id: must be a UUID"));
  EXPECT_THAT(Violations("BatchGetContacts", std::string("ids: '") + kId + "' ids: 'nope'"),
              ElementsAre("ids[1]: must be a UUID"));
}

TEST_F(PlannerTest, AllViolationsOfACreateAtOnce) {
  const std::string long_phone(51, '1');
  EXPECT_THAT(Violations("CreateContact", "contact { id: 'x' email: 'a\\000b' phone: '" +
                                              long_phone + "' type: 99 }"),
              ElementsAre("contact.id: must be a UUID", "contact.name: is required",
                          "contact.email: must not contain NUL (U+0000)",
                          "contact.phone: must have at most 50 characters, has 51",
                          "contact.type: must be a value of saas.v1.ContactType, not 99"));
  EXPECT_THAT(Violations("CreateContact", ""), ElementsAre("contact: is required"));
}

TEST_F(PlannerTest, LengthCountsCharactersNotBytes) {
  std::string name;
  for (int i = 0; i < 255; ++i) name += "ä";
  EXPECT_THAT(Violations("CreateContact", "contact { name: '" + name + "' }"), IsEmpty());
  EXPECT_THAT(Violations("CreateContact", "contact { name: '" + name + "x' }"),
              ElementsAre("contact.name: must have at most 255 characters, has 256"));
}

TEST_F(PlannerTest, NumbersHaveBounds) {
  EXPECT_THAT(
      Violations("CreateProduct", "product { slug: 's' name: 'n' price_cents: -1 stock: -2 }"),
      ElementsAre("product.price_cents: must be at least 0", "product.stock: must be at least 0"));
}

TEST_F(PlannerTest, OutputOnlyFieldsAreIgnored) {
  EXPECT_THAT(Violations("CreateContact",
                         "contact { name: 'Ada' created_at { seconds: 999999999999999 } }"),
              IsEmpty());
}

TEST_F(PlannerTest, JsonThatJsonbCannotHold) {
  EXPECT_THAT(Violations("CreateContact",
                         "contact { name: 'Ada' metadata { fields { key: 'k' value "
                         "{ string_value: 'a\\000' } } } }"),
              ElementsAre("contact.metadata: must not contain NUL (U+0000) in a string"));
  EXPECT_THAT(Violations("CreateContact",
                         "contact { name: 'Ada' metadata { fields { key: 'k' value { } } } }"),
              ElementsAre("contact.metadata: must not contain a value of no kind"));
}

TEST_F(PlannerTest, JsonHasADepth) {
  auto nested = [](int depth, const char* open, const char* close) {
    std::string text = "contact { name: 'Ada' metadata { fields { key: 'k' value { ";
    for (int i = 1; i < depth; ++i) text += open;
    text += "null_value: NULL_VALUE";
    for (int i = 1; i < depth; ++i) text += close;
    return text + " } } } }";
  };
  const char* list = "list_value { values { ";
  const char* object = "struct_value { fields { key: 'k' value { ";
  EXPECT_THAT(Violations("CreateContact", nested(32, object, " } } }")), IsEmpty());
  const auto too_deep =
      ElementsAre("contact.metadata: must have at most 32 objects and lists within each other");
  EXPECT_THAT(Violations("CreateContact", nested(33, object, " } } }")), too_deep);
  EXPECT_THAT(Violations("CreateContact", nested(32, list, " } }")), IsEmpty());
  EXPECT_THAT(Violations("CreateContact", nested(33, list, " } }")), too_deep);
}

// In JSON, masks hold JSON names, and libraries differ in what they make of them.
TEST_F(PlannerTest, MasksTakeFieldNamesAndJsonNames) {
  const std::string row = std::string("contact { id: '") + kId + "' name: 'Ada' is_active: true } ";
  const std::string sql = Sql("UpdateContact", row + "update_mask { paths: 'is_active' }");
  EXPECT_EQ(Sql("UpdateContact", row + "update_mask { paths: 'isActive' }"), sql);
  EXPECT_THAT(Violations("UpdateContact", row + "update_mask { paths: 'IsActive' }"),
              ElementsAre("update_mask.paths[0]: must be a field of saas.v1.Contact or *"));
}

TEST_F(PlannerTest, Masks) {
  const std::string row = std::string("contact { id: '") + kId + "' name: 'Ada' } ";
  EXPECT_THAT(
      Violations("UpdateContact", row + "update_mask { paths: 'nope' paths: 'name.first' }"),
      ElementsAre("update_mask.paths[0]: must be a field of saas.v1.Contact or *",
                  "update_mask.paths[1]: must be a field of saas.v1.Contact or *"));
  EXPECT_THAT(
      Violations("UpdateContact", std::string("contact { id: '") + kId + "' }"),
      ElementsAre("update_mask: selects nothing to update: set a field, or name it in the mask"));
  EXPECT_THAT(Violations("UpdateContact", std::string("contact { id: '") + kId +
                                              "' } update_mask { paths: 'name' }"),
              ElementsAre("contact.name: is required and cannot be cleared"));
  EXPECT_THAT(Violations("UpdateContact", "contact { name: 'Ada' }"),
              ElementsAre("contact.id: is required"));
}

TEST_F(PlannerTest, MaskDecidesBetweenNullDefaultAndValue) {
  const std::string row = std::string("contact { id: '") + kId + "' name: 'Ada' } ";
  EXPECT_THAT(Sql("UpdateContact", row + "update_mask { paths: 'phone' paths: 'is_active' }"),
              ::testing::AllOf(::testing::HasSubstr("\"phone\" = $"),
                               ::testing::HasSubstr("\"is_active\" = DEFAULT"),
                               ::testing::Not(::testing::HasSubstr("\"name\" ="))));
}

TEST_F(PlannerTest, UpsertNeedsItsKey) {
  EXPECT_THAT(Violations("UpsertContact", "contact { name: 'Ada' }"),
              ElementsAre("contact.id: is required"));
  EXPECT_THAT(
      Violations("UpsertContact", "contact { name: 'Ada' } conflict_key: CONTACT_KEY_EMAIL"),
      ElementsAre("contact.email: is required"));
  EXPECT_THAT(Violations("UpsertContact", "contact { name: 'Ada' } conflict_key: 77"),
              ElementsAre("conflict_key: must be a value of saas.v1.ContactKey, not 77"));
}

TEST_F(PlannerTest, BatchesHaveSizes) {
  EXPECT_THAT(Violations("BatchCreateContacts", ""), ElementsAre("requests: must not be empty"));
  EXPECT_THAT(Violations("BatchGetContacts", "ids: 'a' ids: 'b' ids: 'c' ids: 'd'"),
              ElementsAre("ids: must have at most 3 entries, has 4"));
  EXPECT_THAT(
      Violations("BatchCreateContacts",
                 "requests { contact { name: 'a' } } requests { } requests { contact { } }"),
      ElementsAre("requests[1].contact: is required", "requests[2].contact.name: is required"));
}

TEST_F(PlannerTest, Pages) {
  EXPECT_EQ(Prepare("ListContacts", "")->page_size, 50);
  EXPECT_EQ(Prepare("ListContacts", "page_size: 100000")->page_size, 1000);
  EXPECT_THAT(Violations("ListContacts", "total: TOTAL_ESTIMATED"),
              ElementsAre("total: cannot be TOTAL_ESTIMATED at this server (estimated-totals): ask "
                          "for TOTAL_EXACT"));
  EXPECT_THAT(Violations("ListContacts", "page_size: -1"),
              ElementsAre("page_size: must not be negative"));
  EXPECT_THAT(Violations("ListContacts", "page_token: 'garbage!'"),
              ElementsAre("page_token: is not a page token of this service"));
  EXPECT_THAT(
      Violations("ListContacts", "order_by { field: 99 direction: 7 }"),
      ElementsAre("order_by[0].field: must be a value of saas.v1.ContactField, not 99",
                  "order_by[0].direction: must be a value of tenantry.v1.Direction, not 7"));
  EXPECT_THAT(
      Violations("ListContacts", "order_by { } order_by { }"),
      ElementsAre("order_by[1]: is there already, in an entry before this one: leave one of "
                  "them out"));
}

TEST_F(PlannerTest, FilterValuesAreChecked) {
  EXPECT_THAT(Violations("ListContacts", "filter { id { eq: 'x' } type { eq: 99 } }"),
              ElementsAre("filter.id.eq: must be a UUID",
                          "filter.type.eq: must be a value of saas.v1.ContactType, not 99"));
  // Longer than the column can hold: matches nothing, which is no error.
  EXPECT_THAT(Violations("ListContacts", "filter { phone { eq: '" + std::string(60, '1') + "' } }"),
              IsEmpty());
}

TEST_F(PlannerTest, PagesThatMayBeLargeAreBoundedByTheDatabase) {
  const auto bounded = [&](const char* text) {
    absl::StatusOr<plan::Call> call = Prepare("ListContacts", text);
    EXPECT_TRUE(call.ok());
    return call->plan->bounded;
  };
  // Nothing is known yet.
  EXPECT_FALSE(bounded(""));
  EXPECT_TRUE(bounded("page_size: 1000"));
  plan::RowSizes& sizes = *Prepare("ListContacts", "")->row_sizes;
  sizes.Observe(50 * 200, 50);
  EXPECT_FALSE(bounded("page_size: 1000"));
  sizes.Observe(4 << 20, 4);
  sizes.Observe(50 * 200, 50);
  EXPECT_TRUE(bounded("page_size: 1000"));
  EXPECT_TRUE(bounded("page_size: 50"));
  EXPECT_FALSE(bounded("page_size: 10"));

  const std::string ids = absl::StrCat("ids: '", kId, "' ids: '", kId, "' ");
  EXPECT_FALSE(Prepare("BatchGetContacts", ids)->plan->bounded);
  sizes.Observe(30 << 20, 1);
  const absl::StatusOr<plan::Call> batch = Prepare("BatchGetContacts", ids);
  EXPECT_TRUE(batch->plan->bounded);
  EXPECT_THAT(batch->plan->text->sql, ::testing::HasSubstr("< 33554432 ORDER BY page."));
  // Rows that cannot be large.
  EXPECT_FALSE(Prepare("ListOrderItems", "page_size: 1000")->plan->bounded);
}

TEST_F(PlannerTest, OnlyTablesWithLongValuesAreMeasured) {
  const std::string row = std::string("{ id: '") + kId + "' name: 'Ada' } ";
  EXPECT_THAT(Sql("UpdateContact", "contact " + row),
              ::testing::HasSubstr("tenantry.row_too_large()"));
  EXPECT_THAT(Sql("UpdateOrganization", "organization " + row),
              ::testing::Not(::testing::HasSubstr("row_too_large")));
}

TEST_F(PlannerTest, ViolationsStopAtALimit) {
  Planner planner(SaasSchema(), PlannerOptions{.violations_max = 5}, metrics_);
  const schema::Method& method = MethodNamed(SaasSchema(), "BatchGetContacts");
  std::string text;
  for (int i = 0; i < 100; ++i) text += "ids: 'x' ";
  auto request = MakeRequest(method, text);
  EXPECT_EQ(DetailsOf(planner.Prepare(method, *request).status()).violations.size(), 5u);
}

}  // namespace
}  // namespace tenantry::methods
