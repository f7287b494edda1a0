// RE2 and PostgreSQL match the same texts by every pattern that the schema language takes.
#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <random>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/schema/formats.h"
#include "server/schema/pattern.h"
#include "tests/support/pattern_texts.h"
#include "tests/support/postgres.h"

namespace tenantry::migrate {
namespace {

using schema::Pattern;

class PatternsTest : public ::testing::Test {
 protected:
  PatternsTest()
      : database_(test::CreateEmptyDatabase()), connection_(database_->superuser_url()) {}

  // What PostgreSQL says of each text: by the operator, as the CHECK of a text has it, and by the
  // path, as that of a list has it.
  void Agree(const Pattern& pattern, const std::vector<std::string>& texts) {
    pqxx::nontransaction tx(connection_);
    for (const std::string& text : texts) {
      const pqxx::result result = tx.exec(
          "SELECT $1::text ~ $2::text, NOT jsonb_path_exists(to_jsonb(ARRAY[$1::text]), "
          "('$[*] ? (!(@ like_regex ' || to_json($2::text) || ' flag \"s\"))')::jsonpath)",
          pqxx::params{text, pattern.sql()});
      const bool ours = pattern.Matches(text);
      const std::string what =
          absl::StrCat(pattern.text(), " as ", pattern.sql(), " on `", absl::CHexEscape(text), "`");
      EXPECT_EQ(result[0][0].as<bool>(), ours) << what;
      EXPECT_EQ(result[0][1].as<bool>(), ours) << what << " in a list";
      (ours ? matched_ : refused_) += 1;
    }
  }

  std::unique_ptr<test::Database> database_;
  pqxx::connection connection_;
  int matched_ = 0, refused_ = 0;
};

TEST_F(PatternsTest, OfEveryExpressionAndText) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  int compiled = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = test::PatternAtRandom(random);
    const auto pattern = Pattern::Compile(text);
    if (!pattern.ok()) continue;
    ++compiled;
    std::vector<std::string> texts = {"", "\n", "a\n"};
    for (int n = 0; n < 5; ++n) {
      texts.push_back(test::TextOf(**pattern, random));
      EXPECT_TRUE((*pattern)->Matches(texts.back())) << text << " on " << texts.back();
      texts.push_back(test::Spoilt(texts.back(), random));
    }
    Agree(**pattern, texts);
    if (HasFailure()) return;
  }
  EXPECT_GT(compiled, 700);
  EXPECT_GT(matched_, 3000);
  EXPECT_GT(refused_, 3000);
}

TEST_F(PatternsTest, OfEveryFormat) {
  std::mt19937 random(11);
  for (int format = 0; format < 100; ++format) {
    const auto* known = schema::FindTextFormat(static_cast<v1::Format>(format));
    if (known == nullptr) continue;
    std::vector<std::string> texts = {"", " ", "ada@example.com", "https://example.com/a?b#c",
                                      "DE"};
    for (int n = 0; n < 40; ++n) {
      texts.push_back(test::TextOf(*known->pattern, random));
      texts.push_back(test::Spoilt(texts.back(), random));
    }
    Agree(*known->pattern, texts);
  }
}

}  // namespace
}  // namespace tenantry::migrate
