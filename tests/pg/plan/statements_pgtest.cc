// Calls of several statements: sent together, refused by the database together, and answered from
// all of their results.
#include <gtest/gtest.h>

#include <map>
#include <pqxx/pqxx>
#include <random>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/plan/plan.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/pg/plan/explain.h"
#include "tests/pg/plan/world.h"
#include "tests/support/saas_schema.h"
#include "tests/support/test_database.h"

namespace tenantry::test {
namespace {

using google::protobuf::Message;
using plan::Assignment;
using plan::Equals;
using plan::NoRow;
using plan::ReplyForm;
using schema::Column;
using schema::Table;

constexpr int kTenant = 1, kOtherTenant = 2;

class StatementsTest : public ::testing::Test {
 protected:
  StatementsTest() {
    for (int tenant : {kTenant, kOtherTenant}) {
      InsertTenant(*database_, schema_, TenantText(tenant));
      world_.Fill(tenant, 8, random_);
    }
  }

  static plan::FieldValue ValueOf(const Column& column, const Message& message) {
    return {&column, {&message, message.GetDescriptor()->FindFieldByNumber(column.number())}};
  }
  std::shared_ptr<const plan::Plan> PlanOf(const char* rpc, const plan::Query& query,
                                           plan::Reply reply) {
    return plan::MakePlan(testing::MethodNamed(testing::SaasSchema(), rpc), query, reply);
  }

  // Deletes the items of one order, then another order, or the same.
  plan::Call DeleteOrder(const Message& items_of, const Message& order) {
    plan::Call call;
    plan::Statement items;
    items.plan = PlanOf("DeleteOrderItem", plan::Delete{&items_, {Equals(order_id_, {1})}, {}}, {});
    items.Add(plan::FieldValue{&order_id_, ValueOf(id_, items_of).value});
    call.before.push_back(items);
    plan::Delete statement{&orders_, {Equals(id_, {1})}, {}};
    statement.refused = NoRow::kNotFound;
    call.plan = PlanOf("DeleteOrder", statement, {.form = ReplyForm::kEmpty});
    call.Add(ValueOf(id_, order));
    return call;
  }

  // Rows of all tenants whose column has the order's id.
  int Count(const Table& table, const Column& column, const Message& order) {
    pqxx::connection connection(database_->superuser_url());
    const std::string id = order.GetReflection()->GetString(
        order, order.GetDescriptor()->FindFieldByNumber(id_.number()));
    return pqxx::nontransaction(connection)
        .query_value<int>(absl::StrCat("SELECT count(*) FROM ", table.sql_name, " WHERE ",
                                       column.sql_name, " = '", id, "'"));
  }
  const Message& OrderWithItems() {
    for (const MessagePtr& order : world_.rows(kTenant, orders_)) {
      if (ItemsOf(*order) > 0) return *order;
    }
    ADD_FAILURE() << "no order has items";
    return *world_.rows(kTenant, orders_)[0];
  }
  int ItemsOf(const Message& order) { return Count(items_, order_id_, order); }
  int OrdersOf(const Message& order) { return Count(orders_, id_, order); }

  const unsigned seed_ = std::random_device()();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, absl::StrCat("seed ", seed_)};
  std::mt19937 random_{seed_};
  const schema::Schema& schema_ = testing::SaasSchema();
  const Table& contacts_ = TableNamed(schema_, "contacts");
  const Table& orders_ = TableNamed(schema_, "orders");
  const Table& items_ = TableNamed(schema_, "order_items");
  const Column& id_ = ColumnOf(orders_, "id");
  const Column& order_id_ = ColumnOf(items_, "order_id");
  std::unique_ptr<Database> database_ = CreateDatabase(schema_);
  MetricRegistry metrics_;
  pg::Executor executor_{{.database_url = database_->app_url()}, {}, metrics_};
  World world_{schema_, executor_, metrics_};
  MessagePtr reply_ = world_.messages().New(orders_);
};

TEST_F(StatementsTest, AllOfThemAreDone) {
  const Message& order = OrderWithItems();
  const absl::Status status = world_.Run(kTenant, DeleteOrder(order, order), *reply_);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(ItemsOf(order), 0);
  EXPECT_EQ(OrdersOf(order), 0);
}

TEST_F(StatementsTest, NoneIsDoneWhenOneIsRefused) {
  const Message& order = OrderWithItems();
  const int items = ItemsOf(order);
  const MessagePtr nothing = world_.messages().New(orders_);
  nothing->GetReflection()->SetString(nothing.get(),
                                      nothing->GetDescriptor()->FindFieldByName("id"),
                                      "01920000-0000-7000-8000-000000000404");
  for (const Message* missing : {nothing.get(), world_.rows(kOtherTenant, orders_)[0].get()}) {
    const absl::Status status = world_.Run(kTenant, DeleteOrder(order, *missing), *reply_);
    // As a Delete of one statement says it, and which of the two it was.
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(status.message(), "Order not found");
    const ErrorDetails details = DetailsOf(status);
    EXPECT_EQ(details.reason, "NOT_FOUND");
    EXPECT_EQ(
        (std::map<std::string, std::string>(details.metadata.begin(), details.metadata.end())),
        (std::map<std::string, std::string>{{"table", "orders"}, {"statement", "1"}}));
    EXPECT_EQ(ItemsOf(order), items);
  }
  EXPECT_EQ(OrdersOf(*world_.rows(kOtherTenant, orders_)[0]), 1);
}

TEST_F(StatementsTest, TheReplyIsMadeOfAllResults) {
  const Message& order = OrderWithItems();
  const MessagePtr changed = Copy(order);
  changed->GetReflection()->SetString(
      changed.get(), changed->GetDescriptor()->FindFieldByName("tracking_number"), "TRACK-1");
  const MessagePtr item = Copy(*world_.rows(kTenant, items_)[0]);
  item->GetReflection()->SetInt32(item.get(), item->GetDescriptor()->FindFieldByName("quantity"),
                                  77);

  plan::Call call;
  plan::Update update{&orders_,
                      {{&ColumnOf(orders_, "tracking_number"), Assignment::Source::kValue, {2}}},
                      {Equals(id_, {1})}};
  update.returning = {&id_, &ColumnOf(orders_, "tracking_number")};
  update.refused = NoRow::kNotFound;
  call.plan = PlanOf("UpdateOrder", update, {.form = ReplyForm::kRow});
  call.Add(ValueOf(id_, *changed));
  call.Add(ValueOf(ColumnOf(orders_, "tracking_number"), *changed));
  plan::Statement items;
  plan::Update of{&items_,
                  {{&ColumnOf(items_, "quantity"), Assignment::Source::kValue, {2}}},
                  {Equals(order_id_, {1})}};
  of.returning = {&ColumnOf(items_, "quantity")};
  items.plan = PlanOf("UpdateOrderItem", of, {});
  items.Add(plan::FieldValue{&order_id_, ValueOf(id_, *changed).value});
  items.Add(ValueOf(ColumnOf(items_, "quantity"), *item));
  call.after.push_back(items);
  for (int i = 0; i < ItemsOf(order); ++i) {
    call.below.push_back({RelationOf(orders_, "items").number, 1, i});
  }

  ASSERT_TRUE(world_.Run(kTenant, call, *reply_).ok());
  const auto* field = reply_->GetDescriptor()->FindFieldByName("items");
  const int count = reply_->GetReflection()->FieldSize(*reply_, field);
  EXPECT_EQ(count, ItemsOf(order));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(reply_->GetReflection()->GetRepeatedMessage(*reply_, field, i).ShortDebugString(),
              "quantity: 77");
  }
  EXPECT_NE(reply_->ShortDebugString().find("tracking_number: \"TRACK-1\""), std::string::npos);
}

TEST_F(StatementsTest, AnUpsertOfADeletedRowIsRefused) {
  const Message* deleted = nullptr;
  const auto is_deleted = [&](const Message& row) {
    return row.GetReflection()->HasField(row, row.GetDescriptor()->FindFieldByName("deleted_at"));
  };
  while (deleted == nullptr) {
    for (const MessagePtr& row : world_.rows(kTenant, contacts_)) {
      if (is_deleted(*row)) deleted = row.get();
    }
    if (deleted == nullptr) world_.Fill(kTenant, 4, random_);
  }
  const Column& id = ColumnOf(contacts_, "id");
  const Column& name = ColumnOf(contacts_, "name");
  plan::Insert insert{&contacts_,
                      {{&id, Assignment::Source::kValue, {1}},
                       {&name, Assignment::Source::kValue, {2}},
                       {contacts_.create_time, Assignment::Source::kNow, {}},
                       {contacts_.update_time, Assignment::Source::kNow, {}}}};
  insert.on_conflict = plan::OnConflict{{&id}, false, {{&name, Assignment::Source::kProposed, {}}}};
  insert.returning = {&id};
  insert.refused = NoRow::kDeleted;
  plan::Call call;
  call.plan = PlanOf("UpsertContact", insert, {.form = ReplyForm::kRow});
  call.Add(ValueOf(id, *deleted));
  call.Add(ValueOf(name, *deleted));
  const absl::Status status = world_.Run(kTenant, call, *reply_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "ROW_DELETED");
  EXPECT_EQ(status.message(), "the Contact with this key is deleted");
  // Of one statement nobody asks which it was.
  EXPECT_EQ(DetailsOf(status).metadata.size(), 1u);
}

TEST_F(StatementsTest, ARefusingStatementStillPaysForThePolicyOnce) {
  plan::Delete statement{&orders_, {Equals(id_, {1})}, {}};
  statement.refused = NoRow::kNotFound;
  const auto plan = PlanOf("DeleteOrder", statement, {});
  const PolicyChecks checks = FindPolicyChecks(Explain(*database_, plan->text->sql, 2));
  EXPECT_GT(checks.once, 0);
  EXPECT_EQ(checks.per_row, 0);
}

}  // namespace
}  // namespace tenantry::test
