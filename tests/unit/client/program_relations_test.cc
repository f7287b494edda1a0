// Rows of relations, as the program prints them.
#include <algorithm>
#include <limits>
#include <map>

#include "client/cli/failure.h"
#include "google/protobuf/util/json_util.h"
#include "saas/v1/commerce_service.pb.h"
#include "saas/v1/crm_service.pb.h"
#include "tests/unit/client/program_fixture.h"

namespace tenantry::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kOrders[] = R"({"orders": [
    {"id": "o1", "total_cents": 3055, "contact": {"id": "c1", "name": "Ada"},
     "items": [{"id": "i1", "quantity": 2, "product": {"id": "p1", "name": "Hand saw"}},
               {"id": "i2", "quantity": 13, "product": {"id": "p2", "name": "Claw hammer"}}]},
    {"id": "o2", "total_cents": 9},
    {"id": "o3", "total_cents": 12, "contact": {"id": "c1", "name": "Grace"},
     "items": [{"id": "i3", "quantity": 1}]}]})";

TEST_F(ProgramTest, RowsOfRelationsStandBesideTheirRow) {
  server_.Answer("OrderService/ListOrders", kOrders);
  const std::vector<std::string> list = {"order", "list", "--select",
                                         "total_cents,contact.name,items.quantity,"
                                         "items.product.name"};
  ASSERT_EQ(Run(list), kDone) << err();
  EXPECT_EQ(out(),
            "id  total_cents  contact.name  items.quantity  items.product.name\n"
            "o1         3055  Ada                        2  Hand saw\n"
            "                                           13  Claw hammer\n"
            "o2            9                                \n"
            "o3           12  Grace                      1  \n");

  width_ = 40;
  ASSERT_EQ(Run({"order", "list", "--select", "total_cents,contact.name,items.product.name"}),
            kDone);
  EXPECT_EQ(out(),
            "total_cents  contact.name  \xe2\x80\xa6product.name\n"
            "       3055  Ada           Hand saw\n"
            "                           Claw hammer\n"
            "          9                \n"
            "         12  Grace         \n"
            "(too narrow for id; choose with --columns, or -o json)\n");
  width_ = 26;  // no room for the products, nor for the lines that only they are on
  ASSERT_EQ(Run({"order", "list", "--select", "total_cents,contact.name,items.product.name"}),
            kDone);
  EXPECT_EQ(out(),
            "total_cents  contact.name\n"
            "       3055  Ada\n"
            "          9  \n"
            "         12  Grace\n"
            "(too narrow for items.product.name, id; choose with --columns, or -o json)\n");
}

TEST_F(ProgramTest, RelationsWithinRelations) {
  server_.Answer("ContactService/ListContacts",
                 R"({"contacts": [{"id": "c1", "name": "Ada",
      "addresses": [{"id": "a1", "city": "Hull"}, {"id": "a2", "city": "Cork"}, {"city": "Lyon"}],
      "orders": [{"id": "o1", "total_cents": 5,
                  "items": [{"product": {"name": "Saw"}}, {"product": {"name": "Nail"}}]},
                 {"id": "o2", "total_cents": 6}]},
      {"id": "c2", "name": "Eve", "orders": [{"id": "o3", "total_cents": 7}]}]})");
  ASSERT_EQ(Run({"contact", "list", "--select",
                 "name,addresses.city,orders.total_cents,orders.items.product.name"}),
            kDone)
      << err();
  EXPECT_EQ(out(),
            "id  name  addresses.city  orders.total_cents  orders.items.product.name\n"
            "c1  Ada   Hull                             5  Saw\n"
            "          Cork                                Nail\n"
            "          Lyon                             6  \n"
            "c2  Eve                                    7  \n");
  ASSERT_EQ(Run({"contact", "list", "--select", "name,orders.items.product.name", "--columns",
                 "name,orders.items"}),
            kDone)
      << err();
  EXPECT_THAT(out(), HasSubstr("name  orders.items.product.name\nAda   Saw\n      Nail\n"));
  EXPECT_EQ(Run({"contact", "list", "--columns", "orders.nmae"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("no field nmae"));
  EXPECT_EQ(Run({"contact", "list", "--columns", "name.x"}), kUsage);
}

// What relations come to: a column for each, by their names in the request.
TEST_F(ProgramTest, MeasuresOfRelations) {
  server_.Answer("ContactService/ListContacts",
                 R"({"contacts": [{"id": "c1", "name": "Ada", "aggregates": {
                       "orders_count": {"integer": 2}, "paid": {"integer": 30},
                       "addresses_max_city": {"text": "York"}}},
                     {"id": "c2", "name": "Eve", "aggregates": {
                       "orders_count": {"integer": 0}, "paid": {}, "addresses_max_city": {}}}]})");
  const std::string measures =
      "orders.count,paid=orders.sum:total_cents[status=shipped&total_cents>5],addresses.max:city";
  ASSERT_EQ(Run({"contact", "list", "--select", "name", "--measure", measures}), kDone) << err();
  EXPECT_EQ(out(),
            "id  name  addresses_max_city  orders_count  paid\n"
            "c1  Ada   York                           2    30\n"
            "c2  Eve                                  0      \n");
  const json aggregates = request()["select"]["aggregates"];
  ASSERT_EQ(aggregates["orders"].size(), 2u);
  EXPECT_EQ(aggregates["orders"][0]["function"], "AGGREGATE_FUNCTION_COUNT");
  EXPECT_EQ(aggregates["orders"][1]["name"], "paid");
  EXPECT_EQ(aggregates["orders"][1]["field"], "ORDER_FIELD_TOTAL_CENTS");
  EXPECT_EQ(aggregates["orders"][1]["filter"].size(), 2u);
  ASSERT_EQ(Run({"contact", "list", "--measure", measures, "--columns", "paid,name"}), kDone)
      << err();
  EXPECT_THAT(out(), HasSubstr("paid  name\n  30  Ada\n"));
  ASSERT_EQ(Run({"contact", "list", "--measure", measures, "-o", "ndjson"}), kDone) << err();
  EXPECT_THAT(out(), HasSubstr(R"("aggregates":{"addresses_max_city":{"text":"York"})"));

  // Of a row that a relation leads to.
  server_.Answer("OrderService/GetOrder", R"({"id": "o1", "contact": {"id": "c1", "aggregates": {
      "orders_count": {"integer": 2}}}})");
  ASSERT_EQ(Run({"order", "get", "o1", "--measure", "contact.orders.count"}), kDone) << err();
  EXPECT_THAT(out(), HasSubstr("contact.orders_count  2\n"));

  for (const auto& [words, why] : std::vector<std::pair<std::string, std::string>>{
           {"count", "names no relation, as in orders.count"},
           {"odrers.count", "no relation odrers to many rows; did you mean orders?"},
           {"orders.contact.count", "no relation contact to many rows; there are items"},
           {"orders.most:id", "no function most; there are count"},
           {"orders.sum:totl_cents", "no field totl_cents; did you mean total_cents?"},
           {"name.orders.count", "no relation name"},
           {"orders.count[", "does not end with ]"}}) {
    EXPECT_EQ(Run({"contact", "list", "--measure", words}), kUsage) << words;
    EXPECT_THAT(err(), HasSubstr(why)) << words;
  }
}

TEST_F(ProgramTest, OneRowHasATableForEachRelation) {
  server_.Answer("OrderService/GetOrder", R"({"id": "o1", "total_cents": 3055,
      "contact": {"id": "c1", "name": "Ada", "addresses": [{"city": "Hull"}]},
      "items": [{"id": "i1", "quantity": 2, "product": {"name": "Hand saw"}},
                {"id": "i2", "quantity": 13, "product": {"name": "Nail\n"}}]})");
  const std::string select =
      "total_cents,contact.name,contact.addresses.city,contact.orders.id,items.quantity,"
      "items.product.name";
  ASSERT_EQ(Run({"order", "get", "o1", "--select", select}), kDone) << err();
  EXPECT_EQ(out(),
            "id            o1\n"
            "total_cents   3055\n"
            "contact.name  Ada\n"
            "\n"
            "contact.addresses\n"
            "  city\n"
            "  Hull\n"
            "\n"
            "contact.orders\n"
            "  (no rows)\n"
            "\n"
            "items\n"
            "  quantity  product.name\n"
            "         2  Hand saw\n"
            "        13  Nail\\n\n");
  ASSERT_EQ(Run({"order", "get", "o1", "--select", "items,contact", "-o", "json"}), kDone);
  EXPECT_EQ(request()["select"]["items"]["select"]["quantity"], true) << "all of its columns";
  EXPECT_EQ(json::parse(out())["items"][1]["quantity"], 13);
}

}  // namespace
}  // namespace tenantry::cli
