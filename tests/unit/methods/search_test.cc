// What is searched for: the SQL as reviewed, and what is refused.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/base/status.h"
#include "server/methods/planner.h"
#include "server/plan/page_token.h"
#include "tests/support/saas_schema.h"

namespace tenantry::methods {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MakeRequest;
using testing::MethodNamed;
using testing::SaasSchema;

class SearchTest : public ::testing::Test {
 protected:
  absl::StatusOr<plan::Call> Prepare(std::string_view rpc, std::string_view text) {
    const schema::Method& method = MethodNamed(SaasSchema(), rpc);
    requests_.push_back(MakeRequest(method, text));
    return planner_.Prepare(method, *requests_.back());
  }

  std::vector<std::string> Violations(std::string_view rpc, std::string_view text) {
    const absl::Status status = Prepare(rpc, text).status();
    std::vector<std::string> found;
    for (const FieldViolation& violation : DetailsOf(status).violations) {
      found.push_back(violation.field + ": " + violation.description);
    }
    return found;
  }

  std::string Sql(std::string_view rpc, std::string_view text) {
    absl::StatusOr<plan::Call> call = Prepare(rpc, text);
    EXPECT_TRUE(call.ok()) << call.status();
    std::string sql;
    if (!call.ok()) return sql;
    call->ForEachStatement([&](const plan::Statement& statement) {
      absl::StrAppend(&sql, sql.empty() ? "" : ";\n", statement.plan->text->sql);
    });
    return sql;
  }

  // A token of the position, as a page of the list gives it.
  std::string Token(std::string_view text, plan::Cursor cursor) {
    return plan::EncodePageToken({Prepare("ListProducts", text)->fingerprint, std::move(cursor)});
  }

  MetricRegistry metrics_;
  Planner planner_{SaasSchema(), PlannerOptions{}, metrics_};
  std::vector<std::unique_ptr<google::protobuf::Message>> requests_;
};

const plan::Cursor kPosition = {std::string("\x3f\0\0\0", 4), std::string(16, 'i')};

TEST_F(SearchTest, TheSqlIsAsReviewed) {
  // tests/golden/plan/searches.sql is what a reviewer reads; TENANTRY_UPDATE_GOLDEN=1 rewrites it.
  std::ostringstream plans;
  const auto add = [&](std::string_view rpc, const std::string& text) {
    plans << "-- " << rpc << " {" << text << "}\n" << Sql(rpc, text) << ";\n\n";
  };
  const std::string select = "select { name: true }";
  add("ListProducts", "search: 'hammer' " + select);
  add("ListProducts",
      "search: 'hammer' total: TOTAL_EXACT skip: 2 filter { is_active { eq: true } } " + select);
  add("ListProducts", "search: 'hammer' order_by { field: PRODUCT_FIELD_NAME } " + select);
  add("ListProducts",
      "search: 'hammer' order_by { rank: true } order_by { field: "
      "PRODUCT_FIELD_CREATED_AT direction: DIRECTION_DESC } " +
          select);
  const std::string next = absl::StrCat("search: 'hammer' ", select, " page_token: '",
                                        Token("search: 'hammer' " + select, kPosition), "'");
  plans << "-- ListProducts, the page behind\n" << Sql("ListProducts", next) << ";\n\n";
  add("AggregateProducts", "search: 'hammer' group_by { field: PRODUCT_FIELD_IS_ACTIVE }");
  add("ExportProducts", "search: 'hammer' " + select);
  const std::string path = testing::SourceDir() + "/tests/golden/plan/searches.sql";
  if (std::getenv("TENANTRY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << plans.str();
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(plans.str(), golden.str());
}

TEST_F(SearchTest, WithoutTextThereIsNoSearch) {
  EXPECT_EQ(Sql("ListProducts", "search: ''"), Sql("ListProducts", ""));
}

TEST_F(SearchTest, WhatIsSearchedForIsChecked) {
  EXPECT_THAT(Violations("ListProducts", absl::StrCat("search: '", std::string(501, 'a'), "'")),
              ElementsAre("search: must have at most 500 characters, has 501"));
  EXPECT_TRUE(Prepare("ListProducts", absl::StrCat("search: '", std::string(500, 'a'), "'")).ok());
  std::string wide;
  for (int i = 0; i < 500; ++i) wide += "\xf0\xa0\x80\x80";
  EXPECT_TRUE(Prepare("ListProducts", absl::StrCat("search: '", wide, "'")).ok());
  for (const char* rpc : {"ListProducts", "AggregateProducts", "ExportProducts"}) {
    EXPECT_THAT(Violations(rpc, "search: ' - \" '"),
                ElementsAre("search: must hold a word; leave it empty to find all"));
    EXPECT_THAT(Violations(rpc, "search: 'a\\000b'"),
                ElementsAre("search: must not contain NUL (U+0000)"));
  }
}

TEST_F(SearchTest, ARankNeedsASearch) {
  EXPECT_THAT(Violations("ListProducts", "order_by { rank: true }"),
              ElementsAre("order_by[0].rank: is that of a `search`, and there is none of these "
                          "rows"));
  EXPECT_THAT(Violations("ListOrderItems", "order_by { product { rank: true } }"),
              ElementsAre("order_by[0].product.rank: is that of a `search`, and there is none of "
                          "these rows"));
  EXPECT_THAT(
      Violations("ListProducts", "search: 'a' order_by { rank: true direction: DIRECTION_DESC }"),
      ElementsAre("order_by[0].rank: must be alone in its entry: the best match is first"));
  EXPECT_THAT(
      Violations("ListProducts", "search: 'a' order_by { rank: true } order_by { rank: true }"),
      ElementsAre("order_by[1].rank: is there already, in an entry before this one: leave one of "
                  "them out"));
}

TEST_F(SearchTest, APageTokenIsOfOneSearch) {
  const std::string token = Token("search: 'hammer'", kPosition);
  EXPECT_TRUE(Prepare("ListProducts", "search: 'hammer' page_token: '" + token + "'").ok());
  const auto other = ElementsAre(
      "page_token: belongs to a list with another filter, search, order or show_deleted");
  EXPECT_THAT(Violations("ListProducts", "search: 'hammers' page_token: '" + token + "'"), other);
  EXPECT_THAT(Violations("ListProducts", "page_token: '" + token + "'"), other);
  // A rank is never NULL, and has four bytes.
  for (const plan::Cursor& wrong : {plan::Cursor{std::nullopt, std::string(16, 'i')},
                                    plan::Cursor{std::string(8, '\0'), std::string(16, 'i')}}) {
    EXPECT_THAT(Violations("ListProducts", "search: 'hammer' page_token: '" +
                                               Token("search: 'hammer'", wrong) + "'"),
                ElementsAre("page_token: is not a page token of this list"));
  }
}

}  // namespace
}  // namespace tenantry::methods
