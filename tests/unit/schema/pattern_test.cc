// What patterns may have, and how PostgreSQL reads them. That it matches the same texts as RE2 is
// tests/pg/migrate/patterns_pgtest.cc's to show.
#include "server/schema/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/schema/formats.h"

namespace tenantry::schema {
namespace {

using ::testing::HasSubstr;

std::string SqlOf(const std::string& text) {
  const auto pattern = Pattern::Compile(text);
  return pattern.ok() ? (*pattern)->sql() : std::string(pattern.status().message());
}

TEST(Pattern, IsWrittenAnewForPostgres) {
  EXPECT_EQ(SqlOf("[A-Z]{2}-\\d+"), "^(?:[A-Z]{2}\\-[0-9]+)$");
  EXPECT_EQ(SqlOf("^ab?$"), "^(?:ab?)$");
  EXPECT_EQ(SqlOf("a\\$"), "^(?:a\\$)$");
  EXPECT_EQ(SqlOf("a\\\\$"), "^(?:a\\\\)$");
  EXPECT_EQ(SqlOf("."), "^(?:[^\\u000A])$");
  EXPECT_EQ(SqlOf("(a|b)*c"), "^(?:(?:a|b)*c)$");
  EXPECT_EQ(SqlOf("\\W"), "^(?:[^0-9A-Z\\_a-z])$");
  EXPECT_EQ(SqlOf("[\\w.-]"), "^(?:[\\-\\.0-9A-Z\\_a-z])$");
  EXPECT_EQ(SqlOf("a{2,}b{1,3}"), "^(?:a{2,}b{1,3})$");
  EXPECT_EQ(SqlOf("\xc3\xa4"), "^(?:\\u00E4)$");
  EXPECT_EQ(SqlOf(""), "^(?:)$");
}

TEST(Pattern, SaysWhatToWriteInsteadOfWhatIsNotTaken) {
  EXPECT_THAT(SqlOf("\\bword"), HasSubstr("the escape \\b, which RE2 and PostgreSQL do not read"));
  EXPECT_THAT(SqlOf("\\p{L}"), HasSubstr("the escape \\p"));
  EXPECT_THAT(SqlOf("a^b"), HasSubstr("has an anchor within it"));
  EXPECT_THAT(SqlOf("(?i)a"), HasSubstr("begins with (?"));
  EXPECT_THAT(SqlOf("(?P<x>a)"), HasSubstr("begins with (?"));
  EXPECT_THAT(SqlOf("a*?"), HasSubstr("a repetition of a repetition"));
  EXPECT_THAT(SqlOf("a{2"), HasSubstr("a repetition other than {n}, {n,} and {n,m}"));
  EXPECT_THAT(SqlOf("a{3,2}"), HasSubstr("m is less than n"));
  EXPECT_THAT(SqlOf("a{256}"), HasSubstr("more than 255 times"));
  EXPECT_THAT(SqlOf("((a{50}){50})"), HasSubstr("more than 1000 times in all"));
  EXPECT_THAT(SqlOf("[[:alpha:]]"), HasSubstr("has a `[` within a set"));
  EXPECT_THAT(SqlOf("[a-c-e]"), HasSubstr("has a `-` within a set: write \\-"));
  EXPECT_THAT(SqlOf("[z-a]"), HasSubstr("whose end is before its beginning"));
  EXPECT_THAT(SqlOf("[]"), HasSubstr("has an empty set"));
  EXPECT_THAT(SqlOf("[ab"), HasSubstr("lacks a `]`, at character 4"));
  EXPECT_THAT(SqlOf("(ab"), HasSubstr("lacks a `)`, at character 4"));
  EXPECT_THAT(SqlOf("ab)"), HasSubstr("has a `)` too many, at character 3"));
  EXPECT_THAT(SqlOf("*a"), HasSubstr("has a repetition of nothing"));
  EXPECT_THAT(SqlOf("a\\"), HasSubstr("ends with a backslash"));
  EXPECT_THAT(SqlOf("{2}"), HasSubstr("write \\{ for the character"));
  EXPECT_THAT(SqlOf(std::string(5000, 'a')), HasSubstr("more than 4096 bytes"));
  EXPECT_THAT(SqlOf(std::string(100, '(')), HasSubstr("too many groups within each other"));
}

TEST(Pattern, MatchesTheWholeText) {
  const auto pattern = *Pattern::Compile("a|bc");
  EXPECT_TRUE(pattern->Matches("a"));
  EXPECT_TRUE(pattern->Matches("bc"));
  EXPECT_FALSE(pattern->Matches("ac"));
  EXPECT_FALSE(pattern->Matches("a\n"));
  EXPECT_FALSE((*Pattern::Compile("."))->Matches("\n"));
}

bool Has(v1::Format format, const std::string& text) {
  return FindTextFormat(format)->pattern->Matches(text);
}

TEST(Formats, Email) {
  for (const char* good : {"ada@example.com", "a.b+c@x", "o'brien@sub.example.co.uk", "1@2"}) {
    EXPECT_TRUE(Has(v1::FORMAT_EMAIL, good)) << good;
  }
  for (const char* bad : {"", "ada", "@example.com", "ada@", "a b@example.com", "ada@-example.com",
                          "ada@example..com", "Ada <ada@example.com>", "ada@example.com\n"}) {
    EXPECT_FALSE(Has(v1::FORMAT_EMAIL, bad)) << bad;
  }
}

TEST(Formats, Uri) {
  for (const char* good :
       {"https://example.com", "https://ada:x@example.com:8080/a/b%20c?d=e/f#g?h",
        "mailto:ada@x.com", "urn:isbn:0451450523", "http://[::1]/", "file:///etc/passwd",
        "a:", "tel:+4930123456"}) {
    EXPECT_TRUE(Has(v1::FORMAT_URI, good)) << good;
  }
  for (const char* bad : {"", "example.com", "/a", "http://a b", "http://a/%2", "1http://x",
                          "http://x/#a#b", "http://x/\xc3\xa4", "http://[::1"}) {
    EXPECT_FALSE(Has(v1::FORMAT_URI, bad)) << bad;
  }
}

TEST(Formats, Others) {
  EXPECT_TRUE(Has(v1::FORMAT_HOSTNAME, "www.example-1.com"));
  EXPECT_TRUE(Has(v1::FORMAT_HOSTNAME, std::string(63, 'a')));
  EXPECT_FALSE(Has(v1::FORMAT_HOSTNAME, std::string(64, 'a')));
  EXPECT_FALSE(Has(v1::FORMAT_HOSTNAME, "a_b"));
  EXPECT_FALSE(Has(v1::FORMAT_HOSTNAME, "-a"));
  EXPECT_TRUE(Has(v1::FORMAT_SLUG, "order-more-2-papers"));
  EXPECT_FALSE(Has(v1::FORMAT_SLUG, "order--more"));
  EXPECT_FALSE(Has(v1::FORMAT_SLUG, "Order"));
  EXPECT_TRUE(Has(v1::FORMAT_PHONE, "+4930123456"));
  EXPECT_FALSE(Has(v1::FORMAT_PHONE, "030 123456"));
  EXPECT_FALSE(Has(v1::FORMAT_PHONE, "+1234567890123456"));
  EXPECT_TRUE(Has(v1::FORMAT_COUNTRY, "DE"));
  EXPECT_FALSE(Has(v1::FORMAT_COUNTRY, "de"));
  EXPECT_FALSE(Has(v1::FORMAT_COUNTRY, "XX"));
  EXPECT_TRUE(Has(v1::FORMAT_CURRENCY, "EUR"));
  EXPECT_TRUE(Has(v1::FORMAT_CURRENCY, "HRK"));
  EXPECT_FALSE(Has(v1::FORMAT_CURRENCY, "EUE"));
  EXPECT_TRUE(Has(v1::FORMAT_TIME_ZONE, "America/Argentina/Buenos_Aires"));
  EXPECT_TRUE(Has(v1::FORMAT_TIME_ZONE, "Etc/GMT+1"));
  EXPECT_FALSE(Has(v1::FORMAT_TIME_ZONE, "/Berlin"));
  EXPECT_EQ(FindTextFormat(v1::FORMAT_UUID), nullptr);
}

}  // namespace
}  // namespace tenantry::schema
