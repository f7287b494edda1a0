// What filters become: the conditions of a statement, its values, and what is refused.
#include "server/methods/filter.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/base/status.h"
#include "server/methods/planner.h"
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

class FilterTest : public ::testing::Test {
 protected:
  absl::StatusOr<plan::Call> Prepare(std::string_view rpc, const std::string& filter) {
    const bool saas = rpc != "ListSamples" && rpc != "ListAccounts";
    const schema::Method& method = MethodNamed(saas ? SaasSchema() : LedgerSchema(), rpc);
    requests_.push_back(MakeRequest(method, absl::StrCat("filter { ", filter, " }")));
    return (saas ? saas_ : ledger_).Prepare(method, *requests_.back());
  }

  // The conditions of the statement beside that of the tenant.
  std::string Where(std::string_view rpc, const std::string& filter) {
    absl::StatusOr<plan::Call> call = Prepare(rpc, filter);
    EXPECT_TRUE(call.ok()) << filter << call.status();
    if (!call.ok()) return "";
    const std::string& sql = call->plan->text->sql;
    const std::size_t from = sql.find(" WHERE ") + 7;
    return sql.substr(from, sql.find(" ORDER BY ", from) - from);
  }

  std::vector<std::string> Violations(std::string_view rpc, const std::string& filter) {
    const absl::Status status = Prepare(rpc, filter).status();
    std::vector<std::string> found;
    for (const FieldViolation& violation : DetailsOf(status).violations) {
      found.push_back(violation.field + ": " + violation.description);
    }
    return found;
  }

  std::uint64_t Fingerprint(std::string_view rpc, const std::string& filter) {
    return Prepare(rpc, filter)->fingerprint;
  }

  MetricRegistry metrics_;
  Planner saas_{SaasSchema(), PlannerOptions{}, metrics_};
  Planner ledger_{LedgerSchema(), PlannerOptions{}, metrics_};
  std::vector<std::unique_ptr<google::protobuf::Message>> requests_;
};

// Every operator of every kind of filter, with a value.
std::vector<std::string> EveryOperator(const google::protobuf::FieldDescriptor& column) {
  std::vector<std::string> filters;
  const std::string type = column.message_type()->name();
  const auto value = [&](const google::protobuf::FieldDescriptor& field) -> std::string {
    using Field = google::protobuf::FieldDescriptor;
    const Field* inner = field.message_type() == nullptr ? &field : nullptr;
    if (inner == nullptr) return "{ }";
    switch (field.cpp_type()) {
      case Field::CPPTYPE_ENUM:
        return ": 1";
      case Field::CPPTYPE_BOOL:
        return ": true";
      case Field::CPPTYPE_STRING:
        return type == "UuidFilter"      ? ": '01920000-0000-7000-8000-000000000001'"
               : type == "UlidFilter"    ? ": '01ARZ3NDEKTSV4RRFFQ69G5FAV'"
               : type == "NumericFilter" ? ": '1.5'"
               : type == "DateFilter"    ? ": '2024-02-29'"
                                         : ": 'a'";
      default:
        return ": 1";
    }
  };
  for (int i = 0; i < column.message_type()->field_count(); ++i) {
    const auto& op = *column.message_type()->field(i);
    std::string text = absl::StrCat(op.name(), value(op));
    if (op.name() == "between") {
      text.clear();
      for (const char* end : {"from", "to"}) {
        const auto& field = *op.message_type()->FindFieldByName(end);
        absl::StrAppend(&text, text.empty() ? "between { " : " ", end, value(field));
      }
      text += " }";
    } else if (op.name() == "at") {
      text = "at { path: 'a' path: 'b' eq { number_value: 1 } ne { null_value: 0 } exists: true }";
    } else if (op.name() == "length") {
      text = "length { gte: 1 in { values: 1 } ne: 7 }";
    }
    filters.push_back(absl::StrCat(column.name(), " { ", text, " }"));
  }
  return filters;
}

// Where the setting refuses it, rows are found by columns alone that an index begins with, or that
// the schema lets them be found by.
TEST_F(FilterTest, ColumnsWithoutAnIndex) {
  PlannerOptions options;
  options.limits.filter.unindexed = false;
  Planner strict(SaasSchema(), options, metrics_);
  const auto refused = [&](std::string_view rpc, const std::string& text) {
    const schema::Method& method = MethodNamed(SaasSchema(), rpc);
    requests_.push_back(MakeRequest(method, text));
    const absl::Status status = strict.Prepare(method, *requests_.back()).status();
    std::vector<std::string> found;
    for (const FieldViolation& violation : DetailsOf(status).violations) {
      found.push_back(violation.field + ": " + violation.description);
    }
    return found;
  };
  const std::string why =
      ": cannot be filtered on at this server (unindexed-filters): no index of contacts begins "
      "with ";
  const std::string remedy = ". Give the schema an index on it, or say `filterable: true`";
  EXPECT_THAT(refused("ListContacts", "filter { phone { eq: '1' } notes { is_null: true } }"),
              ElementsAre("filter.phone" + why + "phone" + remedy,
                          "filter.notes" + why + "notes" + remedy));
  EXPECT_THAT(refused("ListOrders", "filter { any_of { contact { phone { eq: '1' } } } }"),
              ElementsAre("filter.any_of[0].contact.phone" + why + "phone" + remedy));
  EXPECT_THAT(refused("AggregateContacts", "filter { phone { eq: '1' } }"),
              ElementsAre("filter.phone" + why + "phone" + remedy));
  // The key, a unique key, an index; and a filter that says nothing.
  EXPECT_THAT(refused("ListContacts",
                      "filter { email { eq: 'a@x' } phone { } orders { some { status { eq: "
                      "ORDER_STATUS_SHIPPED } } } }"),
              IsEmpty());
  // Rows that are found without the filter.
  EXPECT_THAT(refused("ListContacts",
                      "select { addresses { filter { city { eq: 'x' } } } aggregates { addresses { "
                      "function: AGGREGATE_FUNCTION_COUNT filter { city { eq: 'x' } } } } }"),
              IsEmpty());
  EXPECT_THAT(
      refused("AggregateContacts",
              "measures { function: AGGREGATE_FUNCTION_COUNT filter { phone { eq: '1' } } }"),
      IsEmpty());
  EXPECT_THAT(refused("DeleteAddress",
                      "id: '01920000-0000-7000-8000-000000000001' require { city { "
                      "eq: 'x' } }"),
              IsEmpty());
}

TEST_F(FilterTest, ColumnsThatTheSchemaLetsFilter) {
  const auto schema = migrate::SchemaFromText(R"(
    message Note {
      option (tenantry.v1.table) = {
        indexes: {columns: ["author", "title"]}
        indexes: {columns: "place" where: "title <> ''"}
        indexes: {columns: "tags" method: INDEX_METHOD_GIN}
      };
      string id = 1 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID managed: MANAGED_ID}];
      string title = 2;
      string author = 3;
      string place = 4;
      repeated string tags = 5;
      string text = 6 [(tenantry.v1.column).filterable = true];
    })");
  ASSERT_TRUE(schema.ok()) << schema.status();
  const schema::Table& table = (*schema)->tables().front();
  std::vector<std::string> served;
  for (const schema::Column& column : table.columns) {
    if (table.HasIndexOn(column)) served.push_back(column.name);
  }
  EXPECT_THAT(served, ElementsAre("id", "author"));

  PlannerOptions options;
  options.limits.filter.unindexed = false;
  Planner strict(**schema, options, metrics_);
  const auto fields = [&](const std::string& filter) {
    const schema::Method& method = MethodNamed(**schema, "ListNotes");
    requests_.push_back(MakeRequest(method, absl::StrCat("filter { ", filter, " }")));
    std::vector<std::string> found;
    const absl::Status status = strict.Prepare(method, *requests_.back()).status();
    for (const FieldViolation& violation : DetailsOf(status).violations) {
      found.push_back(violation.field);
    }
    return found;
  };
  EXPECT_THAT(fields("text { icontains: 'a' } author { eq: 'b' }"), IsEmpty());
  EXPECT_THAT(fields("title { eq: 'a' } place { eq: 'b' } tags { is_empty: true }"),
              ElementsAre("filter.title", "filter.place", "filter.tags"));
  requests_.clear();  // before their types
}

TEST_F(FilterTest, ConditionsAreAsReviewed) {
  // tests/golden/plan/filters.sql is what a reviewer reads; TENANTRY_UPDATE_GOLDEN=1 rewrites it.
  std::ostringstream found;
  const auto add = [&](std::string_view rpc, const std::string& filter) {
    found << "-- " << rpc << " {" << filter << "}\n" << Where(rpc, filter) << "\n";
  };
  const auto& samples = *MethodNamed(LedgerSchema(), "ListSamples")
                             .descriptor->input_type()
                             ->FindFieldByName("filter")
                             ->message_type();
  for (int i = 0; i < samples.field_count(); ++i) {
    if (samples.field(i)->number() >= 50'000'000) continue;  // all_of and so on
    for (const std::string& filter : EveryOperator(*samples.field(i))) add("ListSamples", filter);
  }
  add("ListContacts", "name { gte: 'a' lt: 'b' } type { in { values: 1 values: 2 } }");
  add("ListContacts", "all_of { name { eq: 'a' } } all_of { name { eq: 'b' } phone { eq: 'c' } }");
  add("ListContacts", "any_of { name { eq: 'a' } } any_of { name { eq: 'b' } phone { eq: 'c' } }");
  add("ListContacts", "any_of { }");
  add("ListContacts", "none_of { name { eq: 'a' } } none_of { phone { eq: 'b' } } none_of { }");
  add("ListContacts", "orders { some { } }");
  add("ListContacts", "orders { none { status { eq: ORDER_STATUS_PENDING } } }");
  add("ListContacts", "orders { every { total_cents { gt: 1 } tracking_number { eq: 'x' } } }");
  add("ListContacts",
      "orders { some { items { some { product { slug { starts_with: '50%_' } } } } } }");
  add("ListOrders", "contact { } shipping_address { city { ilike: 'Bern' } }");
  add("ListOrders", "none_of { contact { email { is_null: false } } }");
  add("ListAccounts", "parent { parent { code { eq: 'a' } } }");

  const std::string path = testing::SourceDir() + "/tests/golden/plan/filters.sql";
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << found.str();
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(found.str(), golden.str());
}

TEST_F(FilterTest, ValuesAreCheckedWhereTheyAre) {
  EXPECT_THAT(
      Violations("ListContacts",
                 "id { in { values: '01920000-0000-7000-8000-000000000001' values: 'x' } } "
                 "any_of { } any_of { type { ne: 9 } } "
                 "orders { some { contact { name { contains: 'a\\000' } } } }"),
      ElementsAre("filter.id.in.values[1]: must be a UUID",
                  "filter.orders.some.contact.name.contains: must not contain NUL (U+0000)",
                  "filter.any_of[1].type.ne: must be a value of saas.v1.ContactType, not 9"));
  EXPECT_THAT(Violations("ListContacts", "name { like: 'a\\\\' } phone { ilike: '\\\\\\\\' }"),
              ElementsAre("filter.name.like: must not end with one backslash: write two for a "
                          "backslash itself"));
  EXPECT_THAT(Violations("ListContacts", "name { between { from: 'a' } }"),
              ElementsAre("filter.name.between.to: is required"));
  EXPECT_THAT(Violations("ListContacts",
                         "metadata { at { eq { number_value: nan } } at { "
                         "path: 'a' eq { } } }"),
              ElementsAre("filter.metadata.at[0].path: must not be empty",
                          "filter.metadata.at[0].eq: must not contain NaN or infinity",
                          "filter.metadata.at[1].eq: must not contain a value of no kind"));
  EXPECT_THAT(Violations("ListSamples",
                         "real { lt: nan } doubles { contains { values: nan } } "
                         "maybe_double { lt: inf }"),
              ElementsAre("filter.real.lt: must not be NaN",
                          "filter.doubles.contains.values[0]: must not be NaN"));
}

TEST_F(FilterTest, DepthHasALimit) {
  const auto nested = [](int depth) {
    std::string filter = "name { eq: 'a' }";
    for (int i = 1; i < depth; ++i) filter = absl::StrCat("all_of { ", filter, " }");
    return filter;
  };
  EXPECT_THAT(Violations("ListContacts", nested(5)), IsEmpty());
  EXPECT_THAT(Violations("ListContacts", nested(6)),
              ElementsAre("filter.all_of[0].all_of[0].all_of[0].all_of[0].all_of[0]: must have at "
                          "most 5 filters within each other"));
  // Relations are filters too.
  EXPECT_THAT(
      Violations("ListContacts",
                 "orders { some { contact { orders { some { contact { orders { none { } } } } } } }"
                 " }"),
      ElementsAre("filter.orders.some.contact.orders.some.contact.orders.none: must have at most 5 "
                  "filters within each other"));
}

TEST_F(FilterTest, ConditionsHaveALimit) {
  const auto many = [](int conditions) {
    std::string filter;
    for (int i = 0; i < conditions / 2; ++i) filter += "any_of { name { eq: 'a' } } ";
    return filter;
  };
  EXPECT_THAT(Violations("ListContacts", many(100)), IsEmpty());
  EXPECT_THAT(Violations("ListContacts", many(400)),
              ElementsAre("filter.any_of[50]: must have at most 100 conditions in all: operators, "
                          "relations, and entries of all_of, any_of and none_of"));
}

TEST_F(FilterTest, WhatSaysNothingIsNoCondition) {
  const std::string nothing = Where("ListContacts", "");
  EXPECT_EQ(Where("ListContacts", "name { } orders { } metadata { }"), nothing);
  EXPECT_NE(Where("ListContacts", "name { in { } }"), nothing);
}

TEST_F(FilterTest, PageTokensBelongToTheWholeFilter) {
  const std::vector<std::string> filters = {
      "",
      "name { eq: 'a' }",
      "name { eq: 'b' }",
      "name { ne: 'a' }",
      "name { in { values: 'a' } }",
      "name { in { values: 'a' values: 'b' } }",
      "name { in { } }",
      "name { contains: 'a' }",
      "name { starts_with: 'a' }",
      "email { eq: 'a' }",
      "all_of { name { eq: 'a' } all_of { name { eq: 'b' } } }",
      "any_of { name { eq: 'a' } } any_of { name { eq: 'b' } }",
      "none_of { name { eq: 'a' } }",
      "orders { some { total_cents { eq: 1 } } }",
      "orders { some { total_cents { eq: 2 } } }",
      "orders { none { total_cents { eq: 1 } } }",
      "orders { every { total_cents { eq: 1 } } }",
      "metadata { has_key: 'a' }",
      "metadata { at { path: 'a' path: 'b' exists: true } }",
      "metadata { at { path: 'ab' exists: true } }",
      "metadata { at { path: 'ab' exists: false } }",
  };
  std::map<std::uint64_t, std::string> seen;
  for (const std::string& filter : filters) {
    const auto [first, fresh] = seen.emplace(Fingerprint("ListContacts", filter), filter);
    EXPECT_TRUE(fresh) << "{" << filter << "} and {" << first->second << "}";
    EXPECT_EQ(Fingerprint("ListContacts", filter), first->first);
  }
}

// Fields of a Struct have no order.
TEST_F(FilterTest, PageTokensBelongToJsonWhateverItsOrder) {
  const auto with = [&](const std::vector<std::string>& keys) {
    std::string text = "metadata { contains { ";
    for (const std::string& key : keys) {
      absl::StrAppend(&text, "fields { key: '", key, "' value { bool_value: true } } ");
    }
    return Fingerprint("ListContacts", text + "} }");
  };
  EXPECT_EQ(with({"a", "b", "c", "d", "e"}), with({"e", "c", "d", "b", "a"}));
}

TEST_F(FilterTest, ValuesAreParametersOnly) {
  const std::string sql = Where("ListContacts",
                                "name { contains: 'Mallory' in { values: 'Mallory' } } "
                                "metadata { has_key: 'Mallory' at { path: 'Mallory' exists: true } "
                                "contains { fields { key: 'Mallory' value { bool_value: true } } } "
                                "}");
  EXPECT_THAT(sql, ::testing::Not(::testing::HasSubstr("Mallory")));
}

}  // namespace
}  // namespace tenantry::methods
