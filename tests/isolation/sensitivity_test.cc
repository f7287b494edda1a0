// Tests of the isolation tests: on a database, a login or a pipeline that is broken on purpose they
// must find something.

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/isolation/aggregating.h"
#include "tests/isolation/crossing.h"
#include "tests/isolation/explaining.h"
#include "tests/isolation/filtering.h"
#include "tests/isolation/raw_sql.h"
#include "tests/support/test_server.h"

namespace tenantry::isolation {
namespace {

using test::TestServer;

class SensitivityTest : public ::testing::Test {
 protected:
  SensitivityTest() {
    const std::string url = database_->superuser_url();
    a_.emplace(server_->client(), url, test::NewTenantId(), test::RowFactory("alphas"), 2, setup_);
    b_.emplace(server_->client(), url, test::NewTenantId(), test::RowFactory("betas", 10'000), 2,
               setup_);
    EXPECT_TRUE(setup_.empty()) << setup_.ToString();
  }
  ~SensitivityTest() override {
    // Roles belong to all databases of the server.
    Break("ALTER ROLE tenantry_app NOBYPASSRLS; ALTER ROLE authenticated NOBYPASSRLS");
  }

  void Break(const std::string& sql) { database_->Execute(sql); }

  // The name is the migration's business.
  std::string PolicyOf(const std::string& table) {
    pqxx::connection connection(database_->superuser_url());
    return pqxx::nontransaction(connection)
        .exec(
            "SELECT quote_ident(policyname) FROM pg_policies WHERE schemaname = 'saas' AND "
            "tablename = '" +
            table + "'")[0][0]
        .as<std::string>();
  }

  Findings RunRawSql(pg::ExecutorOptions executor = {}) {
    Findings findings;
    executor.database_url = database_->app_url();
    executor.connections_per_lane = 1;
    executor.write_connections_per_lane = 0;
    RawSql({.schema = server_->schema(),
            .superuser_url = database_->superuser_url(),
            .tenant_a = a_->tenant(),
            .tenant_b = b_->tenant(),
            .executor = executor},
           findings)
        .Run();
    return findings;
  }

  Findings RunMethods(Way way = Way::kPlain) {
    Findings findings;
    Crossing(TwoTenants(way), findings).Run();
    return findings;
  }

  Crossing::Options TwoTenants(Way way = Way::kPlain) {
    return {.client = server_->client(),
            .superuser_url = database_->superuser_url(),
            .tenant_a = test::NewTenantId(),
            .tenant_b = test::NewTenantId(),
            .role = "authenticated",
            .way = way};
  }

  // Takes the condition on the tenant of these rows out of a function, as if its author had
  // forgotten it.
  void ForgetTenant(const std::string& function, const std::string& row) {
    Break(absl::StrCat("DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('saas.", function,
                       "'::regproc), '", row, ".tenant_id = p_tenant_id AND ', ''); END $do$"));
  }

  absl::Status StartServer() { return TestServer::TryStart({.database = database_}).status(); }

  std::shared_ptr<test::Database> database_ =
      test::CreateDatabase(test::SharedSchema(test::Which::kSaas));
  // Without the guard, which would refuse what is broken before any call could cross: the calls
  // themselves are what is tried here.
  std::unique_ptr<TestServer> server_ = std::make_unique<TestServer>(TestServer::Options{
      .database = database_,
      .configure = [](Config& config) { config.explain_roles = {"authenticated"}; },
      .guarded = false});
  Findings setup_;
  std::optional<Population> a_, b_;
};

// The others mean nothing without it.
TEST_F(SensitivityTest, NothingIsFoundWhereNothingIsBroken) {
  EXPECT_TRUE(StartServer().ok());
  const Findings methods = RunMethods();
  EXPECT_TRUE(methods.empty()) << methods.ToString();
  const Findings raw = RunRawSql();
  EXPECT_TRUE(raw.empty()) << raw.ToString();
}

TEST_F(SensitivityTest, ADroppedPolicyIsFound) {
  Break("DROP POLICY " + PolicyOf("contacts") + " ON saas.contacts");
  EXPECT_EQ(StartServer().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(RunMethods().Mentions("ContactService/GetContact"));
  EXPECT_TRUE(RunRawSql().Mentions("\"saas\".\"contacts\""));
}

TEST_F(SensitivityTest, ADroppedPolicyIsFoundByATransaction) {
  Break("DROP POLICY " + PolicyOf("contacts") + " ON saas.contacts");
  EXPECT_TRUE(RunMethods(Way::kTransact).Mentions("ContactService/GetContact"));
}

// The function's condition and the policy say the same, and each is enough.
TEST_F(SensitivityTest, RequestsOfAllTenantsAreFound) {
  Break(R"(
    DO $do$ BEGIN
      EXECUTE replace(pg_get_functiondef('tenantry.kept_rows'::regproc),
                      'r.tenant_id = tenantry.tenant_id() AND', '');
    END $do$)");
  EXPECT_TRUE(RunMethods(Way::kNamed).empty());
  for (int day = 0; day < 3; ++day) {
    Break(absl::StrCat("ALTER POLICY requests_tenant ON tenantry.requests_", day, " USING (true)"));
  }
  EXPECT_TRUE(RunMethods(Way::kNamed).Mentions("ContactService/UpdateContact"));
}

// Row-level security and the function's own condition: each is enough.
TEST_F(SensitivityTest, AFunctionThatForgetsTheTenantIsFound) {
  ForgetTenant("checkout", "p");
  EXPECT_FALSE(RunMethods().Mentions("CheckoutService/Checkout"));
  Break("ALTER TABLE saas.products DISABLE ROW LEVEL SECURITY");
  const Findings methods = RunMethods();
  EXPECT_TRUE(
      methods.Mentions("Checkout as authenticated: another tenant's row by p_items_product"))
      << methods.ToString();
}

TEST_F(SensitivityTest, AFunctionThatNamesTheTenantNeedsNoPolicy) {
  Break("ALTER TABLE saas.products DISABLE ROW LEVEL SECURITY");
  Break("ALTER TABLE saas.orders DISABLE ROW LEVEL SECURITY");
  const Findings methods = RunMethods();
  EXPECT_FALSE(methods.Mentions("CheckoutService")) << methods.ToString();
}

TEST_F(SensitivityTest, AFunctionThatAddsUpAllTenantsIsFound) {
  ForgetTenant("revenue_stats", "o");
  Break("ALTER TABLE saas.orders DISABLE ROW LEVEL SECURITY");
  const Findings methods = RunMethods(Way::kTransact);
  EXPECT_TRUE(methods.Mentions("GetRevenueStats as authenticated: answers with what other"))
      << methods.ToString();
}

TEST_F(SensitivityTest, AnOpenPolicyIsFound) {
  Break("ALTER POLICY " + PolicyOf("contacts") +
        " ON saas.contacts USING (true) WITH CHECK (true)");
  EXPECT_EQ(StartServer().code(), absl::StatusCode::kFailedPrecondition);
  const Findings raw = RunRawSql();
  EXPECT_TRUE(raw.Mentions("SELECT count(*)::text FROM \"saas\".\"contacts\": gives"))
      << raw.ToString();
  EXPECT_TRUE(raw.Mentions("became")) << "another tenant's rows were changed";
}

TEST_F(SensitivityTest, ASecondOpenPolicyIsFound) {
  Break("CREATE POLICY helpful ON saas.orders FOR SELECT USING (true)");
  EXPECT_EQ(StartServer().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(RunRawSql().Mentions("SELECT count(*)::text FROM \"saas\".\"orders\": gives"));
}

TEST_F(SensitivityTest, DisabledRowSecurityIsFound) {
  Break("ALTER TABLE saas.products DISABLE ROW LEVEL SECURITY");
  EXPECT_EQ(StartServer().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(RunRawSql().Mentions("SELECT count(*)::text FROM \"saas\".\"products\": gives"));
}

TEST_F(SensitivityTest, AViewThatRunsAsItsOwnerIsFound) {
  Break(
      "ALTER VIEW saas.contact_summaries RESET (security_invoker);"
      "ALTER VIEW saas.contact_summaries OWNER TO CURRENT_USER");
  EXPECT_EQ(StartServer().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(RunRawSql().Mentions("\"saas\".\"contact_summaries\""));
}

TEST_F(SensitivityTest, ALoginPastRowSecurityIsFound) {
  Break("ALTER ROLE tenantry_app BYPASSRLS");
  EXPECT_EQ(StartServer().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(RunRawSql().Mentions("past row-level security: tenantry_app"));
}

TEST_F(SensitivityTest, ARolePastRowSecurityIsFound) {
  Break("ALTER ROLE authenticated BYPASSRLS");
  EXPECT_EQ(StartServer().code(), absl::StatusCode::kFailedPrecondition);
  const Findings raw = RunRawSql();
  EXPECT_TRUE(raw.Mentions("past row-level security: authenticated"));
  EXPECT_TRUE(raw.Mentions("SELECT count(*)::text FROM \"saas\".\"contacts\": gives"));
  EXPECT_TRUE(raw.Mentions("became")) << "another tenant's rows were changed";
}

// As if the condition on the tenant were not there: whoever looks, each row of the orders is the
// caller's.
constexpr char kOrdersOfAnybody[] = R"(
    DO $$
    DECLARE columns text;
    BEGIN
      SELECT string_agg(CASE attname WHEN 'tenant_id' THEN 'tenantry.tenant_id() AS tenant_id'
                                     ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
        INTO columns FROM pg_attribute
        WHERE attrelid = 'saas.orders'::regclass AND attnum > 0 AND NOT attisdropped;
      ALTER TABLE saas.orders RENAME TO all_orders;
      ALTER TABLE saas.all_orders DISABLE ROW LEVEL SECURITY;
      EXECUTE 'CREATE VIEW saas.orders AS SELECT ' || columns || ', xmin, ctid FROM saas.all_orders';
      GRANT SELECT, UPDATE, DELETE ON saas.orders TO authenticated;
    END $$)";

class FilteringSensitivityTest : public SensitivityTest {
 protected:
  FilteringSensitivityTest() {
    EXPECT_TRUE(findings_.empty()) << findings_.ToString();
    Break(kOrdersOfAnybody);
  }

  Findings findings_;
  Filtering filtering_{{.client = server_->client(),
                        .superuser_url = database_->superuser_url(),
                        .role = "authenticated"},
                       findings_};
};

TEST_F(FilteringSensitivityTest, AFilterThatForgetsTheTenantIsFound) {
  filtering_.TryRelations();
  EXPECT_TRUE(findings_.Mentions("ListContacts filtered by orders with another tenant's"))
      << findings_.ToString();
}

TEST_F(FilteringSensitivityTest, AnOrderThatForgetsTheTenantIsFound) {
  filtering_.TryOrders();
  EXPECT_TRUE(findings_.Mentions("ListOrderItems filtered by an order of order.status: lists"))
      << findings_.ToString();
  EXPECT_TRUE(findings_.Mentions("ListOrders filtered by an order of id: counts"))
      << findings_.ToString();
}

TEST_F(SensitivityTest, ASearchThatForgetsTheTenantIsFound) {
  Findings findings;
  Filtering filtering({.client = server_->client(),
                       .superuser_url = database_->superuser_url(),
                       .role = "authenticated"},
                      findings);
  ASSERT_TRUE(findings.empty()) << findings.ToString();
  // As if the condition on the tenant were not there: each tenant has the rows of all others too.
  Break(
      "INSERT INTO saas.products (tenant_id, slug, name, description, price_cents) "
      "SELECT o.id, tenantry.uuidv7(), p.name, p.description, p.price_cents "
      "FROM saas.products AS p JOIN saas.organizations AS o ON o.id <> p.tenant_id");
  filtering.TrySearches();
  EXPECT_TRUE(findings.Mentions("ListProducts filtered by a search: lists a foreign row"))
      << findings.ToString();
  EXPECT_TRUE(findings.Mentions("ExportProducts filtered by a search: lists a foreign row"))
      << findings.ToString();
  for (const char* method : {"ListProducts", "ExportProducts", "AggregateProducts"}) {
    EXPECT_TRUE(findings.Mentions(
        absl::StrCat(method, " filtered by what another tenant's name holds: finds")))
        << findings.ToString();
  }
}

TEST_F(SensitivityTest, AnExplainedReadThatForgetsTheTenantIsFound) {
  Findings findings;
  Explaining explaining({.client = server_->client(),
                         .superuser_url = database_->superuser_url(),
                         .role = "authenticated"},
                        findings);
  ASSERT_TRUE(findings.empty()) << findings.ToString();
  Break(kOrdersOfAnybody);
  explaining.Run();
  EXPECT_TRUE(findings.Mentions("GetOrder explained, another tenant's row: is read"))
      << findings.ToString();
  EXPECT_TRUE(findings.Mentions("ListOrders explained, everything: reads")) << findings.ToString();
}

TEST_F(SensitivityTest, AnAggregateThatForgetsTheTenantIsFound) {
  Findings findings;
  Aggregating aggregating({.client = server_->client(),
                           .superuser_url = database_->superuser_url(),
                           .role = "authenticated"},
                          findings);
  ASSERT_TRUE(findings.empty()) << findings.ToString();
  Break(kOrdersOfAnybody);
  aggregating.TryColumns();
  EXPECT_TRUE(findings.Mentions("AggregateOrders by status")) << findings.ToString();
  EXPECT_TRUE(findings.Mentions("AggregateOrders sum of total_cents")) << findings.ToString();
  EXPECT_TRUE(findings.Mentions("AggregateOrders count_distinct of id") ||
              findings.Mentions("AggregateOrders count of id"))
      << findings.ToString();
  aggregating.TryRelations();
  EXPECT_TRUE(findings.Mentions("AggregateOrderItems by order.")) << findings.ToString();
  EXPECT_TRUE(findings.Mentions("AggregateContacts counted by orders")) << findings.ToString();
  aggregating.TryBesideRows();
  EXPECT_TRUE(findings.Mentions("ListContacts with orders measured by total_cents: gives sum"))
      << findings.ToString();
  EXPECT_TRUE(findings.Mentions("ListAddresses with orders measured by id: gives count"))
      << findings.ToString();
}

class WritingSensitivityTest : public SensitivityTest,
                               public ::testing::WithParamInterface<v1::MethodKind> {};

TEST_P(WritingSensitivityTest, AWriteThatForgetsTheTenantIsFound) {
  Findings findings;
  Crossing crossing(TwoTenants(), findings);
  ASSERT_TRUE(findings.empty()) << findings.ToString();
  Break(kOrdersOfAnybody);
  crossing.Run(GetParam());
  const schema::Schema& schema = server_->schema();
  const schema::Method& method =
      *test::FindMethod(schema, *schema.FindTable("saas.Order"), GetParam());
  const std::string of_method =
      absl::StrCat(method.descriptor->name(), " as authenticated: another tenant's row");
  EXPECT_TRUE(findings.Mentions(of_method)) << findings.ToString();
}

INSTANTIATE_TEST_SUITE_P(Kinds, WritingSensitivityTest,
                         ::testing::Values(v1::METHOD_KIND_UPDATE, v1::METHOD_KIND_BATCH_UPDATE,
                                           v1::METHOD_KIND_DELETE, v1::METHOD_KIND_BATCH_DELETE,
                                           v1::METHOD_KIND_UPDATE_MANY,
                                           v1::METHOD_KIND_DELETE_MANY),
                         [](const auto& info) {
                           return v1::MethodKind_Name(info.param).substr(12);
                         });

TEST_F(SensitivityTest, AnExportThatForgetsTheTenantIsFound) {
  Findings findings;
  Crossing crossing(TwoTenants(), findings);
  ASSERT_TRUE(findings.empty()) << findings.ToString();
  Break(kOrdersOfAnybody);
  crossing.Run(v1::METHOD_KIND_EXPORT);
  EXPECT_TRUE(findings.Mentions("ExportOrders as authenticated: everything: lists a foreign row"))
      << findings.ToString();
  EXPECT_TRUE(findings.Mentions("ExportOrders as authenticated: tells `")) << findings.ToString();
}

TEST_F(SensitivityTest, TableRightsOfTheLoginAreFound) {
  Break(
      "GRANT USAGE ON SCHEMA saas TO tenantry_app; GRANT SELECT ON saas.contacts TO tenantry_app");
  EXPECT_EQ(StartServer().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(RunRawSql().Mentions("runs without a context"));
}

TEST_F(SensitivityTest, ASyncBetweenContextAndStatementIsFound) {
  const Findings raw = RunRawSql({.fault_sync_after_context = true});
  // The login may do nothing by itself, so what is seen is that own rows are out of reach.
  EXPECT_TRUE(raw.Mentions("SELECT count(*)::text FROM \"saas\".\"products\": gives PERMISSION"))
      << raw.ToString();
}

TEST_F(SensitivityTest, ATransactionOfSeveralCallersIsFound) {
  const Findings raw = RunRawSql({.fault_share_with_anybody = true});
  for (const char* table : {"contacts", "products", "orders"}) {
    EXPECT_TRUE(raw.Mentions(absl::StrCat("FROM \"saas\".\"", table, "\": at once")))
        << raw.ToString();
  }
}

TEST_F(SensitivityTest, AUniqueKeyOverAllTenantsIsFound) {
  Break("CREATE UNIQUE INDEX careless ON saas.contacts (email)");
  const Findings methods = RunMethods();
  for (const char* method : {"CreateContact", "ImportContacts"}) {
    EXPECT_TRUE(
        methods.Mentions(absl::StrCat(method, " as authenticated: keys that another tenant uses")))
        << methods.ToString();
  }
}

TEST_F(SensitivityTest, AForeignKeyOverAllTenantsIsFound) {
  Break(
      "ALTER TABLE saas.addresses DROP CONSTRAINT addresses_contact_id_fkey;"
      "CREATE UNIQUE INDEX careless ON saas.contacts (id);"
      "ALTER TABLE saas.addresses ADD FOREIGN KEY (contact_id) REFERENCES saas.contacts (id)");
  const Findings methods = RunMethods();
  for (const char* method : {"CreateAddress", "ImportAddresses"}) {
    EXPECT_TRUE(methods.Mentions(absl::StrCat(method, " as authenticated: a reference by contact")))
        << methods.ToString();
  }
}

// Found by the call of one row as well; here by the rows that another brings along.
TEST_F(SensitivityTest, ANestedRowThatRefersToAnotherTenantIsFound) {
  Break(
      "ALTER TABLE saas.order_items DROP CONSTRAINT order_items_product_id_fkey;"
      "CREATE UNIQUE INDEX careless ON saas.products (id);"
      "ALTER TABLE saas.order_items ADD FOREIGN KEY (product_id) REFERENCES saas.products (id)");
  const Findings methods = RunMethods();
  EXPECT_TRUE(methods.Mentions(
      "CreateOrder as authenticated: items of a new row with a reference by product"))
      << methods.ToString();
}

}  // namespace
}  // namespace tenantry::isolation
