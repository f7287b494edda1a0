// Databases that somebody has changed by hand: what check and lint say of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/migrate/diff.h"
#include "server/migrate/drift.h"
#include "server/migrate/lint.h"
#include "server/migrate/model.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Tampering {
  const char* sql;
  const char* drift;  // a part of one finding; null: none
  const char* rule;   // of lint; null: none
};

const Tampering kTamperings[] = {
    {"ALTER TABLE saas.contacts ADD COLUMN extra int",
     "column saas.contacts.extra is in the database", nullptr},
    {"ALTER TABLE saas.contacts DROP COLUMN metadata", "column saas.contacts.metadata is missing",
     nullptr},
    {"ALTER TABLE saas.contacts ALTER COLUMN name TYPE text", "column saas.contacts.name is {",
     nullptr},
    {"ALTER TABLE saas.contacts ALTER COLUMN name SET DEFAULT 'x'", "'::character varying",
     nullptr},
    {"ALTER TABLE saas.contacts ALTER COLUMN email SET NOT NULL", "column saas.contacts.email is {",
     nullptr},
    {"DROP INDEX saas.contacts_email_key", "index saas.contacts.contacts_email_key is missing",
     nullptr},
    {"CREATE INDEX more ON saas.contacts (name)", "index saas.contacts.more is in the database",
     nullptr},
    {"CREATE UNIQUE INDEX more ON saas.contacts (email)", "index saas.contacts.more",
     "key_without_tenant"},
    {"CREATE INDEX more ON saas.contacts (lower(name))", "index saas.contacts.more", nullptr},
    {"CREATE INDEX a ON saas.contacts (name); CREATE INDEX b ON saas.contacts (name)",
     "index saas.contacts.a", "duplicate_index"},
    {"ALTER TABLE saas.orders DROP CONSTRAINT orders_contact_id_fkey",
     "foreign key saas.orders.orders_contact_id_fkey is missing", nullptr},
    {"ALTER TABLE saas.orders DROP CONSTRAINT orders_contact_id_fkey; ALTER TABLE saas.orders ADD "
     "CONSTRAINT orders_contact_id_fkey FOREIGN KEY (tenant_id, contact_id) REFERENCES "
     "saas.contacts "
     "ON DELETE CASCADE",
     "on_delete: \"CASCADE\"", nullptr},
    {"ALTER TABLE saas.contacts ADD CHECK (name <> 'x') NOT VALID", "has not been validated",
     nullptr},
    {"ALTER TABLE saas.contacts DISABLE ROW LEVEL SECURITY", "row-level security is disabled",
     "no_row_security"},
    {"ALTER TABLE saas.contacts NO FORCE ROW LEVEL SECURITY", "is not forced",
     "row_security_not_forced"},
    {"DROP POLICY contacts_tenant ON saas.contacts",
     "policy saas.contacts.contacts_tenant is missing", "no_policy"},
    {"CREATE POLICY open ON saas.contacts USING (true)", "policy saas.contacts.open",
     "policy_always_true"},
    {"CREATE POLICY open ON saas.contacts USING (name = 'x')", "policy saas.contacts.open",
     "policy_for_everybody"},
    {"ALTER POLICY contacts_tenant ON saas.contacts TO authenticated",
     "policy saas.contacts.contacts_tenant is {", nullptr},
    {"GRANT TRUNCATE ON saas.contacts TO authenticated",
     "grants on saas.contacts to authenticated is {", nullptr},
    {"REVOKE ALL ON saas.contacts FROM admin", "grants on saas.contacts to admin is missing",
     nullptr},
    {"ALTER TYPE saas.contact_type ADD VALUE 'more'", "enum type saas.contact_type is {", nullptr},
    {"COMMENT ON TABLE saas.contacts IS 'x'", "its comment is `x`", nullptr},
    {"CREATE VIEW saas.names AS SELECT name FROM saas.contacts", nullptr,
     "view_without_security_invoker"},
    {"CREATE VIEW saas.names WITH (security_invoker = true) AS SELECT name FROM saas.contacts",
     nullptr, nullptr},
    {"ALTER VIEW saas.contact_summaries SET (security_invoker = false)",
     "view saas.contact_summaries runs with the rights of its owner",
     "view_without_security_invoker"},
    {"CREATE OR REPLACE VIEW saas.contact_summaries WITH (security_invoker = true) AS SELECT "
     "tenant_id, id AS contact_id, 0::bigint AS order_count, 0::bigint AS total_cents, created_at "
     "AS last_order_at FROM saas.contacts",
     "view saas.contact_summaries is {", nullptr},
    {"REVOKE SELECT ON saas.contact_summaries FROM support", "view saas.contact_summaries is {",
     nullptr},
    {"DROP VIEW saas.contact_summaries", "view saas.contact_summaries is missing", nullptr},
    {"CREATE MATERIALIZED VIEW saas.names AS SELECT name FROM saas.contacts; GRANT SELECT ON "
     "saas.names "
     "TO authenticated",
     nullptr, "readable_materialized_view"},
    {"CREATE FUNCTION saas.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", nullptr,
     "security_definer_without_search_path"},
    {"ALTER FUNCTION saas.checkout SECURITY DEFINER", "security_definer: true", nullptr},
    {"ALTER FUNCTION saas.checkout RESET search_path", "function saas.checkout", nullptr},
    {"ALTER FUNCTION saas.revenue_stats VOLATILE", "function saas.revenue_stats", nullptr},
    {"GRANT EXECUTE ON FUNCTION saas.checkout TO PUBLIC", "roles: \"public\"", nullptr},
    {"DROP FUNCTION saas.checkout", "is missing in the database", nullptr},
    {"DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('saas.checkout'::regproc), 'FOR NO KEY "
     "UPDATE', ''); END $do$",
     "has another body in the database", nullptr},
    {"CREATE SEQUENCE saas.s; GRANT USAGE ON SEQUENCE saas.s TO authenticated", nullptr,
     "sequence_for_tenants"},
    {"CREATE PUBLICATION p FOR TABLE saas.contacts", nullptr, "published_table"},
    {"ALTER TABLE saas.contacts OWNER TO postgres", nullptr, "owner_without_row_security"},
    {"GRANT CREATE ON SCHEMA saas TO authenticated", nullptr, "writable_namespace"},
};

TEST(Drift, WhatSomebodyChangedByHandIsNamed) {
  const schema::Schema& schema = test::LoadSchema("proto");
  for (const Tampering& tampering : kTamperings) {
    SCOPED_TRACE(tampering.sql);
    Evolution evolution;
    std::filesystem::copy(test::SourcePath("sql/migrations"), evolution.directory(),
                          std::filesystem::copy_options::recursive);
    ASSERT_TRUE(evolution.Apply().ok());
    auto before = FindDrift(evolution.options());
    ASSERT_TRUE(before.ok()) << before.status();
    ASSERT_THAT(before->findings, IsEmpty());
    evolution.database().Execute(tampering.sql);

    auto drift = FindDrift(evolution.options());
    ASSERT_TRUE(drift.ok()) << drift.status();
    if (tampering.drift == nullptr) {
      EXPECT_THAT(drift->findings, IsEmpty());
    } else {
      EXPECT_THAT(drift->findings, Contains(HasSubstr(tampering.drift)));
    }
    pqxx::connection connection(evolution.database().owner_url());
    auto findings = LintDatabase(connection, schema, "");
    ASSERT_TRUE(findings.ok()) << findings.status();
    bool found = tampering.rule == nullptr && findings->empty();
    std::string all;
    for (const LintFinding& finding : *findings) {
      found = found || (tampering.rule != nullptr && finding.rule == tampering.rule);
      absl::StrAppend(&all, finding.ToString(), "\n");
    }
    EXPECT_TRUE(found) << all;
  }
}

TEST(Drift, ViewsAndFunctionsAreNoDrift) {
  Evolution evolution;
  ASSERT_TRUE(evolution.Go(test::LoadSchema("proto")).ok());
  evolution.database().Execute("CREATE VIEW saas.names AS SELECT name FROM saas.contacts");
  auto drift = FindDrift(evolution.options());
  ASSERT_TRUE(drift.ok()) << drift.status();
  EXPECT_THAT(drift->findings, IsEmpty());
  EXPECT_THAT(drift->strangers, ::testing::ElementsAre("view saas.names"));
}

TEST(Drift, APartThatPostgresRefusesIsToldInItsWords) {
  Evolution evolution;
  auto schema = SchemaFromText(
      "message Note { option (tenantry.v1.table) = { checks: { name: \"c\" expression: \"no_such > "
      "1\" } }; string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID "
      "}]; }");
  ASSERT_TRUE(schema.ok()) << schema.status();
  pqxx::connection connection(evolution.database().owner_url());
  auto printed = AsPrinted(connection, *ModelOf(**schema));
  EXPECT_EQ(printed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(printed.status().message()), HasSubstr("no_such"));
  EXPECT_EQ(pqxx::nontransaction(connection)
                .query_value<int>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%check%'"),
            0);
}

// --- lint of a schema

std::vector<std::string> RulesOf(const std::string& text) {
  auto schema = SchemaFromText(text);
  EXPECT_TRUE(schema.ok()) << schema.status();
  std::vector<std::string> rules;
  for (const LintFinding& finding : LintSchema(*ModelOf(**schema))) {
    rules.push_back(finding.rule);
  }
  return rules;
}

constexpr char kId[] =
    "string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }]; ";

std::string Linked(const std::string& name, const std::string& other, const std::string& presence) {
  return absl::StrCat("message ", name,
                      " { option (tenantry.v1.table) = { indexes: { columns: "
                      "\"other_id\" } relations: { name: \"other\" number: 9 table: \"",
                      other, "\" columns: \"other_id\" } }; ", kId, presence,
                      " string other_id = 2 [(tenantry.v1.column).type = COLUMN_TYPE_UUID]; }");
}

TEST(Lint, OfASchema) {
  EXPECT_THAT(RulesOf(Linked("Left", "Right", "") + Linked("Right", "Left", "optional")),
              IsEmpty());
  EXPECT_THAT(RulesOf(Linked("Left", "Right", "") + Linked("Right", "Left", "")),
              ::testing::ElementsAre("circle_of_not_null_references"));
  EXPECT_THAT(
      RulesOf(absl::StrCat("message Note { option (tenantry.v1.table) = { policies: { name: \"p\" "
                           "using: \"id IN (SELECT id FROM x)\" } }; ",
                           kId, "}")),
      ::testing::ElementsAre("policy_with_sub_select"));
  EXPECT_TRUE(LintSchema(*ModelOf(test::LoadSchema("proto"))).empty());
}

// What a server refuses that wants an index for every filter.
TEST(Lint, OfFilters) {
  auto schema = SchemaFromText(absl::StrCat(
      "message Note { option (tenantry.v1.table) = { indexes: { columns: [\"author\", \"title\"] } "
      "}; ",
      kId,
      "string title = 2; string author = 3; string text = 4 [(tenantry.v1.column).filterable = "
      "true]; string place = 5; string secret = 6 [(tenantry.v1.column).visibility = "
      "VISIBILITY_INPUT_ONLY]; }"));
  ASSERT_TRUE(schema.ok()) << schema.status();
  const std::vector<LintFinding> findings = LintFilters(**schema);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(
      findings[0].ToString(),
      "notes.notes cannot be filtered by title, place: no index begins with them, and they are "
      "not filterable (unindexed_filter)");
}

TEST(Lint, ExceptionsNeedAReasonAndAnObject) {
  const std::string path = absl::StrCat("/tmp/tenantry-lint-", getpid());
  const std::vector<LintFinding> findings = {{"a", "x", "is"}, {"a", "y", "is"}, {"b", "x", "is"}};
  EXPECT_EQ(WithoutExceptions(findings, path)->size(), 3u);
  std::ofstream(path) << "# comment\na x Because.\nb * Because of that.\na y\nc z Old.\n";
  auto left = WithoutExceptions(findings, path);
  ASSERT_EQ(left->size(), 3u);
  EXPECT_EQ((*left)[0].object, "y");
  EXPECT_THAT((*left)[1].what, HasSubstr("no reason"));
  EXPECT_THAT((*left)[2].what, HasSubstr("stands for nothing"));
  std::filesystem::remove(path);
}

// --- 500 tables

std::string ManyTables(const std::string& field) {
  std::string text;
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&text, "message Thing", i, " { option (tenantry.v1.table) = { number: ", i + 1,
                    " indexes: { columns: \"f2\" } unique: { number: 2 columns: \"f3\" } }; ", kId);
    for (int f = 2; f < 12; ++f) absl::StrAppend(&text, "string f", f, " = ", f, ";");
    absl::StrAppend(&text, "optional int32 ", field,
                    " = 12 [(tenantry.v1.column).minimum = 0]; }\n");
  }
  return text;
}

// Bounds with room for a busy machine. What was measured is printed.
TEST(FiveHundredTables, AreComparedQuickly) {
  auto before = SchemaFromText(ManyTables("a"));
  auto after = SchemaFromText(ManyTables("b"));
  ASSERT_TRUE(before.ok() && after.ok());
  const v1::Snapshot from = *ModelOf(**before), to = *ModelOf(**after);
  absl::Time start = absl::Now();
  EXPECT_EQ(Diff(from, to).changes.size(), 1000u);
  const absl::Duration diff = absl::Now() - start;
  Evolution evolution;
  ASSERT_TRUE(evolution.Go(**before).ok());
  start = absl::Now();
  auto drift = FindDrift(evolution.options());
  const absl::Duration check = absl::Now() - start;
  ASSERT_TRUE(drift.ok()) << drift.status();
  EXPECT_THAT(drift->findings, IsEmpty());
  std::cout << "diff " << diff << ", check of the database " << check << "\n";
  EXPECT_LT(diff, absl::Seconds(3));
  EXPECT_LT(check, absl::Seconds(30));
}

TEST(Conditions, EachThatPostgresRefusesIsNamedAndNothingIsLeft) {
  auto schema = SchemaFromText(
      "message Note { option (tenantry.v1.table) = { number: 1 name: \"notes\" "
      "checks: { name: \"good\" expression: \"n > 0\" } "
      "checks: { name: \"no_column\" expression: \"size > 0\" } "
      "checks: { name: \"no_syntax\" expression: \"n >\" } "
      "indexes: { columns: \"n\" where: \"n\" name: \"no_boolean\" } "
      "policies: { name: \"no_function\" using: \"allowed(n)\" } }; "
      "string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }]; "
      "int32 n = 2; }");
  ASSERT_TRUE(schema.ok()) << schema.status();
  auto database = test::CreateBootstrappedDatabase();
  auto refused = RefusedParts(database->owner_url(), *ModelOf(**schema));
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_THAT(*refused, ::testing::UnorderedElementsAre(
                            ::testing::AllOf(HasSubstr("check no_column of notes.notes: "),
                                             HasSubstr("\"size\"")),
                            HasSubstr("check no_syntax of notes.notes: "),
                            HasSubstr("index no_boolean of notes.notes: "),
                            ::testing::AllOf(HasSubstr("policy no_function of notes.notes: "),
                                             HasSubstr("allowed(integer)"))));
  EXPECT_EQ(Dump(*database), Dump(*test::CreateBootstrappedDatabase()));
}

}  // namespace
}  // namespace tenantry::migrate
