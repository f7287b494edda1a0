#include "server/schema/naming.h"

#include <gtest/gtest.h>

namespace tenantry::schema {
namespace {

TEST(Naming, SnakeCase) {
  EXPECT_EQ(SnakeCase("Contact"), "contact");
  EXPECT_EQ(SnakeCase("OrderItem"), "order_item");
  EXPECT_EQ(SnakeCase("HTTPServer"), "http_server");
  EXPECT_EQ(SnakeCase("APIKey"), "api_key");
  EXPECT_EQ(SnakeCase("Line2Item"), "line2_item");
  EXPECT_EQ(SnakeCase("already_snake"), "already_snake");
  EXPECT_EQ(SnakeCase(""), "");
  EXPECT_EQ(UpperSnakeCase("ContactOrderField"), "CONTACT_ORDER_FIELD");
}

TEST(Naming, CamelCase) {
  EXPECT_EQ(CamelCase("order_items"), "OrderItems");
  EXPECT_EQ(CamelCase("contact"), "Contact");
  EXPECT_EQ(CamelCase("line_2"), "Line2");
}

TEST(Naming, Plural) {
  const char* pairs[][2] = {
      {"Contact", "Contacts"},
      {"OrderItem", "OrderItems"},
      {"Category", "Categories"},
      {"Day", "Days"},
      {"Address", "Addresses"},
      {"Box", "Boxes"},
      {"Branch", "Branches"},
      {"Status", "Statuses"},
      {"Analysis", "Analyses"},
      {"Person", "People"},
      {"SalesPerson", "SalesPeople"},
      {"Human", "Humans"},
      {"Child", "Children"},
      {"Hero", "Heroes"},
      {"Photo", "Photos"},
      {"APIKey", "APIKeys"},
      {"SKU", "SKUs"},
      {"UserMetadata", "UserMetadata"},
      {"id", "ids"},
      {"account_id", "account_ids"},
      {"key", "keys"},
      {"country_code", "country_codes"},
      {"", ""},
  };
  for (const auto& [one, many] : pairs) EXPECT_EQ(Plural(one), many);
}

TEST(Naming, Identifiers) {
  EXPECT_TRUE(IsSnakeIdentifier("a_b2"));
  EXPECT_TRUE(IsSnakeIdentifier("_x"));
  for (const char* bad : {"", "2a", "A", "a-b", "a b", "a\"b", "ä", "a;b"}) {
    EXPECT_FALSE(IsSnakeIdentifier(bad)) << bad;
  }
  EXPECT_TRUE(IsCamelIdentifier("Contacts2"));
  for (const char* bad : {"", "contacts", "A_b", "Ä"}) EXPECT_FALSE(IsCamelIdentifier(bad)) << bad;
}

TEST(Naming, FittedIdentifiersStayDistinct) {
  EXPECT_EQ(FitIdentifier("short"), "short");
  std::string longest(63, 'a');
  EXPECT_EQ(FitIdentifier(longest), longest);
  std::string one = FitIdentifier(longest + "b"), other = FitIdentifier(longest + "c");
  EXPECT_EQ(one.size(), 63u);
  EXPECT_EQ(other.size(), 63u);
  EXPECT_NE(one, other);
  EXPECT_EQ(one, FitIdentifier(longest + "b"));
}

TEST(Naming, Quoting) {
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(QuoteQualified("saas", "contacts"), "\"saas\".\"contacts\"");
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
  EXPECT_EQ(QuoteLiteral("back\\slash"), "'back\\slash'");
}

TEST(Naming, Words) {
  EXPECT_EQ(Words("OrderItem"), "order item");
  EXPECT_EQ(Words("order_items"), "order items");
}

}  // namespace
}  // namespace tenantry::schema
