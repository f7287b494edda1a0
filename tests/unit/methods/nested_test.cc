// Rows of relations that a write brings along: which statements they become.
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/base/status.h"
#include "server/methods/planner.h"
#include "server/plan/request_path.h"
#include "tests/support/saas_schema.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::methods {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MakeRequest;
using testing::MethodNamed;
using testing::SaasSchema;

constexpr char kId[] = "01920000-0000-7000-8000-000000000001";
constexpr char kOther[] = "01920000-0000-7000-8000-000000000002";

std::string Item(int quantity) {
  return absl::StrCat("items { product_id: '", kId, "' quantity: ", quantity, " } ");
}

class NestedTest : public ::testing::Test {
 protected:
  absl::StatusOr<plan::Call> Prepare(std::string_view rpc, std::string_view text) {
    return Prepare(planner_, schema_, rpc, text);
  }
  absl::StatusOr<plan::Call> Prepare(const Planner& planner, const schema::Schema& schema,
                                     std::string_view rpc, std::string_view text) {
    const schema::Method& method = MethodNamed(schema, rpc);
    requests_.push_back(MakeRequest(method, text));
    return planner.Prepare(method, *requests_.back());
  }
  static std::vector<std::string> ViolationsOf(const absl::Status& status) {
    std::vector<std::string> found;
    for (const FieldViolation& violation : DetailsOf(status).violations) {
      found.push_back(violation.field + ": " + violation.description);
    }
    return found;
  }
  std::vector<std::string> Violations(std::string_view rpc, std::string_view text) {
    return ViolationsOf(Prepare(rpc, text).status());
  }

  const schema::Schema& schema_ = SaasSchema();
  MetricRegistry metrics_;
  Planner planner_{schema_, PlannerOptions{.limits = {.nested_depth_max = 2, .nested_rows_max = 5}},
                   metrics_};
  std::vector<std::unique_ptr<google::protobuf::Message>> requests_;
};

TEST_F(NestedTest, PlansAreAsReviewed) {
  // tests/golden/plan/nested.sql is what a reviewer reads; TENANTRY_UPDATE_GOLDEN=1 rewrites it.
  std::ostringstream plans;
  const auto add = [&](std::string_view rpc, const std::string& text) {
    plans << "-- " << rpc << " {" << text << "}\n";
    absl::StatusOr<plan::Call> call = Prepare(rpc, text);
    ASSERT_TRUE(call.ok()) << call.status();
    call->ForEachStatement(
        [&](const plan::Statement& statement) { plans << statement.plan->text->sql << ";\n"; });
    plans << "\n";
  };
  add("CreateOrder", absl::StrCat("order { contact_id: '", kId, "' ", Item(1), Item(2), "}"));
  add("CreateOrder", "order { contact { name: 'Ada' } " + Item(1) + "}");
  add("CreateOrder", absl::StrCat("order { contact_id: '", kId, "' ", Item(1),
                                  "} select { items { } contact { name: true } }"));
  add("CreateContact", "contact { name: 'Ada' orders { " + Item(1) + "} orders { " + Item(2) +
                           "} addresses { line1: 'a' city: 'b' country: 'de' } }");
  const std::string order = absl::StrCat("order { id: '", kId, "' } ");
  const std::string changes =
      absl::StrCat("children { items { delete { id: '", kOther, "' } update { order_item { id: '",
                   kOther, "' quantity: 2 } } create { product_id: '", kId, "' quantity: 1 } } } ");
  add("UpdateOrder", order + changes);
  add("UpdateOrder", order + "increment { total_cents: 5 } " + changes +
                         "require { status { eq: ORDER_STATUS_PENDING } } select { items { } }");
  const std::string path = testing::SourceDir() + "/tests/golden/plan/nested.sql";
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << plans.str();
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(plans.str(), golden.str());
}

TEST_F(NestedTest, RowsOfOnePlaceAreOneStatement) {
  const auto call = Prepare("CreateContact", "contact { name: 'Ada' orders { " + Item(1) +
                                                 "} orders { " + Item(2) + "} }");
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_THAT(call->before, IsEmpty());
  ASSERT_EQ(call->after.size(), 2u);
  EXPECT_EQ(call->after[0].rows.size(), 2u);
  EXPECT_EQ(call->after[1].rows.size(), 2u);
  // The reply has each item in its own order.
  ASSERT_EQ(call->below.size(), 2u);
  for (int i : {0, 1}) {
    EXPECT_EQ(call->below[i].row, i);
    ASSERT_EQ(call->below[i].below.size(), 1u);
    EXPECT_EQ(call->below[i].below[0].row, i);
    EXPECT_EQ(call->below[i].below[0].statement, 2);
  }
  // The statement is that of BatchCreate, so that the database has it prepared already.
  const auto batch =
      Prepare("BatchCreateOrderItems", absl::StrCat("requests { order_item { order_id: '", kId,
                                                    "' product_id: '", kId, "' quantity: 1 } }"));
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->plan->text->name, call->after[1].plan->text->name);
}

TEST_F(NestedTest, RowsTakeTheKeyOfTheRowThatTheyReferTo) {
  const auto call = Prepare("CreateOrder", "order { contact { name: 'Ada' } " + Item(1) + "}");
  ASSERT_TRUE(call.ok()) << call.status();
  ASSERT_EQ(call->before.size(), 1u);
  ASSERT_EQ(call->after.size(), 1u);
  const auto* contact = call->before[0].rows.at(0);
  const auto* order = call->rows.at(0);
  // id, then contact_id
  const auto& contact_id = std::get<plan::FieldValue>(call->values[2]);
  EXPECT_EQ(contact_id.value.message, contact);
  EXPECT_EQ(contact_id.value.field->name(), "id");
  const auto& order_id = std::get<plan::CellsValue>(call->after[0].values[2]);
  ASSERT_EQ(order_id.cells.size(), 1u);
  EXPECT_EQ(order_id.cells[0].value.message, order);
  EXPECT_EQ(order_id.cells[0].value.field->name(), "id");
  EXPECT_TRUE(call->new_ids.has_value());
}

TEST_F(NestedTest, EveryRowIsChecked) {
  EXPECT_THAT(
      Violations("CreateOrder", absl::StrCat("order { contact { } ", Item(1), Item(0),
                                             "items { id: 'x' quantity: 1 } }")),
      ElementsAre("order.contact.name: is required", "order.items[1].quantity: must be at least 1",
                  "order.items[2].id: must be a UUID", "order.items[2].product_id: is required"));
}

TEST_F(NestedTest, WhatRefersIsFilledInAndNothingElse) {
  const auto order = [&](const std::string& rest) {
    return Violations("CreateOrder",
                      absl::StrCat("order { id: '", kId, "' contact_id: '", kId, "' ", rest, "}"));
  };
  const std::string item = absl::StrCat("product_id: '", kId, "' quantity: 1 ");
  EXPECT_THAT(order(absl::StrCat("items { order_id: '", kId, "' ", item, "}")), IsEmpty());
  const auto refused =
      ElementsAre("order.items[0].order_id: must be absent, or that of the row around it");
  EXPECT_THAT(order(absl::StrCat("items { order_id: '", kOther, "' ", item, "}")), refused);
  EXPECT_THAT(order(absl::StrCat("items { order_id: 'x' ", item, "}")), refused);
  // The new order has an identifier that nobody knows yet.
  EXPECT_THAT(
      Violations("CreateOrder", absl::StrCat("order { contact_id: '", kId, "' items { order_id: '",
                                             kId, "' ", item, "} }")),
      refused);
  EXPECT_THAT(order("contact { name: 'Ada' }"),
              ElementsAre("order.contact_id: must be absent: `contact` makes the row that it "
                          "refers to"));
  EXPECT_THAT(order("items { order { } " + item + "}"),
              ElementsAre("order.items[0].order: is not possible: order_id is that of a row above "
                          "or beside it"));
}

TEST_F(NestedTest, RowsAndLevelsHaveLimits) {
  std::string order = absl::StrCat("order { contact_id: '", kId, "' ");
  for (int i = 0; i < 5; ++i) order += Item(1);
  EXPECT_THAT(Violations("CreateOrder", order + "}"), IsEmpty());
  EXPECT_THAT(
      Violations("CreateOrder", order + Item(1) + "}"),
      ElementsAre("order.items[5]: is one too many: at most 5 rows of relations are possible "
                  "(nested-rows-max)"));
  EXPECT_THAT(
      Violations("CreateContact",
                 "contact { name: 'A' orders { items { product { slug: 's' name: 'n' } quantity: 1 "
                 "} } }"),
      ElementsAre("contact.orders[0].items[0].product: is too far down: at most 2 relations, one "
                  "below the other, are possible (nested-depth-max)",
                  "contact.orders[0].items[0].product_id: is required"));
}

TEST_F(NestedTest, AnUpdateTouchesRowsOfItsRowAlone) {
  const auto call = Prepare(
      "UpdateOrder", absl::StrCat("order { id: '", kId, "' } children { items { delete { id: '",
                                  kOther, "' } } }"));
  ASSERT_TRUE(call.ok()) << call.status();
  ASSERT_EQ(call->after.size(), 1u);
  const plan::Statement& removal = call->after[0];
  EXPECT_THAT(removal.plan->text->sql,
              ::testing::HasSubstr("t.\"id\" = $2::uuid AND t.\"order_id\" = $3::uuid"));
  const auto& parent = std::get<plan::FieldValue>(removal.values[2]).value;
  EXPECT_EQ(parent.message, call->rows.at(0));
  EXPECT_EQ(parent.field->name(), "id");
}

TEST_F(NestedTest, ChangesToChildrenAreChecked) {
  const auto violations = [&](const std::string& changes) {
    return Violations("UpdateOrder", absl::StrCat("order { id: '", kId, "' } children { items { ",
                                                  changes, "} }"));
  };
  EXPECT_THAT(violations("delete { } update { } create { }"),
              ElementsAre("children.items.delete[0].id: is required",
                          "children.items.update[0].order_item: is required",
                          "children.items.create[0].product_id: is required",
                          "children.items.create[0].quantity: must be at least 1"));
  const std::string item = absl::StrCat("id: '", kOther, "' ");
  EXPECT_THAT(violations("update { order_item { " + item + "} }"),
              ElementsAre("children.items.update[0].update_mask: selects nothing to update: set a "
                          "field, or name it in the mask"));
  const std::string other =
      absl::StrCat("order_id: '", kOther, "' quantity: 1 product_id: '", kId, "' ");
  const std::string own =
      absl::StrCat("order_id: '", kId, "' quantity: 1 product_id: '", kId, "' ");
  EXPECT_THAT(
      violations("update { order_item { " + item + other + "} } create { " + other + "}"),
      ElementsAre("children.items.update[0].order_item.order_id: must be absent, or that of "
                  "the row around it",
                  "children.items.create[0].order_id: must be absent, or that of the row "
                  "around it"));
  EXPECT_THAT(violations("update { order_item { " + item + own + "} } create { " + own + "}"),
              IsEmpty());
  std::string many;
  for (int i = 0; i < 6; ++i) absl::StrAppend(&many, "delete { ", item, "} ");
  EXPECT_THAT(violations(many),
              ElementsAre("children.items.delete[5]: is one too many: at most 5 rows of relations "
                          "are possible (nested-rows-max)"));
}

TEST_F(NestedTest, OtherMethodsTakeNoRows) {
  EXPECT_THAT(Violations("BatchCreateOrders", absl::StrCat("requests { order { contact_id: '", kId,
                                                           "' ", Item(1), "} }")),
              ElementsAre("requests[0].order.items: is a relation, which this method does not "
                          "write: write its rows by their own methods"));
}

// A folder with files, whose key the caller gives or the database makes.
class NestedSchemaTest : public NestedTest {
 protected:
  std::vector<std::string> Create(const std::string& key_options, const std::string& relation,
                                  const std::string& file, const std::string& request) {
    auto schema = migrate::SchemaFromText(absl::StrCat(
        "message Folder { option (tenantry.v1.table) = { unique: { number: 2 columns: 'path' } "
        "relations: { name: 'files' number: 9 table: 'File' columns: 'path' references: 'folder' "
        "many: true ",
        relation,
        "} }; string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID "
        "}]; "
        "optional string path = 2 [(tenantry.v1.column) = { not_null: true ",
        key_options,
        " }]; } message File { option (tenantry.v1.table) = { primary_key: 'name' indexes: { "
        "columns: 'folder' } relations: { name: 'parent' number: 9 table: 'Folder' columns: "
        "'folder' references: 'path' } ",
        file, " }; string name = 1; string folder = 2; }"));
    EXPECT_TRUE(schema.ok()) << schema.status();
    // Types of messages are known by their descriptors: no other schema may take the place of one.
    static auto& kept = *new std::vector<std::unique_ptr<const schema::Schema>>;
    const schema::Schema& made = *kept.emplace_back(*std::move(schema));
    Planner planner(made, PlannerOptions{}, metrics_);
    const auto found = ViolationsOf(Prepare(planner, made, "CreateFolder", request).status());
    requests_.clear();
    return found;
  }
};

TEST_F(NestedSchemaTest, KeysThatTheDatabaseMakesMustBeGiven) {
  EXPECT_THAT(Create("", "", "", "folder { path: 'p' files { name: 'n' } }"), IsEmpty());
  EXPECT_THAT(Create("", "", "", "folder { files { name: 'n' } }"),
              ElementsAre("folder.path: is required"));
  const std::string made = "default_value: '/'";
  EXPECT_THAT(Create(made, "", "", "folder { path: 'p' files { name: 'n' } }"), IsEmpty());
  EXPECT_THAT(Create(made, "", "", "folder { files { name: 'n' } }"),
              ElementsAre("folder.path: is required with `files`: what the database makes is not "
                          "known beforehand"));
}

TEST_F(NestedSchemaTest, SomeRelationsAreOutputOnly) {
  const auto refused = ElementsAre(
      "folder.files: is a relation, which this method does not write: write its rows by their own "
      "methods");
  const std::string request = "folder { path: 'p' files { name: 'n' } }";
  EXPECT_THAT(Create("", "output_only: true ", "", request), refused);
  EXPECT_THAT(Create("", "", "methods: [METHOD_KIND_GET, METHOD_KIND_UPSERT]", request), refused);
}

TEST(RequestPathTest, LeadsToTheMessage) {
  const auto& method = MethodNamed(SaasSchema(), "CreateOrder");
  const auto request =
      MakeRequest(method, "order { contact { name: 'Ada' } items { } items { product { } } }");
  const auto* field = method.descriptor->input_type()->FindFieldByName("order");
  const auto& order = request->GetReflection()->GetMessage(*request, field);
  const auto& item = order.GetReflection()->GetRepeatedMessage(
      order, order.GetDescriptor()->FindFieldByName("items"), 1);
  const auto& product =
      item.GetReflection()->GetMessage(item, item.GetDescriptor()->FindFieldByName("product"));
  EXPECT_EQ(plan::PathOf(*request, order), "order");
  EXPECT_EQ(plan::PathOf(*request, item), "order.items[1]");
  EXPECT_EQ(plan::PathOf(*request, product), "order.items[1].product");
  const auto other = testing::NewMessage(*method.descriptor->input_type());
  EXPECT_EQ(plan::PathOf(*request, *other), "");
}

}  // namespace
}  // namespace tenantry::methods
