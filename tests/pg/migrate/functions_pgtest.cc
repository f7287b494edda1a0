// Functions in migrations: made, changed in place, made anew, dropped; what is in the database is
// what the newest schema would have made at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/migrate/drift.h"
#include "server/migrate/lint.h"
#include "server/migrate/model.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kCount[] = "SELECT count(*) FROM notes AS n WHERE n.tenant_id = p_tenant_id";

// A table of notes, and a method that counts them.
struct Version {
  std::string arguments = "";
  std::string reply = "int64 count = 1;";
  std::string options = "{}";
  std::string labels = "";
  std::string body = kCount;
  bool reads = true;
  bool has_function = true;
  std::string type = "CountNotesResponse";

  std::unique_ptr<const schema::Schema> Load() const {
    std::string text = absl::StrCat(
        "enum Kind { KIND_UNSPECIFIED = 0; KIND_SHORT = 1; ", labels,
        "} message Note { option (tenantry.v1.table) = { name: \"notes\" }; string id = 1 "
        "[(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }]; Kind kind = 2; "
        "} message CountNotesRequest {",
        arguments, "} message CountNotesResponse {", reply, "}");
    if (has_function) {
      absl::StrAppend(&text, "service NoteCounts { rpc CountNotes(CountNotesRequest) returns (",
                      type, ") { ", reads ? "option idempotency_level = NO_SIDE_EFFECTS; " : "",
                      "option (tenantry.v1.function) = ", options, "; } }");
    }
    auto schema = SchemaFromText(text, has_function ? Bodies{{"count_notes", body}} : Bodies());
    EXPECT_TRUE(schema.ok()) << schema.status();
    return *std::move(schema);
  }
};

class FunctionsTest : public ::testing::Test {
 protected:
  // Goes there, and compares with a database that was made so at once. The text of the migration.
  std::string Go(const Version& version, const Hazards& allow = {}) {
    const auto schema = version.Load();
    auto generated = evolution_.Go(*schema, allow);
    EXPECT_TRUE(generated.ok()) << generated.status();
    if (!generated.ok()) return "";
    EXPECT_EQ(Dump(evolution_.database()), FreshDump(*schema));
    auto drift = FindDrift(evolution_.options());
    EXPECT_TRUE(drift.ok()) << drift.status();
    EXPECT_THAT(drift->findings, IsEmpty());
    EXPECT_THAT(drift->strangers, IsEmpty());
    return generated->name.empty() ? "" : evolution_.UpSql(generated->name);
  }

  Evolution evolution_;
};

TEST_F(FunctionsTest, AFunctionIsMadeWithItsTable) {
  const std::string sql = Go({});
  EXPECT_THAT(sql, HasSubstr("CREATE FUNCTION \"notes\".\"count_notes\"(\"p_tenant_id\" uuid)\n"
                             "  RETURNS TABLE(\"count\" bigint)\n  LANGUAGE sql STABLE\n"
                             "  SET search_path = \"notes\", pg_temp\n"));
  EXPECT_THAT(sql, HasSubstr("REVOKE EXECUTE ON FUNCTION \"notes\".\"count_notes\"(uuid) FROM "
                             "PUBLIC"));
  EXPECT_THAT(Go({}), "") << "nothing has changed";
}

TEST_F(FunctionsTest, AnotherBodyTakesItsPlace) {
  Go({});
  const std::string sql = Go({.body = absl::StrCat(kCount, " AND true")});
  EXPECT_THAT(sql, HasSubstr("CREATE OR REPLACE FUNCTION"));
  EXPECT_THAT(sql, HasSubstr("changed function"));
  EXPECT_THAT(sql, Not(HasSubstr("DROP")));
  EXPECT_THAT(Go({.body = absl::StrCat("BEGIN\n  RETURN QUERY ", kCount, ";\nEND")}),
              HasSubstr("LANGUAGE plpgsql STABLE"));
  EXPECT_THAT(Go({.body = "SELECT $body$1$body$::bigint WHERE p_tenant_id IS NOT NULL"}),
              HasSubstr("$body1$"));
}

TEST_F(FunctionsTest, OtherArgumentsAndResultsMakeItAnew) {
  Go({});
  const std::string sql = Go({.arguments = "Kind kind = 1;"});
  EXPECT_THAT(sql, HasSubstr("DROP FUNCTION \"notes\".\"count_notes\";"));
  EXPECT_THAT(sql, HasSubstr("BREAKS_OLD_SERVERS"));
  EXPECT_THAT(sql, HasSubstr("\"p_kind\" \"notes\".\"kind\")"));
  Go({.arguments = "Kind kind = 1;",
      .reply = "int64 count = 1; int64 twice = 2;",
      .body = "SELECT 1::bigint, 2::bigint WHERE p_tenant_id IS NOT NULL"});
  Go({.body = "SELECT n.* FROM notes AS n WHERE n.tenant_id = p_tenant_id", .type = "Note"});
}

// The type is made anew for want of a label: what hangs on it goes first.
TEST_F(FunctionsTest, AnEnumThatIsMadeAnewTakesItsFunctionsAlong) {
  Go({.arguments = "Kind kind = 1;", .labels = "KIND_LONG = 2;"});
  EXPECT_THAT(Go({.arguments = "Kind kind = 1;"}, AllowAll()), HasSubstr("DROP FUNCTION"));
}

TEST_F(FunctionsTest, WhoMayCallItIsAllowedByName) {
  Go({});
  const auto schema = Version{.options = "{ roles: \"admin\" }"}.Load();
  EXPECT_THAT(std::string(evolution_.Go(*schema).status().message()), HasSubstr("AUTHZ_UPDATE"));
  const std::string sql = Go({.options = "{ roles: \"admin\" }"}, AllowAll());
  EXPECT_THAT(sql, HasSubstr("REVOKE EXECUTE ON FUNCTION \"notes\".\"count_notes\"(uuid) FROM "
                             "\"authenticated\", \"support\", \"admin\""));
  EXPECT_THAT(sql, HasSubstr("role support may not call it"));
  EXPECT_THAT(Go({.options = "{ security_definer: true }"}, AllowAll()),
              HasSubstr("SECURITY DEFINER\n  SET search_path"));
}

TEST_F(FunctionsTest, AFunctionThatNoMethodIsBoundToGoes) {
  Go({});
  EXPECT_THAT(Go({.has_function = false}), HasSubstr("DROP FUNCTION"));
}

TEST_F(FunctionsTest, WhatPostgresRefusesIsToldBeforeItIsWritten) {
  const auto refused = [&](const Version& version) {
    const auto schema = version.Load();
    auto parts = RefusedParts(evolution_.database().owner_url(), *ModelOf(*schema));
    EXPECT_TRUE(parts.ok()) << parts.status();
    return *parts;
  };
  EXPECT_THAT(refused({}), IsEmpty());
  EXPECT_THAT(refused({.body = "SELECT count(*) FROM notes WHERE no_such = 1"}),
              ElementsAre(HasSubstr("function notes.count_notes: column \"no_such\" does not")));
  EXPECT_THAT(refused({.body = "SELECT 'one'::text"}), ElementsAre(HasSubstr("return type")));
  EXPECT_THAT(refused({.body = "BEGIN RETURN QUERY SELEC 1; END"}),
              ElementsAre(HasSubstr("syntax error")));
}

TEST_F(FunctionsTest, LintFindsWhatIsForgotten) {
  const auto rules = [](const Version& version) {
    std::vector<std::string> rules;
    for (const LintFinding& finding : LintSchema(*ModelOf(*version.Load()))) {
      rules.push_back(finding.rule);
    }
    return rules;
  };
  EXPECT_THAT(rules({}), IsEmpty());
  EXPECT_THAT(rules({.body = "SELECT count(*) FROM notes -- p_tenant_id"}),
              ElementsAre("function_without_tenant"));
  const std::string writes =
      "WITH w AS (INSERT INTO notes (tenant_id, kind) VALUES (p_tenant_id, "
      "'short') RETURNING 1) SELECT count(*) FROM w";
  EXPECT_THAT(rules({.body = writes}), ElementsAre("read_function_writes"));
  EXPECT_THAT(rules({.body = writes, .reads = false}), IsEmpty());
}

}  // namespace
}  // namespace tenantry::migrate
