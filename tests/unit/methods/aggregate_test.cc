// What requests of Aggregate become: their SQL as reviewed, and what is refused.
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
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::LedgerSchema;
using testing::MakeRequest;
using testing::MethodNamed;
using testing::SaasSchema;

class AggregateTest : public ::testing::Test {
 protected:
  absl::StatusOr<plan::Call> Prepare(std::string_view rpc, const std::string& text) {
    const bool saas = rpc != "AggregateSamples" && rpc != "AggregateAccounts";
    const schema::Method& method = MethodNamed(saas ? SaasSchema() : LedgerSchema(), rpc);
    requests_.push_back(MakeRequest(method, text));
    return (saas ? saas_ : ledger_).Prepare(method, *requests_.back());
  }

  std::string Sql(std::string_view rpc, const std::string& text) {
    absl::StatusOr<plan::Call> call = Prepare(rpc, text);
    EXPECT_TRUE(call.ok()) << text << call.status();
    return call.ok() ? call->plan->text->sql : "";
  }

  std::vector<std::string> Violations(const std::string& text,
                                      std::string_view rpc = "AggregateOrders") {
    std::vector<std::string> found;
    for (const FieldViolation& violation : DetailsOf(Prepare(rpc, text).status()).violations) {
      found.push_back(violation.field + ": " + violation.description);
    }
    return found;
  }

  MetricRegistry metrics_;
  Planner saas_{SaasSchema(), PlannerOptions{}, metrics_};
  Planner ledger_{LedgerSchema(), PlannerOptions{}, metrics_};
  std::vector<std::unique_ptr<google::protobuf::Message>> requests_;
};

constexpr char kSum[] =
    "measures { function: AGGREGATE_FUNCTION_SUM field: ORDER_FIELD_TOTAL_CENTS }";
constexpr char kByDay[] = "group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_DAY }";

TEST_F(AggregateTest, TheSqlIsAsReviewed) {
  // tests/golden/plan/aggregates.sql is what a reviewer reads; TENANTRY_UPDATE_GOLDEN=1 rewrites
  // it.
  std::ostringstream plans;
  const auto add = [&](std::string_view rpc, const std::string& text) {
    plans << "-- " << rpc << " {" << text << "}\n" << Sql(rpc, text) << ";\n\n";
  };
  add("AggregateOrders", "");
  add("AggregateContacts", "show_deleted: true filter { email { is_null: false } }");
  add("AggregateOrders", absl::StrCat("group_by { field: ORDER_FIELD_STATUS } ", kByDay, " ", kSum,
                                      " order_by { measure: 'sum_total_cents' "
                                      "direction: DIRECTION_DESC nulls: NULLS_LAST }"));
  add("AggregateOrders",
      "group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_WEEK time_zone: 'Europe/Berlin' } "
      "measures { name: 'paid' function: AGGREGATE_FUNCTION_COUNT "
      "filter { status { eq: ORDER_STATUS_SHIPPED } items { some { quantity { gt: 2 } } } } } "
      "measures { function: AGGREGATE_FUNCTION_COUNT_DISTINCT field: ORDER_FIELD_CONTACT_ID } "
      "having { measure: 'paid' integer { gte: 3 lt: 9 } } limit: 5");
  add("AggregateOrders",
      "group_by { contact { field: CONTACT_FIELD_TYPE } } group_by { field: ORDER_FIELD_STATUS } "
      "group_by { contact { field: CONTACT_FIELD_IS_ACTIVE } } "
      "group_by { shipping_address { contact { field: CONTACT_FIELD_EMAIL } } } "
      "measures { function: AGGREGATE_FUNCTION_AVG field: ORDER_FIELD_TOTAL_CENTS } "
      "measures { function: AGGREGATE_FUNCTION_MIN field: ORDER_FIELD_TOTAL_CENTS } "
      "measures { function: AGGREGATE_FUNCTION_MAX field: ORDER_FIELD_CREATED_AT } "
      "having { measure: 'avg_total_cents' decimal { ne: '1.5' } } order_by { group: 1 }");
  add("AggregateContacts",
      "group_by { field: CONTACT_FIELD_NOTES } "
      "measures { function: AGGREGATE_FUNCTION_MAX field: CONTACT_FIELD_NAME }");  // may be large
  for (const char* function : {"SUM", "AVG", "MIN", "MAX"}) {
    std::string measures;
    for (const char* field : {"INT", "BIGINT", "REAL", "DOUBLE", "NUMERIC"}) {
      absl::StrAppend(&measures, " measures { function: AGGREGATE_FUNCTION_", function,
                      " field: SAMPLE_FIELD_", field, " }");
    }
    add("AggregateSamples", measures);
  }

  const std::string path = testing::SourceDir() + "/tests/golden/plan/aggregates.sql";
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << plans.str();
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(plans.str(), golden.str());
}

TEST_F(AggregateTest, ValuesAndNamesMakeNoPlan) {
  const auto with = [&](const char* name, int least, int limit) {
    return Prepare("AggregateOrders",
                   absl::StrCat("measures { name: '", name,
                                "' function: AGGREGATE_FUNCTION_COUNT } having { measure: '", name,
                                "' integer { gt: ", least, " } } limit: ", limit))
        ->plan;
  };
  EXPECT_EQ(with("a", 1, 2), with("b", 3, 4));
  const auto zone = [&](const char* name) {
    return Prepare("AggregateOrders",
                   absl::StrCat("group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_DAY "
                                "time_zone: '",
                                name, "' }"))
        ->plan;
  };
  EXPECT_EQ(zone("Europe/Berlin"), zone("Asia/Kathmandu"));
  EXPECT_THAT(zone("Europe/Berlin")->text->sql, ::testing::Not(HasSubstr("Berlin")));
}

// All that tells one query from another makes another plan.
TEST_F(AggregateTest, EveryPartMakesAPlan) {
  std::vector<std::string> requests = {
      "",
      "group_by { field: ORDER_FIELD_STATUS }",
      "group_by { field: ORDER_FIELD_CREATED_AT }",
      "group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_HOUR }",
      "group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_DAY }",
      "group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_DAY time_zone: 'Europe/Berlin' }",
      "group_by { contact { field: CONTACT_FIELD_TYPE } }",
      "group_by { shipping_address { contact { field: CONTACT_FIELD_TYPE } } }",
      "group_by { field: ORDER_FIELD_STATUS } order_by { group: 0 direction: DIRECTION_DESC }",
      "group_by { field: ORDER_FIELD_STATUS } order_by { group: 0 nulls: NULLS_FIRST }",
      "group_by { field: ORDER_FIELD_STATUS } order_by { measure: 'count' }",
      kSum,
      "measures { function: AGGREGATE_FUNCTION_AVG field: ORDER_FIELD_TOTAL_CENTS }",
      "measures { function: AGGREGATE_FUNCTION_COUNT field: ORDER_FIELD_TOTAL_CENTS }",
      "measures { function: AGGREGATE_FUNCTION_COUNT field: ORDER_FIELD_STATUS }",
      "measures { function: AGGREGATE_FUNCTION_COUNT filter { status { is_null: true } } }",
      "filter { status { is_null: true } }",
      "having { measure: 'count' integer { gt: 1 } }",
      "having { measure: 'count' integer { gte: 1 } }",
      absl::StrCat(kSum, "having { measure: 'sum_total_cents' integer { gt: 1 } }"),
  };
  std::set<const plan::Plan*> plans;
  std::set<std::string> texts;
  for (const std::string& request : requests) {
    const auto call = Prepare("AggregateOrders", request);
    ASSERT_TRUE(call.ok()) << request << call.status();
    plans.insert(call->plan.get());
    texts.insert(call->plan->text->sql);
  }
  EXPECT_EQ(plans.size(), requests.size());
  EXPECT_EQ(texts.size(), requests.size());
}

TEST_F(AggregateTest, GroupsAreChecked) {
  EXPECT_THAT(Violations("group_by { }"), ElementsAre("group_by[0].field: is required"));
  EXPECT_THAT(Violations("group_by { contact { } }"),
              ElementsAre("group_by[0].contact.field: is required"));
  EXPECT_THAT(Violations("group_by { field: 77 }"),
              ElementsAre(HasSubstr("group_by[0].field: must be a value of saas.v1.OrderField")));
  EXPECT_THAT(
      Violations("group_by { field: ORDER_FIELD_STATUS contact { field: CONTACT_FIELD_ID } }"),
      ElementsAre("group_by[0]: must have a field or one relation: make an entry of each"));
  EXPECT_THAT(
      Violations("group_by { field: ORDER_FIELD_STATUS unit: TIME_UNIT_DAY }"),
      ElementsAre("group_by[0].unit: is for times and dates, and status is neither: leave it "
                  "out"));
  EXPECT_THAT(Violations(absl::StrCat(kByDay, kByDay)),
              ElementsAre("group_by[1]: groups by created_at again: a column can be there once, in "
                          "one unit"));
  EXPECT_THAT(Violations("group_by { field: ORDER_FIELD_CREATED_AT time_zone: 'UTC' }"),
              ElementsAre("group_by[0].time_zone: needs a unit, whose beginning it decides"));
  std::string many;
  for (int i = 0; i < 17; ++i) many += "group_by { field: ORDER_FIELD_STATUS }";
  EXPECT_THAT(Violations(many), ElementsAre("group_by: must have at most 16 entries, has 17"));
}

TEST_F(AggregateTest, TimeZonesAreNames) {
  const auto of = [&](const std::string& zone) {
    return Violations("group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_DAY time_zone: '" +
                      zone + "' }");
  };
  for (const char* zone : {"UTC", "Europe/Berlin", "America/Port-au-Prince", "Etc/GMT",
                           "Etc/GMT+12", "America/Argentina/Buenos_Aires"}) {
    EXPECT_THAT(of(zone), IsEmpty()) << zone;
  }
  // The database would take some of these, and mean something.
  for (const char* zone : {"+02", "Foo3", "Europe/Foo3", "CET-1CEST", "<x>4", "/etc/passwd",
                           "Etc/GMT+", "Etc/GMT123", "a/", "UTC; DROP TABLE x"}) {
    EXPECT_THAT(of(zone),
                ElementsAre("group_by[0].time_zone: must be a name of IANA's list of time "
                            "zones, such as `Europe/Berlin`, or UTC"))
        << zone;
  }
}

TEST_F(AggregateTest, MeasuresAreChecked) {
  EXPECT_THAT(Violations("measures { }"), ElementsAre("measures[0].function: is required"));
  EXPECT_THAT(Violations("measures { function: AGGREGATE_FUNCTION_SUM }"),
              ElementsAre("measures[0].field: is required: only COUNT counts whole rows"));
  EXPECT_THAT(
      Violations("measures { function: AGGREGATE_FUNCTION_SUM field: ORDER_FIELD_STATUS }"),
      ElementsAre("measures[0].function: is of numbers, which status is not: MIN, MAX, COUNT "
                  "and COUNT_DISTINCT take other columns"));
  EXPECT_THAT(
      Violations("measures { function: AGGREGATE_FUNCTION_MAX field: ORDER_FIELD_STATUS }"),
      ElementsAre("measures[0].function: is of numbers, texts, dates and times, which status "
                  "is not: COUNT and COUNT_DISTINCT take any column"));
  EXPECT_THAT(Violations("measures { function: 99 }"),
              ElementsAre(HasSubstr("measures[0].function: must be a value of")));
  EXPECT_THAT(Violations(absl::StrCat(kSum, kSum)),
              ElementsAre("measures[1].name: `sum_total_cents` is the name of an earlier entry: "
                          "give this one another"));
  for (const char* name : {"1a", "a b", "a-b", "\\303\\244"}) {
    EXPECT_THAT(
        Violations(
            absl::StrCat("measures { name: '", name, "' function: AGGREGATE_FUNCTION_COUNT }")),
        ElementsAre("measures[0].name: must be of letters, digits and _, begin with no digit, "
                    "and have at most 63 characters"));
  }
  EXPECT_THAT(
      Violations("measures { function: AGGREGATE_FUNCTION_COUNT filter { contact_id { eq: 'x' "
                 "} } }"),
      ElementsAre("measures[0].filter.contact_id.eq: must be a UUID"));
}

TEST_F(AggregateTest, HavingAndOrderAreChecked) {
  EXPECT_THAT(Violations("having { integer { gt: 1 } }"),
              ElementsAre("having[0].measure: is required"));
  EXPECT_THAT(Violations("having { measure: 'x' integer { gt: 1 } }"),
              ElementsAre("having[0].measure: names no measure; there is count"));
  EXPECT_THAT(Violations("having { measure: 'count' }"),
              ElementsAre("having[0]: what count comes to is filtered by `integer`"));
  EXPECT_THAT(Violations("having { measure: 'count' decimal { gt: '1' } }"),
              ElementsAre("having[0].decimal: what count comes to is filtered by `integer`"));
  EXPECT_THAT(
      Violations("measures { function: AGGREGATE_FUNCTION_AVG field: ORDER_FIELD_TOTAL_CENTS "
                 "} having { measure: 'avg_total_cents' decimal { gt: 'x' } }"),
      ElementsAre("having[0].decimal.gt: must be a decimal number such as 12.50"));
  // What a measure that is not valid comes to is not known: its name is.
  EXPECT_THAT(Violations("measures { name: 's' function: AGGREGATE_FUNCTION_SUM } "
                         "having { measure: 's' integer { gt: 1 } } having { measure: 't' }"),
              ElementsAre("measures[0].field: is required: only COUNT counts whole rows",
                          "having[1].measure: names no measure; there is s"));
  EXPECT_THAT(Violations("order_by { }"), ElementsAre("order_by[0].measure: is required"));
  EXPECT_THAT(
      Violations("order_by { group: 0 }"),
      ElementsAre("order_by[0].group: must be the place of an entry of group_by, which has 0; "
                  "the first is 0"));
  EXPECT_THAT(Violations("order_by { measure: 'count' direction: 7 nulls: 8 }"),
              ElementsAre(HasSubstr("order_by[0].direction"), HasSubstr("order_by[0].nulls")));
  EXPECT_THAT(Violations("limit: -1"), ElementsAre("limit: must not be negative"));
}

// As FromDatabaseError says what only the database can tell.
TEST_F(AggregateTest, WhatTheDatabaseRefusesNamesItsField) {
  const auto call = Prepare("AggregateOrders", kByDay);
  const SqlText& text = *call->plan->text;
  DatabaseError error;
  error.sqlstate = "22023";
  EXPECT_THAT(FromDatabaseError(error, &text).message(),
              HasSubstr("group_by: has a time_zone that the database does not know"));
  error.sqlstate = "22003";
  EXPECT_THAT(FromDatabaseError(error, &text).message(),
              HasSubstr("measures: has a sum or an average that is more than a double can be"));
  EXPECT_TRUE(text.read_only);
}

}  // namespace
}  // namespace tenantry::methods
