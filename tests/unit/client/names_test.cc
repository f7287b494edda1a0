#include "client/cli/names.h"

#include "gtest/gtest.h"
#include "saas/v1/resources.pb.h"

namespace tenantry::cli {
namespace {

TEST(NamesTest, Kebab) {
  EXPECT_EQ(Kebab("OrderItem"), "order-item");
  EXPECT_EQ(Kebab("order_item"), "order-item");
  EXPECT_EQ(Kebab("SQLQuery"), "sql-query");
  EXPECT_EQ(Kebab("Line2"), "line2");
  EXPECT_EQ(Kebab("order-item"), "order-item");
}

TEST(NamesTest, EnumValuesAreShort) {
  const auto& type = *saas::v1::ContactType_descriptor();
  EXPECT_EQ(ShortName(*type.FindValueByNumber(2)), "company");
  EXPECT_EQ(ListValues(type), "individual, company, partner");
  for (const char* text :
       {"company", "COMPANY", "CONTACT_TYPE_COMPANY", "contact-type-company", "2"}) {
    const auto* value = FindEnumValue(type, text);
    ASSERT_NE(value, nullptr) << text;
    EXPECT_EQ(value->number(), 2) << text;
  }
  EXPECT_EQ(FindEnumValue(type, "firm"), nullptr);
  EXPECT_EQ(FindEnumValue(type, "99"), nullptr);
}

TEST(NamesTest, NearestIsASlipOfTheFingersAway) {
  EXPECT_EQ(Nearest("--emial", {"--email", "--name"}), "--email");
  EXPECT_EQ(Nearest("lst", {"list", "get"}), "list");
  EXPECT_EQ(Nearest("contct", {"contact", "product"}), "contact");
  EXPECT_EQ(Nearest("banana", {"contact", "product"}), "");
  EXPECT_EQ(DidYouMean("lst", {"list"}), "; did you mean list?");
}

}  // namespace
}  // namespace tenantry::cli
