#include "server/migrate/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_database.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename List>
auto& Named(const List& list, const std::string& name) {
  for (const auto& element : list) {
    if (element.name() == name) return element;
  }
  ADD_FAILURE() << "nothing is named " << name;
  return list.Get(0);
}

TEST(Model, TenantLeadsEveryKeyAndIndex) {
  auto model = ModelOf(test::LoadSchema("proto"));
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_GT(model->tables_size(), 5);
  for (const v1::Table& table : model->tables()) {
    std::string tenant = table.name() == "organizations" ? "id" : "tenant_id";
    EXPECT_EQ(table.columns(0).name(), tenant);
    EXPECT_EQ(table.primary_key().columns(0), tenant);
    for (const v1::Index& index : table.indexes()) {
      if (index.method() != "btree") continue;
      EXPECT_EQ(index.columns(0), tenant) << index.name();
    }
    for (const v1::ForeignKey& key : table.foreign_keys()) {
      EXPECT_EQ(key.columns(0), "tenant_id") << key.name();
      EXPECT_EQ(key.target_columns(0), key.target_table() == "organizations" ? "id" : "tenant_id");
    }
  }
}

TEST(Model, UniqueKeyOfASoftDeletedTableCoversLivingRows) {
  auto model = ModelOf(test::LoadSchema("proto"));
  const v1::Table& contacts = Named(model->tables(), "contacts");
  const v1::Index& key = Named(contacts.indexes(), "contacts_email_key");
  EXPECT_TRUE(key.unique());
  EXPECT_EQ(key.where(), "\"deleted_at\" IS NULL");
}

TEST(Model, SetNullLeavesTheTenantColumnAlone) {
  auto model = ModelOf(test::LoadSchema("proto"));
  const v1::ForeignKey& key =
      Named(Named(model->tables(), "orders").foreign_keys(), "orders_shipping_address_id_fkey");
  EXPECT_EQ(key.on_delete(), "SET NULL");
  EXPECT_THAT(key.set_null_columns(), ElementsAre("shipping_address_id"));
}

constexpr char kPolicies[] = R"text(
  message Note {
    option (tenantry.v1.table) = {
      name: "notes"
      policies: {
        name: "own"
        roles: "authenticated"
        commands: POLICY_COMMAND_UPDATE
        commands: POLICY_COMMAND_DELETE
        using: "author = current_setting('app.user_id', true)"
      }
      policies: { name: "audit" roles: "support" using: "NOT secret" with_check: "false" }
    };
    string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }];
    string author = 2;
    bool secret = 3;
  })text";

TEST(Model, UserPoliciesCarryTheTenantConditionAndReplaceThePlainOne) {
  auto schema = SchemaFromText(kPolicies);
  ASSERT_TRUE(schema.ok()) << schema.status();
  auto model = ModelOf(**schema);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto& policies = model->tables(0).policies();
  const std::string tenant = "\"tenant_id\" = tenantry.tenant_id()";

  const v1::Policy& update = Named(policies, "own_update");
  EXPECT_EQ(update.command(), "UPDATE");
  EXPECT_EQ(update.using_sql(), tenant + " AND (author = current_setting('app.user_id', true))");
  EXPECT_EQ(update.with_check_sql(), update.using_sql());
  EXPECT_EQ(Named(policies, "own_delete").with_check_sql(), "");

  const v1::Policy& audit = Named(policies, "audit");
  EXPECT_EQ(audit.command(), "ALL");
  EXPECT_THAT(audit.roles(), ElementsAre("support"));
  EXPECT_EQ(audit.with_check_sql(), tenant + " AND (false)");

  EXPECT_THAT(Named(policies, "notes_tenant").roles(), ElementsAre("admin"));
  EXPECT_THAT(Named(policies, "notes_tenant_select").roles(), ElementsAre("authenticated"));
  EXPECT_THAT(Named(policies, "notes_tenant_insert").roles(), ElementsAre("authenticated"));
  EXPECT_EQ(policies.size(), 6);
}

TEST(Model, ReadsAndWritesOfEveryRoleAreCoveredOnce) {
  auto model = ModelOf(test::LoadSchema("proto"));
  for (const v1::Table& table : model->tables()) {
    ASSERT_EQ(table.policies_size(), 1) << table.name();
    EXPECT_THAT(table.policies(0).roles(), ElementsAre("authenticated", "support", "admin"));
    EXPECT_THAT(table.policies(0).using_sql(), HasSubstr("tenantry.tenant_id()"));
  }
}

}  // namespace
}  // namespace tenantry::migrate
