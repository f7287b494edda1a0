// Random searches of random words, walked page by page, on a real database: held against plain SQL
// that makes the words of a row anew.
//
// TENANTRY_SEARCHES says how many for each schema, TENANTRY_SEED which.

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/pg/plan/lists.h"
#include "tests/pg/plan/order_maker.h"

namespace tenantry::test {
namespace {

// Words that stem to each other, that are none, and that mean something to a search.
constexpr const char* kWords[] = {
    "red",   "running", "runs", "run",  "shoe",    "Shoes", "the",        "or",   "a",       "and",
    "naïve", "42",      "-",    "it's", "wind-up", "&",     "!",          "日本", "foo.com", "\\",
    "red:A", "''",      "%",    "<->",  "shoe",    "red",   "red-haired", "|",    ":*",      "x"};

std::string RandomWords(std::mt19937& random, int most) {
  std::vector<std::string> words;
  for (int n = static_cast<int>(random() % static_cast<unsigned>(most + 1)); n > 0; --n) {
    words.emplace_back(kWords[random() % std::size(kWords)]);
  }
  return absl::StrJoin(words, " ");
}

void ShapeSearched(const Table& table, Message& row, std::mt19937& random) {
  if (!table.search.has_value()) return;
  for (const schema::Search::Part& part : table.search->parts) {
    const FieldDescriptor* field = row.GetDescriptor()->FindFieldByNumber(part.column->number());
    const bool is_key = std::ranges::count(table.primary_key, part.column) > 0;
    if (is_key || (field->has_presence() && random() % 4 == 0)) continue;
    const std::string text = RandomWords(random, 7);
    if (!text.empty()) row.GetReflection()->SetString(&row, field, text);
  }
}

// A question of the same words, with the signs of a web search among them.
std::string RandomQuestion(std::mt19937& random) {
  std::string text;
  for (int n = 1 + static_cast<int>(random() % 3); n > 0; --n) {
    constexpr const char* kBefore[] = {"", "", "", "-", "\"", " or "};
    constexpr const char* kAfter[] = {" ", " ", " ", "\" ", " or ", " -"};
    absl::StrAppend(&text, kBefore[random() % std::size(kBefore)],
                    kWords[random() % std::size(kWords)], kAfter[random() % std::size(kAfter)]);
  }
  return absl::StrCat(text, kWords[random() % 4]);
}

class SearchesTest : public Lists {
 protected:
  SearchesTest() : Lists(ShapeSearched) {
    std::erase_if(methods_,
                  [](const Method* method) { return !method->table->search.has_value(); });
  }

  // What the table's column should hold.
  static std::string VectorOf(const Table& table) {
    std::vector<std::string> parts;
    for (const schema::Search::Part& part : table.search->parts) {
      parts.push_back(absl::StrCat("setweight(to_tsvector(", table.search->configuration,
                                   ", coalesce(t.", part.column->sql_name, ", '')), '",
                                   v1::SearchWeight_Name(part.weight).substr(14), "')"));
    }
    return absl::StrCat("(", absl::StrJoin(parts, " || "), ")");
  }

  // Some with an order of their own, some with a filter.
  List RandomList(const Method& method) override {
    const Table& table = *method.table;
    List list{ListRequest(method, {}), {}};
    Message& request = *list.request;
    const std::string text = RandomQuestion(random_);
    SetText("search", text, request);
    pqxx::nontransaction quote(superuser_);
    const std::string query = absl::StrCat("websearch_to_tsquery(", table.search->configuration,
                                           ", ", quote.quote(text), ")");
    quote.abort();
    const std::string rank = absl::StrCat("ts_rank(", VectorOf(table), ", ", query, ") DESC");
    std::string order_by = rank;
    for (const schema::Column* column : table.primary_key) {
      absl::StrAppend(&order_by, ", t.", column->sql_name, " DESC");
    }
    const FieldDescriptor& orders = Named(request, "order_by");
    const int order = Below(4);
    if (order == 0) AddRank(request, orders);
    if (order == 1) {
      const std::string own = orders_.Fill(table, 2, request, orders);
      if (request.GetReflection()->FieldSize(request, &orders) > 0) order_by = own;
    }
    if (order == 2) {  // the rank between two columns
      AddRank(request, orders);
      const std::string own = orders_.Fill(table, 2, request, orders);
      if (request.GetReflection()->FieldSize(request, &orders) > 1) {
        order_by = absl::StrCat(rank, ", ", own);
      }
    }
    const Message* filter = nullptr;
    if (Below(3) == 0) {
      Message* field = request.GetReflection()->MutableMessage(&request, &Named(request, "filter"));
      filters_.Fill(table, 2, *field);
      filter = field;
    }
    list.expected =
        Ordered(table, order_by, Met(table, filter), absl::StrCat(VectorOf(table), " @@ ", query));
    found_ += list.expected.size();
    return list;
  }

  static void AddRank(Message& request, const FieldDescriptor& orders) {
    Message& entry = *request.GetReflection()->AddMessage(&request, &orders);
    entry.GetReflection()->SetBool(&entry, &Named(entry, "rank"), true);
  }

  OrderMaker orders_{random_};
  std::size_t found_ = 0;
};

TEST_P(SearchesTest, PagesThereAndBackAreTheRowsThatAreFound) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  std::cout << "TENANTRY_SEED=" << seed_ << "\n";
  ASSERT_FALSE(methods_.empty());
  const unsigned lists = FromEnvironment("TENANTRY_SEARCHES", 400);
  WalkRandom(lists);
  EXPECT_GT(found_, lists);
}

TEST_P(SearchesTest, AnAggregateIsOfTheRowsThatAreFound) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  for (int i = 0; i < 60 && !HasFailure(); ++i) {
    const Method& method = *methods_[static_cast<std::size_t>(i) % methods_.size()];
    const Method* aggregate = FindMethod(schema_, *method.table, v1::METHOD_KIND_AGGREGATE);
    ASSERT_NE(aggregate, nullptr);
    List list = RandomList(method);
    list.request->GetReflection()->ClearField(list.request.get(),
                                              &Named(*list.request, "order_by"));
    const MessagePtr request = AggregateRequest(*aggregate, {});
    SetText("search", TextOf("search", *list.request), *request);
    if (list.request->GetReflection()->HasField(*list.request, &Named(*list.request, "filter"))) {
      request->GetReflection()
          ->MutableMessage(request.get(), &Named(*request, "filter"))
          ->CopyFrom(list.request->GetReflection()->GetMessage(*list.request,
                                                               &Named(*list.request, "filter")));
    }
    SCOPED_TRACE(request->ShortDebugString());
    const MessagePtr reply = world_.Call(kTenant, *aggregate, *request);
    EXPECT_THAT(reply->ShortDebugString(),
                ::testing::HasSubstr(absl::StrCat("integer: ", list.expected.size(), " ")));
  }
}

TEST_P(SearchesTest, TheSqlAloneKeepsTenantsApart) {
  SCOPED_TRACE(::testing::Message() << "TENANTRY_SEED=" << seed_);
  DisableRowLevelSecurity();
  WalkRandom(100);
}

// That this would be seen.
TEST_P(SearchesTest, ASearchThatForgetsTheTenantIsFound) {
  DisableRowLevelSecurity();
  EXPECT_TRUE(FaultIsFound(R"re(t\."[a-z_]+" = \$1::uuid)re", "$$1::uuid IS NOT NULL"));
}
TEST_P(SearchesTest, APageThatForgetsTheRankIsFound) {
  EXPECT_TRUE(FaultIsFound(R"re(ORDER BY page\."tenantry order [0-9]" DESC, )re", "ORDER BY "));
}

INSTANTIATE_TEST_SUITE_P(Schemas, SearchesTest,
                         ::testing::Values("proto", "tests/support/schemas"));

}  // namespace
}  // namespace tenantry::test
