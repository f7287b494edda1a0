// Conditions as people type them, and the filters that they become.
#include "client/cli/where.h"

#include <memory>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "saas/v1/queries.pb.h"

namespace tenantry::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

template <typename Filter>
std::string FilterOf(const std::vector<std::string>& conditions) {
  Filter filter;
  for (const std::string& condition : conditions) {
    const absl::Status status = AddCondition(condition, filter);
    if (!status.ok()) return std::string(status.message());
  }
  return filter.ShortDebugString();
}

std::string Contact(const std::vector<std::string>& conditions) {
  return FilterOf<saas::v1::ContactFilter>(conditions);
}
std::string Order(const std::vector<std::string>& conditions) {
  return FilterOf<saas::v1::OrderFilter>(conditions);
}

TEST(WhereTest, Comparisons) {
  EXPECT_EQ(Contact({"name=Ada"}), "name { eq: \"Ada\" }");
  EXPECT_EQ(Contact({"name!=Ada"}), "name { ne: \"Ada\" }");
  EXPECT_EQ(Contact({"name="}), "name { eq: \"\" }");
  EXPECT_EQ(Contact({"name=a=b"}), "name { eq: \"a=b\" }");
  EXPECT_EQ(Contact({"name~ada"}), "name { icontains: \"ada\" }");
  EXPECT_EQ(Contact({"is-active=true"}), "is_active { eq: true }");
  EXPECT_EQ(Order({"total_cents>=5", "total_cents<9"}), "total_cents { lt: 9 gte: 5 }");
  EXPECT_EQ(Order({"total_cents>5", "total_cents<=9"}), "total_cents { lte: 9 gt: 5 }");
}

TEST(WhereTest, SeveralValues) {
  EXPECT_EQ(Contact({"type=individual,company"}),
            "type { in { values: CONTACT_TYPE_INDIVIDUAL values: CONTACT_TYPE_COMPANY } }");
  EXPECT_EQ(Contact({"name!=a,b"}), "name { not_in { values: \"a\" values: \"b\" } }");
  EXPECT_EQ(Contact({"name=Lovelace\\, Ada"}), "name { eq: \"Lovelace, Ada\" }");
  EXPECT_EQ(Contact({"name.in="}), "name { in { } }");
  EXPECT_EQ(FilterOf<saas::v1::ProductFilter>({"tags~a,b"}),
            "tags { contains { values: \"a\" values: \"b\" } }");
  EXPECT_EQ(FilterOf<saas::v1::ProductFilter>({"tags=a"}), "tags { eq { values: \"a\" } }");
}

TEST(WhereTest, Null) {
  EXPECT_EQ(Contact({"email=null"}), "email { is_null: true }");
  EXPECT_EQ(Contact({"email!=null"}), "email { is_null: false }");
  EXPECT_EQ(Contact({"email=\\null"}), "email { eq: \"null\" }");
}

TEST(WhereTest, Relations) {
  EXPECT_EQ(Order({"contact.name=Ada"}), "contact { name { eq: \"Ada\" } }");
  EXPECT_EQ(Contact({"orders.total_cents>5", "orders.status=shipped"}),
            "orders { some { status { eq: ORDER_STATUS_SHIPPED } total_cents { gt: 5 } } }");
  EXPECT_EQ(Contact({"orders.none.items.quantity>5"}),
            "orders { none { items { some { quantity { gt: 5 } } } } }");
  EXPECT_EQ(Contact({"orders=null"}), "orders { none { } }");
  EXPECT_EQ(Order({"contact!=null"}), "contact { }");
}

TEST(WhereTest, OperatorsByName) {
  EXPECT_EQ(Contact({"name.ilike=a%"}), "name { ilike: \"a%\" }");
  EXPECT_EQ(Order({"total_cents.between=1,5"}), "total_cents { between { from: 1 to: 5 } }");
  EXPECT_EQ(Contact({"metadata.has-key=vip"}), "metadata { has_key: \"vip\" }");
}

// Nothing that was typed is lost.
TEST(WhereTest, TheSameOperatorTwice) {
  EXPECT_EQ(Contact({"name~ada", "name~love", "name!=Ada"}),
            "name { ne: \"Ada\" icontains: \"ada\" } all_of { name { icontains: \"love\" } }");
}

TEST(WhereTest, Mistakes) {
  EXPECT_THAT(Contact({"name"}), HasSubstr("\"name\" is no condition"));
  EXPECT_THAT(Contact({"=x"}), HasSubstr("is no condition"));
  EXPECT_EQ(Contact({"emial=x"}), "--where: no field emial; did you mean email?");
  EXPECT_EQ(Contact({"name.ilik=x"}), "--where: no operator ilik; did you mean ilike?");
  EXPECT_THAT(Contact({"is_active>true"}),
              HasSubstr("is_active cannot be compared by >; it has eq"));
  EXPECT_THAT(Contact({"orders=x"}), HasSubstr("orders is a relation"));
  EXPECT_THAT(Order({"total_cents=many"}), HasSubstr("--where total_cents must be a whole number"));
  EXPECT_THAT(Order({"total_cents.between=1"}), HasSubstr("needs FROM,TO"));
}

TEST(WhereTest, Completion) {
  const auto& contact = *saas::v1::ContactFilter::descriptor();
  EXPECT_THAT(ConditionFields(contact, "na"), Contains("name"));
  EXPECT_THAT(ConditionFields(contact, ""), Contains("orders."));
  EXPECT_THAT(ConditionFields(contact, "orders."), Contains("orders.total_cents"));
  EXPECT_THAT(ConditionFields(contact, "orders."), Contains("orders.every."));
  EXPECT_THAT(ConditionFields(contact, "orders.none.co"), Contains("orders.none.contact."));
}

}  // namespace
}  // namespace tenantry::cli
