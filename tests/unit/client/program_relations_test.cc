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
