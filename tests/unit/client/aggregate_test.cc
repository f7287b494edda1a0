// The flags of aggregates, and their groups as tables.
#include "client/cli/aggregate.h"

#include <sstream>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "saas/v1/commerce_service.pb.h"

namespace tenantry::cli {
namespace {

using saas::v1::AggregateOrdersRequest;
using saas::v1::AggregateOrdersResponse;
using saas::v1::Order;
using ::testing::Contains;
using ::testing::HasSubstr;

absl::StatusOr<AggregateOrdersRequest> Request(const AggregateWords& words) {
  AggregateOrdersRequest request;
  absl::Status status = AddAggregate(words, *Order::descriptor(), request);
  if (!status.ok()) return status;
  return request;
}

// The request as text, or what is wrong.
std::string Text(const AggregateWords& words) {
  const auto request = Request(words);
  if (!request.ok()) return std::string(request.status().message());
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(*request, &text);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

AggregateWords By(const std::string& text) { return {.by = {text}}; }
AggregateWords Measure(const std::string& text) { return {.measures = {text}}; }

TEST(AggregateTest, Groups) {
  EXPECT_EQ(Text(By("status,created-at:day")),
            "group_by { field: ORDER_FIELD_STATUS } "
            "group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_DAY }");
  EXPECT_EQ(Text(By("created_at:week@Europe/Berlin")),
            "group_by { field: ORDER_FIELD_CREATED_AT unit: TIME_UNIT_WEEK "
            "time_zone: \"Europe/Berlin\" }");
  EXPECT_EQ(Text(By("shipping_address.contact.type")),
            "group_by { shipping_address { contact { field: CONTACT_FIELD_TYPE } } }");
}

TEST(AggregateTest, Measures) {
  EXPECT_EQ(Text(Measure("count,sum:total_cents")),
            "measures { function: AGGREGATE_FUNCTION_COUNT } "
            "measures { function: AGGREGATE_FUNCTION_SUM field: ORDER_FIELD_TOTAL_CENTS }");
  EXPECT_EQ(Text(Measure("buyers=count-distinct:contact_id")),
            "measures { name: \"buyers\" function: AGGREGATE_FUNCTION_COUNT_DISTINCT "
            "field: ORDER_FIELD_CONTACT_ID }");
  EXPECT_EQ(
      Text(Measure("paid=count[status=shipped,delivered&total_cents>5],avg:total_cents")),
      "measures { name: \"paid\" function: AGGREGATE_FUNCTION_COUNT filter { status { in { "
      "values: ORDER_STATUS_SHIPPED values: ORDER_STATUS_DELIVERED } } total_cents { gt: 5 } } } "
      "measures { function: AGGREGATE_FUNCTION_AVG field: ORDER_FIELD_TOTAL_CENTS }");
}

// By the kind of value that a measure comes to.
TEST(AggregateTest, Having) {
  const auto having = [](const std::string& condition) {
    const std::string text = Text({.measures = {"count,sum:total_cents,avg:total_cents,"
                                                "max:created_at,min:tracking_number"},
                                   .having = {condition}});
    const std::size_t at = text.find("having {");
    return at == std::string::npos ? text : text.substr(at);
  };
  EXPECT_EQ(having("count>10"), "having { measure: \"count\" integer { gt: 10 } }");
  EXPECT_EQ(having("sum_total_cents.between=1,5"),
            "having { measure: \"sum_total_cents\" integer { between { from: 1 to: 5 } } }");
  EXPECT_EQ(having("avg_total_cents<=1.5"),
            "having { measure: \"avg_total_cents\" decimal { lte: \"1.5\" } }");
  EXPECT_EQ(having("max_created_at!=null"),
            "having { measure: \"max_created_at\" timestamp { is_null: false } }");
  EXPECT_EQ(having("min_tracking_number~a"),
            "having { measure: \"min_tracking_number\" text { icontains: \"a\" } }");
  EXPECT_THAT(having("cuont>1"), HasSubstr("--having: no measure cuont; did you mean count?"));
  EXPECT_THAT(having("count"), HasSubstr("--having: \"count\" is no condition"));
  EXPECT_THAT(having("count>x"), HasSubstr("--having count must be a whole number"));
  EXPECT_EQ(Text({.having = {"count>1"}}), "having { measure: \"count\" integer { gt: 1 } }");
}

TEST(AggregateTest, Order) {
  EXPECT_EQ(
      Text({.by = {"status,contact.type"},
            .measures = {"sum:total_cents"},
            .order = {"-sum_total_cents:nulls-last,contact.type"}}),
      "group_by { field: ORDER_FIELD_STATUS } group_by { contact { field: CONTACT_FIELD_TYPE } "
      "} measures { function: AGGREGATE_FUNCTION_SUM field: ORDER_FIELD_TOTAL_CENTS } "
      "order_by { measure: \"sum_total_cents\" direction: DIRECTION_DESC nulls: NULLS_LAST } "
      "order_by { group: 1 }");
  EXPECT_THAT(Text({.by = {"status"}, .order = {"statsu"}}),
              HasSubstr("--order: neither a measure nor in --by: statsu; did you mean status?"));
}

TEST(AggregateTest, Mistakes) {
  EXPECT_EQ(Text(By("statsu")), "--by: no field statsu; did you mean status?");
  EXPECT_EQ(Text(By("created_at:dya")), "--by: no unit dya; did you mean day?");
  EXPECT_EQ(Text(By("contcat.type")),
            "--by: no relation contcat to one row; did you mean contact?");
  EXPECT_EQ(Text(By("items.quantity")),
            "--by: no relation items to one row; there are contact, shipping_address");
  EXPECT_EQ(Text(Measure("summ:total_cents")), "--measure: no function summ; did you mean sum?");
  EXPECT_EQ(Text(Measure("sum:total")),
            "--measure: no field total; there are id, contact_id, status, "
            "total_cents, shipping_address_id, stripe_payment_intent_id, "
            "tracking_number, created_at, updated_at");
  EXPECT_EQ(Text(Measure("count[status=shipped")),
            "--measure: count[status=shipped does not end with ]");
  EXPECT_THAT(Text(Measure("count[statsu=paid]")),
              HasSubstr("--measure: no field statsu; did you mean status?"));
}

TEST(AggregateTest, Completion) {
  const auto& by = *saas::v1::OrderGroupBy::descriptor();
  EXPECT_THAT(GroupByFields(by, "st"), Contains("status"));
  EXPECT_THAT(GroupByFields(by, "status,con"), Contains("status,contact."));
  EXPECT_THAT(GroupByFields(by, "status,contact."), Contains("status,contact.type"));
}

TEST(AggregateTest, GroupsAreATable) {
  const auto request = Request({.by = {"status,created_at:month,contact.type"},
                                .measures = {"count,sum:total_cents,max:created_at"}});
  ASSERT_TRUE(request.ok());
  AggregateOrdersResponse reply;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    groups {
      key { status: ORDER_STATUS_SHIPPED created_at { seconds: 1764547200 } contact { type: CONTACT_TYPE_COMPANY } }
      values { key: 'count' value { integer: 12 } }
      values { key: 'sum_total_cents' value { integer: 99000 } }
      values { key: 'max_created_at' value { timestamp { seconds: 1764547201 } } }
    }
    groups {
      key { }
      values { key: 'count' value { integer: 0 } }
      values { key: 'sum_total_cents' value { } }
      values { key: 'max_created_at' value { } }
    })",
                                                            &reply));
  std::ostringstream out, notes;
  ASSERT_TRUE(PrintGroups(*request, reply, {}, out, notes).ok());
  EXPECT_EQ(notes.str(), "");
  reply.set_has_more(true);
  EXPECT_EQ(out.str(),
            "status   created_at            contact.type  count  sum_total_cents  max_created_at\n"
            "shipped  2025-12-01T00:00:00Z  company          12            99000  "
            "2025-12-01T00:00:01Z\n"
            "                                                 0                   \n");
  std::ostringstream some;
  OutputStyle style;
  style.columns = {"status", "count"};
  ASSERT_TRUE(PrintGroups(*request, reply, style, some, notes).ok());
  EXPECT_EQ(some.str(), "status   count\nshipped     12\n             0\n");
  EXPECT_EQ(notes.str(), "there are more groups: --limit shows more of them\n");
  style.columns = {"nothing"};
  EXPECT_FALSE(PrintGroups(*request, reply, style, some, notes).ok());
}

}  // namespace
}  // namespace tenantry::cli
