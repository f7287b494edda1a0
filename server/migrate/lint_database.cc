#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/roles.h"
#include "server/migrate/introspect.h"
#include "server/migrate/lint.h"

namespace tenantry::migrate {
namespace {

// $1: namespaces, $2: tenant roles, $3: the owner. Each row: rule, object, sentence.
constexpr char kObjectsQuery[] = R"(
  SELECT 'view_without_security_invoker', n.nspname || '.' || c.relname,
         'is a view that reads as its owner: CREATE VIEW ... WITH (security_invoker = true)'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
  WHERE c.relkind = 'v'
    AND NOT coalesce((SELECT option_value::bool FROM pg_options_to_table(c.reloptions)
                      WHERE option_name = 'security_invoker'), false)
  UNION ALL
  SELECT 'readable_materialized_view', n.nspname || '.' || c.relname,
         'is a materialized view, which has no policies, and a tenant role may read it'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
  WHERE c.relkind = 'm' AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname = ANY ($2)
                                    AND has_table_privilege(r.oid, c.oid, 'SELECT'))
  UNION ALL
  SELECT 'security_definer_without_search_path',
         n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
         'runs as its owner with the caller''s search_path: ALTER FUNCTION ... SET search_path = pg_catalog'
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = ANY ($1 || ARRAY['tenantry'])
  WHERE p.prosecdef AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting
                                    WHERE setting LIKE 'search\_path=%')
  UNION ALL
  SELECT 'sequence_for_tenants', n.nspname || '.' || c.relname,
         'is a sequence that a tenant role may use: its values tell how much other tenants write'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
  WHERE c.relkind = 'S' AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname = ANY ($2)
                                    AND has_sequence_privilege(r.oid, c.oid, 'USAGE, SELECT'))
  UNION ALL
  SELECT 'published_table', t.schemaname || '.' || t.tablename,
         'is in the publication ' || t.pubname || ', whose subscribers see the rows of all tenants'
  FROM pg_publication_tables t WHERE t.schemaname = ANY ($1)
  UNION ALL
  SELECT 'owner_without_row_security', n.nspname || '.' || c.relname,
         'is owned by ' || r.rolname || ', for whom row-level security does not hold'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
       JOIN pg_roles r ON r.oid = c.relowner
  WHERE c.relkind IN ('r', 'p') AND (r.rolbypassrls OR r.rolsuper)
  UNION ALL
  SELECT 'foreign_owner', n.nspname || '.' || c.relname,
         'is owned by ' || r.rolname || ', and ' || $3 || ' cannot change it'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
       JOIN pg_roles r ON r.oid = c.relowner
  WHERE c.relkind IN ('r', 'p') AND r.rolname <> $3
  UNION ALL
  SELECT 'writable_namespace', n.nspname, 'may be written to by ' || r.rolname
  FROM pg_namespace n JOIN pg_roles r ON r.rolname = ANY ($2)
  WHERE n.nspname = ANY ($1) AND has_schema_privilege(r.oid, n.oid, 'CREATE')
  UNION ALL
  SELECT 'unlogged_table', n.nspname || '.' || c.relname,
         'is unlogged: a crash empties it, and no replica has it'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
  WHERE c.relkind = 'r' AND c.relpersistence = 'u'
  ORDER BY 1, 2)";

class DatabaseLint {
 public:
  DatabaseLint(const schema::Schema& schema, v1::Snapshot live) : live_(std::move(live)) {
    for (const schema::Table& table : schema.tables()) {
      tenant_columns_[{table.schema, table.name}] = table.tenant_column;
    }
  }

  std::vector<LintFinding> Run() {
    for (const v1::Table& table : live_.tables()) {
      CheckRowSecurity(table);
      CheckPolicies(table);
      CheckKeys(table);
      CheckIndexes(table);
    }
    return std::move(findings_);
  }

 private:
  static std::string NameOf(const v1::Table& table) {
    return absl::StrCat(table.schema(), ".", table.name());
  }
  void Find(const char* rule, std::string object, std::string what) {
    findings_.push_back({rule, std::move(object), std::move(what)});
  }

  void CheckRowSecurity(const v1::Table& table) {
    if (table.row_security_disabled()) {
      Find("no_row_security", NameOf(table),
           "has no row-level security: ALTER TABLE ... ENABLE ROW LEVEL SECURITY");
    } else if (table.row_security_not_forced()) {
      Find("row_security_not_forced", NameOf(table),
           "does not hold its owner to its policies: ALTER TABLE ... FORCE ROW LEVEL SECURITY");
    }
    if (table.policies().empty()) {
      Find("no_policy", NameOf(table), "has no policy, so that nobody sees a row");
    }
  }

  void CheckPolicies(const v1::Table& table) {
    for (const v1::Policy& policy : table.policies()) {
      const std::string object = absl::StrCat(NameOf(table), ".", policy.name());
      for (const std::string& role : policy.roles()) {
        if (role == "public") Find("policy_for_everybody", object, "is for every role: TO a role");
      }
      if (policy.using_sql() == "true" || policy.with_check_sql() == "true") {
        Find("policy_always_true", object, "lets the rows of all tenants through");
      }
    }
  }

  // Foreign keys and unique keys are checked without regard to policies.
  void CheckKeys(const v1::Table& table) {
    auto tenant = tenant_columns_.find({table.schema(), table.name()});
    if (tenant == tenant_columns_.end()) return;
    auto check = [&](const std::string& name, const auto& columns) {
      if (!columns.empty() && columns.Get(0) == tenant->second) return;
      Find("key_without_tenant", absl::StrCat(NameOf(table), ".", name),
           absl::StrCat("does not begin with ", tenant->second,
                        ": it tells whether another tenant has such a row"));
    };
    check(table.primary_key().name(), table.primary_key().columns());
    for (const v1::Index& index : table.indexes()) {
      if (index.unique()) check(index.name(), index.columns());
    }
    for (const v1::ForeignKey& key : table.foreign_keys()) check(key.name(), key.columns());
  }

  void CheckIndexes(const v1::Table& table) {
    std::map<std::string, std::string> seen;
    for (const v1::Index& index : table.indexes()) {
      const std::string definition = absl::StrCat(
          index.method(), " (", absl::StrJoin(index.columns(), ", "), ") ", index.where());
      auto [first, fresh] = seen.emplace(definition, index.name());
      if (fresh) continue;
      Find("duplicate_index", absl::StrCat(NameOf(table), ".", index.name()),
           absl::StrCat("is on the same columns as ", first->second));
    }
  }

  const v1::Snapshot live_;
  std::map<std::pair<std::string, std::string>, std::string> tenant_columns_;
  std::vector<LintFinding> findings_;
};

}  // namespace

absl::StatusOr<std::vector<LintFinding>> LintDatabase(pqxx::connection& connection,
                                                      const schema::Schema& schema,
                                                      const std::string& role_prefix) {
  std::set<std::string> names;
  for (const schema::Table& table : schema.tables()) names.insert(table.schema);
  const std::vector<std::string> namespaces(names.begin(), names.end());
  std::vector<LintFinding> findings;
  absl::Status status = pg::CatchPqxx([&] {
    pqxx::work tx(connection);
    tx.exec("SET TRANSACTION READ ONLY");
    findings = DatabaseLint(schema, Introspect(tx, namespaces).model).Run();
    for (const pqxx::row& row :
         tx.exec(kObjectsQuery, pqxx::params{namespaces, TenantRoles(role_prefix),
                                             DatabaseRole(role_prefix, kOwnerRole)})) {
      findings.push_back(
          {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>()});
    }
  });
  if (!status.ok()) return status;
  return findings;
}

}  // namespace tenantry::migrate
