#include "server/migrate/bootstrap_plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/base/roles.h"
#include "server/base/strings.h"
#include "server/migrate/bootstrap_sql.h"

namespace tenantry::migrate {
namespace {

// In the order of kRolesQuery's columns.
constexpr std::array<const char*, 7> kAttributes = {
    "LOGIN", "INHERIT", "SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS"};
using Attributes = std::array<bool, kAttributes.size()>;

constexpr char kRolesQuery[] = R"(
  SELECT rolname, rolcanlogin, rolinherit, rolsuper, rolcreatedb, rolcreaterole, rolreplication,
         rolbypassrls, coalesce(pg_catalog.shobj_description(oid, 'pg_authid'), '')
  FROM pg_catalog.pg_roles WHERE rolname = ANY ($1))";

// Grantee ('' for PUBLIC) and right.
constexpr char kDatabaseRightsQuery[] = R"(
  SELECT CASE a.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
         a.privilege_type
  FROM pg_catalog.pg_database d,
       pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
  WHERE d.datname = current_database())";

constexpr char kSchemaRightsQuery[] = R"(
  SELECT CASE a.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
         a.privilege_type
  FROM pg_catalog.pg_namespace n,
       pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
  WHERE n.nspname = $1)";

constexpr char kFunctionRightsQuery[] =
    "SELECT CASE a.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END,"
    "       a.privilege_type"
    "  FROM pg_catalog.pg_proc p, pg_catalog.pg_namespace n,"
    "       pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a"
    "  WHERE n.oid = p.pronamespace AND n.nspname = 'tenantry' AND " TENANTRY_SIGNATURE " = $1";

using Rights = std::set<std::pair<std::string, std::string>>;  // grantee, right

// Whether a function runs as its owner, in the words of its file. Such a function also has a
// search_path of its own.
bool RunsAsOwner(const std::string& sql) { return absl::StrContains(sql, "SECURITY DEFINER"); }

// Between the first `$$` and the next.
std::string BodyOf(const std::string& sql) {
  const std::size_t begin = sql.find("$$") + 2;
  return sql.substr(begin, sql.find("$$", begin) - begin);
}

std::string Spell(const Attributes& attributes) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kAttributes.size(); ++i) {
    words.push_back(absl::StrCat(attributes[i] ? "" : "NO", kAttributes[i]));
  }
  return absl::StrJoin(words, " ");
}

// Those in which `found` differs, as `wanted` has them: `NOLOGIN NOSUPERUSER`.
std::string Differences(const Attributes& found, const Attributes& wanted) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kAttributes.size(); ++i) {
    if (found[i] != wanted[i]) {
      words.push_back(absl::StrCat(wanted[i] ? "" : "NO", kAttributes[i]));
    }
  }
  return absl::StrJoin(words, " ");
}

class Planner {
 public:
  Planner(pqxx::work& tx, const BootstrapOptions& options)
      : tx_(tx),
        options_(options),
        owner_(DatabaseRole(options.role_prefix, kOwnerRole)),
        app_(DatabaseRole(options.role_prefix, kAppRole)),
        tenant_roles_(TenantRoles(options.role_prefix)) {
    wanted_.push_back({owner_, {true, true}});
    wanted_.push_back({app_, {true, false}});
    for (const std::string& role : tenant_roles_) wanted_.push_back({role, {false, false}});
  }

  absl::StatusOr<BootstrapPlan> Make() {
    CheckDatabase();
    ReadRoles();
    for (const auto& [role, attributes] : wanted_) PlanRole(role, attributes);
    CheckAdopted();
    PlanMemberships();
    PlanDatabase();
    PlanPublic();
    PlanSchema();
    PlanPassword(app_, options_.app_password);
    PlanPassword(owner_, options_.owner_password);
    if (refused_.empty()) return std::move(plan_);
    return absl::FailedPreconditionError(absl::StrJoin(refused_, "\n"));
  }

 private:
  struct Role {
    Attributes attributes;
    std::string comment;
    bool made() const { return absl::StartsWith(comment, kMadeMark); }
    bool adopted() const { return absl::StrContains(comment, kAdoptedMark); }
  };

  template <typename... Parts>
  void Refuse(const Parts&... parts) {
    refused_.push_back(absl::StrCat(parts...));
  }
  void Add(std::string words, std::string sql, std::string as_role = "") {
    plan_.effects.push_back({std::move(words), std::move(sql), std::move(as_role)});
  }
  std::string Quote(const std::string& name) const { return tx_.quote_name(name); }
  std::string QuotedTenantRoles() const {
    return absl::StrJoin(tenant_roles_, ", ", [this](std::string* out, const std::string& role) {
      absl::StrAppend(out, Quote(role));
    });
  }
  bool Exists(const std::string& role) const { return roles_.contains(role); }
  Rights ReadRights(const char* query, const std::vector<std::string>& parameter = {}) {
    pqxx::params params;
    for (const std::string& value : parameter) params.append(value);
    Rights rights;
    for (const pqxx::row& row : tx_.exec(query, params)) {
      rights.insert({row[0].as<std::string>(), row[1].as<std::string>()});
    }
    return rights;
  }

  void CheckDatabase() {
    const pqxx::row row = tx_.exec(
        "SELECT current_database(), pg_catalog.pg_encoding_to_char(encoding), current_user,"
        " current_setting('server_version_num')::int"
        " FROM pg_catalog.pg_database WHERE datname = current_database()")[0];
    database_ = row[0].as<std::string>();
    user_ = row[2].as<std::string>();
    version_ = row[3].as<int>();
    if (const std::string encoding = row[1].as<std::string>(); encoding != "UTF8") {
      Refuse("database ", database_, " is encoded in ", encoding,
             ", and the server's texts are UTF-8: make one with CREATE DATABASE ... ENCODING "
             "'UTF8' TEMPLATE template0");
    }
  }

  void ReadRoles() {
    std::vector<std::string> names;
    for (const auto& [role, attributes] : wanted_) names.push_back(role);
    for (const pqxx::row& row : tx_.exec(kRolesQuery, pqxx::params{names})) {
      Role& role = roles_[row[0].as<std::string>()];
      for (std::size_t i = 0; i < kAttributes.size(); ++i) {
        role.attributes[i] = row[static_cast<int>(i) + 1].as<bool>();
      }
      role.comment = row[static_cast<int>(kAttributes.size()) + 1].as<std::string>();
    }
    set_up_before_ = SetUpBefore();
  }

  // Whether an earlier version, which did not mark its roles, has set this database up: the ledger
  // and its schema are the owner's, and the server's login is a member of every tenant role.
  bool SetUpBefore() {
    return tx_.query_value<bool>(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c"
        "   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        "   JOIN pg_catalog.pg_roles r ON r.oid = c.relowner AND r.oid = n.nspowner"
        "   WHERE n.nspname = 'tenantry' AND c.relname = 'migrations' AND r.rolname = $1)"
        " AND (SELECT count(DISTINCT r.rolname) FROM pg_catalog.pg_auth_members m"
        "   JOIN pg_catalog.pg_roles r ON r.oid = m.roleid"
        "   JOIN pg_catalog.pg_roles a ON a.oid = m.member"
        "   WHERE a.rolname = $2 AND r.rolname = ANY ($3)) = $4",
        pqxx::params{owner_, app_, tenant_roles_, static_cast<int>(tenant_roles_.size())});
  }

  void PlanRole(const std::string& role, const Attributes& wanted) {
    auto found = roles_.find(role);
    if (found == roles_.end()) {
      return Add(absl::StrCat("create role ", role, " (", Spell(wanted), ")"),
                 absl::StrCat("CREATE ROLE ", Quote(role), " ", Spell(wanted), "; ",
                              CommentSql(role, std::string(kMadeMark))));
    }
    const std::string differences = Differences(found->second.attributes, wanted);
    if (found->second.made()) {
      if (differences.empty()) return;
      return Add(absl::StrCat("make role ", role, " ", differences),
                 absl::StrCat("ALTER ROLE ", Quote(role), " ", differences));
    }
    const bool given = found->second.adopted() || Adopts(role);
    if (!given && !set_up_before_) return RefuseForeign(role);
    if (!differences.empty()) return RefuseDifferent(role, differences);
    if (found->second.adopted()) return;
    if (given) {
      return Add(
          absl::StrCat("mark role ", role, " as used by Tenantry, in its comment"),
          CommentSql(role, absl::StrCat(found->second.comment,
                                        found->second.comment.empty() ? "" : " ", kAdoptedMark)));
    }
    Add(absl::StrCat("mark role ", role, ", which an earlier version made, in its comment"),
        CommentSql(role, std::string(kMadeMark)));
  }

  std::string CommentSql(const std::string& role, const std::string& comment) const {
    return absl::StrCat("COMMENT ON ROLE ", Quote(role), " IS ", tx_.quote(comment));
  }

  bool Adopts(const std::string& role) const {
    return std::find(options_.adopt_roles.begin(), options_.adopt_roles.end(), role) !=
           options_.adopt_roles.end();
  }

  void RefuseForeign(const std::string& role) {
    Refuse("role ", role,
           " exists, and Tenantry did not make it: it stays as it is. Take other names with "
           "--role-prefix, for example --role-prefix ",
           options_.role_prefix, "app_. If the role is meant for Tenantry, name it: --adopt-roles ",
           role, ". If an earlier version made it, bootstrap the database of that version first");
  }

  void RefuseDifferent(const std::string& role, const std::string& differences) {
    Refuse("role ", role, " must be ", differences,
           ", and Tenantry does not alter a role that it did not make. If nothing else needs it as "
           "it is: ALTER ROLE ",
           Quote(role), " ", differences);
  }

  void CheckAdopted() {
    for (const std::string& role : options_.adopt_roles) {
      std::vector<std::string> names;
      for (const auto& [name, attributes] : wanted_) names.push_back(name);
      if (std::find(names.begin(), names.end(), role) != names.end()) continue;
      Refuse("--adopt-roles names ", role, ", which is none of ", absl::StrJoin(names, ", "));
    }
  }

  // From PostgreSQL 16 on, inheriting is an option of the membership, no longer of the role alone.
  void PlanMemberships() {
    const char* options = version_ >= 160000 ? " WITH INHERIT FALSE, SET TRUE" : "";
    for (const std::string& role : tenant_roles_) {
      // Only who administers a role may grant it, even to no effect.
      if (Exists(app_) && Exists(role) && MayBecome(app_, role) && !Inherits(app_, role)) continue;
      Add(absl::StrCat("let ", app_, " become ", role),
          absl::StrCat("GRANT ", Quote(role), " TO ", Quote(app_), options));
    }
    // Since PostgreSQL 16, who creates a role is its member without the right to become it.
    if (IsSuperuser() || (Exists(owner_) && MayBecome(user_, owner_))) return;
    Add(absl::StrCat("let ", user_, " become ", owner_),
        absl::StrCat("GRANT ", Quote(owner_), " TO ", Quote(user_)));
  }

  bool MayBecome(const std::string& member, const std::string& role) {
    return tx_.query_value<bool>("SELECT pg_catalog.pg_has_role($1::name, $2::name, $3)",
                                 pqxx::params{member, role, version_ >= 160000 ? "SET" : "MEMBER"});
  }
  bool Inherits(const std::string& member, const std::string& role) {
    return tx_.query_value<bool>("SELECT pg_catalog.pg_has_role($1::name, $2::name, 'USAGE')",
                                 pqxx::params{member, role});
  }
  bool IsSuperuser() {
    return tx_.query_value<bool>(
        "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user");
  }

  void PlanDatabase() {
    database_rights_ = ReadRights(kDatabaseRightsQuery);
    GrantOnDatabase(app_, {"CONNECT"});
    GrantOnDatabase(owner_, {"CONNECT", "CREATE", "TEMPORARY"});
  }

  void GrantOnDatabase(const std::string& role, const std::vector<std::string>& rights) {
    std::vector<std::string> missing;
    for (const std::string& right : rights) {
      if (!database_rights_.contains({role, right})) missing.push_back(right);
    }
    if (missing.empty()) return;
    const std::string list = absl::StrJoin(missing, ", ");
    Add(absl::StrCat("grant ", list, " on database ", database_, " to ", role),
        absl::StrCat("GRANT ", list, " ON DATABASE ", Quote(database_), " TO ", Quote(role)));
  }

  static std::string RightsOfPublic(const Rights& rights) {
    std::vector<std::string> list;
    for (const auto& [grantee, right] : rights) {
      if (grantee.empty()) list.push_back(right);
    }
    return absl::StrJoin(list, ", ");
  }

  void PlanPublic() {
    const std::string on_database = RightsOfPublic(database_rights_);
    const std::string on_schema = RightsOfPublic(ReadRights(kSchemaRightsQuery, {"public"}));
    if (!options_.revoke_public) {
      if (on_database.empty()) return;
      plan_.notes.push_back(
          absl::StrCat("PUBLIC keeps ", on_database, " on database ", database_,
                       "; if the database is Tenantry's alone, --revoke-public true takes that"));
      return;
    }
    if (!on_database.empty()) {
      Add(absl::StrCat("take ", on_database, " on database ", database_,
                       " from PUBLIC: other logins need a grant of their own then"),
          absl::StrCat("REVOKE ALL ON DATABASE ", Quote(database_), " FROM PUBLIC"));
    }
    if (!on_schema.empty()) {
      Add(absl::StrCat("take ", on_schema, " on schema public of database ", database_,
                       " from PUBLIC"),
          "REVOKE ALL ON SCHEMA public FROM PUBLIC");
    }
  }

  void PlanSchema() {
    const pqxx::result found = tx_.exec(
        "SELECT pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace"
        " WHERE nspname = 'tenantry'");
    if (found.empty()) {
      Add(absl::StrCat("create schema tenantry in database ", database_, ", owned by ", owner_),
          "CREATE SCHEMA tenantry", owner_);
    } else if (const std::string owner = found[0][0].as<std::string>(); owner != owner_) {
      return Refuse("schema tenantry of database ", database_, " belongs to ", owner,
                    " and not to ", owner_,
                    ": was the database set up with another --role-prefix?");
    }
    PlanSchemaRights();
    for (const auto& [file, sql] : BootstrapSql()) {
      const std::string name(absl::StripSuffix(file, ".sql"));
      const std::string function = SignatureOf(sql);
      function.empty() ? PlanTable(name, sql) : PlanFunction(function, sql);
    }
  }

  void PlanSchemaRights() {
    const Rights rights = ReadRights(kSchemaRightsQuery, {"tenantry"});
    if (!RightsOfPublic(rights).empty()) {
      Add("take all rights on schema tenantry from PUBLIC",
          "REVOKE ALL ON SCHEMA tenantry FROM PUBLIC", owner_);
    }
    if (!EachTenantRoleHas(rights, "USAGE")) {
      Add(absl::StrCat("grant USAGE on schema tenantry to ", absl::StrJoin(tenant_roles_, ", ")),
          absl::StrCat("GRANT USAGE ON SCHEMA tenantry TO ", QuotedTenantRoles()), owner_);
    }
  }

  bool EachTenantRoleHas(const Rights& rights, const std::string& right) const {
    return std::all_of(tenant_roles_.begin(), tenant_roles_.end(), [&](const std::string& role) {
      return rights.contains({role, right});
    });
  }

  // `name`: with its parameters.
  void PlanFunction(const std::string& name, const std::string& sql) {
    const pqxx::result found = tx_.exec(
        "SELECT p.prosrc, p.prosecdef = $2 AND p.proconfig IS NOT NULL = $2 FROM "
        "pg_catalog.pg_proc p"
        " JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'tenantry' AND " TENANTRY_SIGNATURE " = $1",
        pqxx::params{name, RunsAsOwner(sql)});
    const bool same =
        !found.empty() && found[0][0].as<std::string>() == BodyOf(sql) && found[0][1].as<bool>();
    if (!same) {
      Add(absl::StrCat(found.empty() ? "create" : "replace", " function tenantry.", name), sql,
          owner_);
    }
    const Rights rights = ReadRights(kFunctionRightsQuery, {name});
    if (!found.empty() && RightsOfPublic(rights).empty() && EachTenantRoleHas(rights, "EXECUTE")) {
      return;
    }
    Add(absl::StrCat("let only ", absl::StrJoin(tenant_roles_, ", "), " call tenantry.", name),
        absl::StrCat("REVOKE ALL ON FUNCTION tenantry.", name,
                     " FROM PUBLIC; GRANT EXECUTE ON FUNCTION tenantry.", name, " TO ",
                     QuotedTenantRoles()),
        owner_);
  }

  void PlanTable(const std::string& name, const std::string& sql) {
    if (tx_.query_value<bool>("SELECT pg_catalog.to_regclass($1) IS NOT NULL",
                              pqxx::params{absl::StrCat("tenantry.", name)})) {
      return;
    }
    Add(absl::StrCat("create table tenantry.", name), sql, owner_);
  }

  void PlanPassword(const std::string& role, const std::string& password) {
    if (password.empty()) return;
    // Hashed here, so that no log of the database's statements holds it.
    const std::string hashed = tx_.conn().encrypt_password(role.c_str(), password.c_str());
    Add(absl::StrCat("set the password of role ", role),
        absl::StrCat("ALTER ROLE ", Quote(role), " PASSWORD ", tx_.quote(hashed)));
  }

  pqxx::work& tx_;
  const BootstrapOptions& options_;
  const std::string owner_, app_;
  const std::vector<std::string> tenant_roles_;
  std::vector<std::pair<std::string, Attributes>> wanted_;
  std::string database_, user_;
  int version_ = 0;
  std::map<std::string, Role> roles_;  // those that exist
  bool set_up_before_ = false;
  Rights database_rights_;
  BootstrapPlan plan_;
  std::vector<std::string> refused_;
};

}  // namespace

absl::StatusOr<BootstrapPlan> PlanBootstrap(pqxx::work& tx, const BootstrapOptions& options) {
  return Planner(tx, options).Make();
}

}  // namespace tenantry::migrate
