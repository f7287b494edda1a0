// Reads with relations: their SQL as reviewed, and what the cells of their rows are.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "server/plan/plan.h"
#include "server/plan/print.h"
#include "tests/support/reads.h"
#include "tests/support/saas_schema.h"

namespace tenantry::plan {
namespace {

using schema::Table;
using test::ChildOf;
using test::ColumnOf;
using test::ExistsIn;
using test::IsNull;
using test::Not;
using test::ReadOf;
using test::TableNamed;
using test::TakePage;
using testing::SaasSchema;

const Table& Contacts() { return TableNamed(SaasSchema(), "contacts"); }
const Table& Addresses() { return TableNamed(SaasSchema(), "addresses"); }
const Table& Orders() { return TableNamed(SaasSchema(), "orders"); }
const Table& Items() { return TableNamed(SaasSchema(), "order_items"); }

Expr AtLeast(const schema::Column& column, Slot slot) {
  Expr expr = Equals(column, slot);
  expr.comparison = Comparison::kGreaterOrEqual;
  return expr;
}

Read OrderWithAll() {
  Read read = ReadOf(Orders(), {"id", "status"});
  read.where = {Equals(ColumnOf(Orders(), "id"), {1})};
  Child items = ChildOf(Orders(), "items", {"id", "quantity"});
  items.read.order = {{&ColumnOf(Items(), "id")}};
  items.read.children = {ChildOf(Items(), "product", {"name", "tags"})};
  read.children = {ChildOf(Orders(), "contact", {"name"}),
                   ChildOf(Orders(), "shipping_address", {"city"}), items};
  return read;
}

Read ContactsOfThreeLevels() {
  Read read = ReadOf(Contacts(), {"id", "name"});
  TakePage(read, {{&ColumnOf(Contacts(), "id")}}, {1});
  Child orders = ChildOf(Contacts(), "orders", {"created_at"});
  TakePage(orders.read,
           {{&ColumnOf(Orders(), "created_at"), true}, {&ColumnOf(Orders(), "id"), true}}, {2});
  Child items = ChildOf(Orders(), "items", {"quantity"});
  items.read.where = {AtLeast(ColumnOf(Items(), "price_cents"), {4})};
  TakePage(items.read, {{&ColumnOf(Items(), "id")}}, {3});
  orders.read.children = {items};
  read.children = {orders};
  return read;
}

TEST(RelationsTest, TheSqlIsAsReviewed) {
  // tests/golden/plan/relations.sql is what a reviewer reads; TENANTRY_UPDATE_GOLDEN=1 rewrites it.
  std::ostringstream plans;
  const auto add = [&](const char* what, const Query& query) {
    plans << "-- " << what << "\n" << Print(query)->sql << ";\n\n";
  };
  add("an order, its contact, its address, its items with their products", OrderWithAll());
  add("a page of contacts, with pages of their orders, with pages of the items of these",
      ContactsOfThreeLevels());

  Read bounded = ContactsOfThreeLevels();
  bounded.bytes_max = 1000;
  bounded.children = {ChildOf(Contacts(), "addresses", {"city"})};
  add("a page of contacts that ends by bytes, with their addresses", bounded);

  Read batch = ReadOf(Orders(), {"id"});
  batch.lookup = {{1}};
  batch.children = {ChildOf(Orders(), "contact", {"name"}), ChildOf(Orders(), "items", {"id"})};
  add("orders by their keys, with contact and items", batch);

  Read measured = ReadOf(Contacts(), {"id"});
  TakePage(measured, {{&ColumnOf(Contacts(), "id")}}, {1});
  Child totals = ChildOf(Contacts(), "orders", {});
  totals.measures = {{.where = {AtLeast(ColumnOf(Orders(), "total_cents"), {2})}},
                     {Measure::Function::kSum, &ColumnOf(Orders(), "total_cents"), {}},
                     {Measure::Function::kAverage, &ColumnOf(Orders(), "total_cents"), {}}};
  measured.children = {ChildOf(Contacts(), "addresses", {"city"}), totals};
  add("a page of contacts with their addresses and what their orders come to", measured);

  Read chain = ReadOf(Items(), {"id"});
  Child order = ChildOf(Items(), "order", {});
  order.read.children = {ChildOf(Orders(), "contact", {"name"})};
  order.read.children[0].read.deleted = Deleted::kShown;
  order.read.children[0].read.children = {ChildOf(Contacts(), "addresses", {"city"})};
  chain.children = {order};
  add("items with the contact of their order, deleted or not, and the addresses of that", chain);

  Read filtered = ReadOf(Contacts(), {"id"});
  filtered.where = {
      ExistsIn(Contacts(), "orders",
               {ExistsIn(Orders(), "items", {AtLeast(ColumnOf(Items(), "quantity"), {1})})}),
      Not(ExistsIn(Contacts(), "addresses", {}))};
  add("contacts that ordered so many of a thing, and have no address", filtered);

  Child contact = ChildOf(Addresses(), "contact", {"name"});
  contact.read.where = {Not(IsNull(ColumnOf(Contacts(), "email")))};
  Read conditional = ReadOf(Addresses(), {"id"});
  conditional.children = {contact};
  add("addresses, with their contact if it has an email address", conditional);

  add("an update of the contacts that ordered nothing",
      Update{.table = &Contacts(),
             .values = {{&ColumnOf(Contacts(), "is_active"), Assignment::Source::kValue, {1}}},
             .where = {Not(ExistsIn(Contacts(), "orders", {}))},
             .require = {},
             .deleted = Deleted::kHidden,
             .returning = {&ColumnOf(Contacts(), "id")},
             .children = {},
             .refused = {}});
  add("a delete of the orders of deleted contacts",
      Delete{.table = &Orders(),
             .where = {Not(ExistsIn(Orders(), "contact", {}))},
             .require = {},
             .returning = {},
             .refused = {}});

  const std::string path = testing::SourceDir() + "/tests/golden/plan/relations.sql";
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << plans.str();
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(plans.str(), golden.str());
}

TEST(RelationsTest, CellsAreCounted) {
  const schema::Method& method = testing::MethodNamed(SaasSchema(), "GetOrder");
  const Outputs outputs = MakePlan(method, OrderWithAll(), {})->outputs;
  // Two columns; contact and address with a cell that says whether they are there; the items.
  EXPECT_EQ(outputs.cells, 2 + 2 + 2 + 1);
  ASSERT_EQ(outputs.children.size(), 3u);
  EXPECT_EQ(outputs.children[0].row.table, &Contacts());
  EXPECT_EQ(outputs.children[2].row.cells, 2 + 3);
}

}  // namespace
}  // namespace tenantry::plan
