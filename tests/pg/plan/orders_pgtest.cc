// Random orders, walked page by page, on a real database: held against plain SQL.
//
// TENANTRY_ORDERS says how many for each schema, TENANTRY_SEED which.

#include <iostream>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/pg/plan/lists.h"
#include "tests/pg/plan/order_maker.h"

namespace tenantry::test {
namespace {

class OrdersTest : public Lists {
 protected:
  // With a random order, some with a filter too.
  List RandomList(const Method& method) override {
    const Table& table = *method.table;
    List list{ListRequest(method, {}), {}};
    Message& request = *list.request;
    const std::string order_by = orders_.Fill(table, 3, request, Named(request, "order_by"));
    const Message* filter = nullptr;
    if (Below(3) == 0) {
      Message* field = request.GetReflection()->MutableMessage(&request, &Named(request, "filter"));
      filters_.Fill(table, 2, *field);
      filter = field;
    }
    list.expected = Ordered(table, order_by, Met(table, filter));
    return list;
  }

  OrderMaker orders_{random_};
};

TEST_P(OrdersTest, PagesThereAndBackAreTheRowsInTheirOrder) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  std::cout << "TENANTRY_SEED=" << seed_ << "\n";
  WalkRandom(FromEnvironment("TENANTRY_ORDERS", 400));
}

TEST_P(OrdersTest, SkipPassesOverRowsFromWhereTheTokenPoints) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  for (int i = 0; i < 60 && !HasFailure(); ++i) {
    const Method& method = *methods_[static_cast<std::size_t>(i) % methods_.size()];
    List list = RandomList(method);
    Message& request = *list.request;
    SCOPED_TRACE(request.ShortDebugString());
    SetPageSize(request);
    std::size_t at = 0;
    while (true) {
      const std::size_t skip = static_cast<std::size_t>(Below(4));
      request.GetReflection()->SetInt64(&request, &Named(request, "skip"),
                                        static_cast<std::int64_t>(skip));
      const Page page = Ask(method, request);
      at = std::min(at + skip, list.expected.size());
      const Keys rest(list.expected.begin() + static_cast<std::ptrdiff_t>(at), list.expected.end());
      ASSERT_LE(page.keys.size(), rest.size());
      EXPECT_EQ(page.keys, Keys(rest.begin(), rest.begin() + page.keys.size()));
      const bool first = TextOf("page_token", request).empty();
      EXPECT_EQ(page.previous.empty(), first && (skip == 0 || page.keys.empty()));
      at += page.keys.size();
      EXPECT_EQ(page.next.empty(), at == list.expected.size());
      if (page.next.empty()) break;
      SetText("page_token", page.next, request);
    }
  }
}

// A page that begins where no row is left leads back to the rows before it.
TEST_P(OrdersTest, APageWithoutRowsLeadsBack) {
  const Method& method = *methods_.back();
  ASSERT_GT(world_.rows(kTenant, *method.table).size(), 2u);
  const MessagePtr request = ListRequest(method, {.page_size = 2});
  const Page first = Ask(method, *request);
  ASSERT_NE(first.next, "");
  request->GetReflection()->SetInt64(request.get(), &Named(*request, "skip"), 1000);
  SetText("page_token", first.next, *request);
  const Page none = Ask(method, *request);
  EXPECT_TRUE(none.keys.empty());
  EXPECT_EQ(none.next, "");
  request->GetReflection()->ClearField(request.get(), &Named(*request, "skip"));
  SetText("page_token", none.previous, *request);
  EXPECT_EQ(Ask(method, *request).keys, first.keys);
}

TEST_P(OrdersTest, RelationsHaveTheirOwnOrder) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  int children = 0;
  for (int i = 0; i < 60 && !HasFailure(); ++i) {
    const Method& method = *methods_[static_cast<std::size_t>(i) % methods_.size()];
    for (const schema::Relation& relation : method.table->relations) {
      const MessagePtr request = ListRequest(method, {.page_size = 5});
      Message& select =
          *request->GetReflection()->MutableMessage(request.get(), &Named(*request, "select"));
      const FieldDescriptor* field = select.GetDescriptor()->FindFieldByNumber(relation.number);
      if (!relation.many || field == nullptr) continue;
      Message& list = *select.GetReflection()->MutableMessage(&select, field);
      const Table& target = *relation.target;
      const std::string order_by = orders_.Fill(target, 3, list, Named(list, "order_by"));
      const int limit = 1 + Below(4), skip = Below(3);
      list.GetReflection()->SetInt32(&list, &Named(list, "limit"), limit);
      list.GetReflection()->SetInt64(&list, &Named(list, "skip"), skip);
      SCOPED_TRACE(request->ShortDebugString());
      const MessagePtr reply = world_.Call(kTenant, method, *request);
      for (const Message* row : RowsOf(*reply)) {
        const FieldDescriptor* many = row->GetDescriptor()->FindFieldByNumber(relation.number);
        Keys keys;
        for (int child = 0; child < row->GetReflection()->FieldSize(*row, many); ++child) {
          keys.push_back(
              KeyOf(target, row->GetReflection()->GetRepeatedMessage(*row, many, child)));
        }
        std::string tie = "true";
        for (std::size_t c = 0; c < relation.columns.size(); ++c) {
          pqxx::nontransaction quote(superuser_);
          const FieldDescriptor* key =
              row->GetDescriptor()->FindFieldByNumber(relation.columns[c]->number());
          ASSERT_EQ(key->cpp_type(), FieldDescriptor::CPPTYPE_STRING);
          absl::StrAppend(&tie, " AND t.", relation.references[c]->sql_name,
                          "::text = ", quote.quote(row->GetReflection()->GetString(*row, key)));
        }
        Keys expected = Ordered(target, order_by, Met(target, nullptr), tie);
        const auto from = std::min<std::size_t>(static_cast<std::size_t>(skip), expected.size());
        expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(from));
        if (expected.size() > static_cast<std::size_t>(limit)) {
          expected.resize(static_cast<std::size_t>(limit));
        }
        EXPECT_EQ(keys, expected);
        children += static_cast<int>(keys.size());
      }
    }
  }
  EXPECT_GT(children, 0);
}

TEST_P(OrdersTest, AnEstimateIsAboutAsManyAsThereAre) {
  database_->Execute("ANALYZE");
  for (const Method* method : methods_) {
    const MessagePtr request = ListRequest(*method, {.page_size = 2});
    request->GetReflection()->SetEnumValue(request.get(), &Named(*request, "total"), 1);
    const Page page = Ask(*method, *request);
    EXPECT_GE(page.total, static_cast<std::int64_t>(page.keys.size())) << method->path;
    EXPECT_LE(page.total, 4 * kRows) << method->path;
  }
}

// Row-level security is the guard, but the conditions in the SQL would do alone: here no policy
// helps, and another tenant's rows have the same keys.
TEST_P(OrdersTest, TheSqlAloneKeepsTenantsApart) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  DisableRowLevelSecurity();
  WalkRandom(60);
}

// That this would be seen.
TEST_P(OrdersTest, AJoinThatForgetsTheTenantIsFound) {
  DisableRowLevelSecurity();
  EXPECT_TRUE(FaultIsFound(R"re( ON t[0-9]+\."[a-z_]+" = \$1::uuid AND )re", " ON "));
}
TEST_P(OrdersTest, ACountThatForgetsTheTenantIsFound) {
  DisableRowLevelSecurity();
  EXPECT_TRUE(FaultIsFound(R"re((SELECT count.* WHERE )t\."[a-z_]+" = \$1::uuid)re",
                           "$1$$1::uuid IS NOT NULL"));
}

INSTANTIATE_TEST_SUITE_P(Schemas, OrdersTest, ::testing::Values("proto", "tests/support/schemas"));

}  // namespace
}  // namespace tenantry::test
