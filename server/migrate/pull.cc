#include "server/migrate/pull.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/migrate/drift.h"
#include "server/migrate/model.h"
#include "server/migrate/pull_names.h"
#include "server/migrate/pull_table.h"
#include "server/migrate/views.h"
#include "server/pg/system.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

namespace fs = std::filesystem;

constexpr char kNamespacesQuery[] =
    "SELECT n.nspname FROM pg_catalog.pg_namespace n"
    "  WHERE n.nspname NOT IN ('information_schema', 'tenantry') AND n.nspname NOT LIKE 'pg\\_%'"
    "    AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid"
    "      AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
    "        WHERE d.objid = c.oid AND d.deptype = 'e'))"
    "  ORDER BY 1";

bool HasColumn(const v1::Table& table, const std::string& name) {
  return std::any_of(table.columns().begin(), table.columns().end(),
                     [&](const v1::Column& column) { return column.name() == name; });
}

// The tenant column of every table refers to it.
bool IsTenantRoot(const v1::Table& table, const v1::Snapshot& model,
                  const std::string& tenant_column) {
  if (table.primary_key().columns_size() != 1) return false;
  for (const v1::Table& other : model.tables()) {
    for (const v1::ForeignKey& key : other.foreign_keys()) {
      if (key.columns_size() == 1 && key.columns(0) == tenant_column &&
          key.target_schema() == table.schema() && key.target_table() == table.name()) {
        return true;
      }
    }
  }
  return false;
}

// Views that a schema can say: those with a tenant, which run with their caller's rights. Others
// are told as strangers.
void ForgetOtherViews(v1::Snapshot& model, const std::string& tenant_column) {
  auto is_named = [](const v1::Column& column) { return schema::IsSnakeIdentifier(column.name()); };
  auto is_other = [&](const v1::View& view) {
    const auto& columns = view.columns();
    const auto tenant = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
      return column.name() == tenant_column && column.type() == "uuid";
    });
    return view.runs_as_owner() || tenant == columns.end() || columns.size() < 2 ||
           !schema::IsSnakeIdentifier(view.name()) ||
           !std::all_of(columns.begin(), columns.end(), is_named);
  };
  auto& views = *model.mutable_views();
  views.erase(std::remove_if(views.begin(), views.end(), is_other), views.end());
}

// All protos of a database. Messages are called what the tables' comments say, where these are the
// names of messages.
class Protos {
 public:
  Protos(const LiveModel& live, const std::string& tenant_column, const std::string& role_prefix,
         const schema::Schema* known)
      : model_(live.model), known_(known) {
    database_.tenant_column = tenant_column;
    database_.role_prefix = role_prefix;
    for (const std::string& stranger : live.strangers) {
      constexpr absl::string_view kGenerated = "the generated column ";
      if (absl::StartsWith(stranger, kGenerated)) {
        database_.generated.insert(stranger.substr(kGenerated.size()));
      }
    }
  }

  std::vector<std::pair<std::string, std::string>> Write() {
    for (const std::string& name : NamespacesOf(model_)) packages_[name] = PackageOf(name);
    FindTables();
    std::map<std::string, std::string> enums;  // text, by namespace
    for (const v1::EnumType& type : model_.enums()) enums[type.schema()] += EnumOf(type);
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& [name, package] : packages_) {
      std::string text = Head(name, package) + enums[name];
      for (const PulledTable& table : database_.tables) {
        if (table.table->schema() != name) continue;
        absl::StrAppend(&text, "\n", MessageOf(table, database_));
      }
      files.emplace_back(FileOf(package, name), std::move(text));
    }
    return files;
  }

 private:
  static std::string FileOf(const std::string& package, const std::string& name) {
    return absl::StrCat(absl::StrJoin(absl::StrSplit(package, '.'), "/"), "/", FieldNameOf(name),
                        ".proto");
  }

  // `saas` of a table whose comment is `saas.Contact`.
  static std::string PackageIn(const std::string& comment) {
    const std::vector<std::string> parts = absl::StrSplit(comment, '.');
    if (parts.size() < 2 || !schema::IsCamelIdentifier(parts.back())) return "";
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      if (!schema::IsSnakeIdentifier(parts[i])) return "";
    }
    return comment.substr(0, comment.rfind('.'));
  }

  std::string PackageOf(const std::string& name) const {
    for (const v1::Table& table : model_.tables()) {
      if (table.schema() != name) continue;
      if (std::string package = PackageIn(table.proto_name()); !package.empty()) return package;
    }
    return name == "public" ? "app" : FieldNameOf(name);  // a word of C++
  }

  const schema::Table* KnownTable(const v1::Table& table) const {
    if (known_ == nullptr) return nullptr;
    for (const schema::Table& other : known_->tables()) {
      if (other.schema == NameAfter(table.schema()) && other.name == NameAfter(table.name())) {
        return &other;
      }
    }
    return nullptr;
  }

  void FindTables() {
    int next = 1;
    if (known_ != nullptr) {
      for (const schema::Table& table : known_->tables()) next = std::max(next, table.number + 1);
    }
    next_ = next;
    for (const v1::Table& table : model_.tables()) {
      AddTable(table).tenant_root = IsTenantRoot(table, model_, database_.tenant_column);
    }
    for (const v1::View& view : model_.views()) AddView(view);
  }

  PulledTable& AddTable(const v1::Table& table) {
    PulledTable& pulled = database_.tables.emplace_back();
    pulled.table = &table;
    pulled.known = KnownTable(table);
    const std::string& package = packages_[table.schema()];
    const std::string said = PackageIn(table.proto_name()) == package
                                 ? table.proto_name().substr(package.size() + 1)
                                 : MessageNameOf(table.name());
    pulled.full_name = absl::StrCat(
        package, ".",
        names_[package].Take(pulled.known == nullptr ? said : pulled.known->message->name()));
    pulled.number =
        pulled.known != nullptr && pulled.known->number != 0 ? pulled.known->number : next_++;
    return pulled;
  }

  // The column behind the tenant's, or `id`, unless the schema of before says otherwise.
  static std::vector<std::string> KeyOf(const v1::View& view, const schema::Table* known,
                                        const std::string& tenant) {
    std::vector<std::string> key;
    if (known != nullptr) {
      for (const schema::Column* column : known->primary_key) key.push_back(column->name);
      return key;
    }
    for (const v1::Column& column : view.columns()) {
      if (column.name() == "id") return {"id"};
      if (column.name() != tenant && key.empty()) key = {column.name()};
    }
    return key;
  }

  // As if it were a table, whose only constraint is its key.
  void AddView(const v1::View& view) {
    v1::Table& table = views_.emplace_back();
    table.set_schema(view.schema());
    table.set_name(view.name());
    table.set_proto_name(view.proto_name());
    *table.mutable_columns() = view.columns();
    table.mutable_primary_key()->add_columns(database_.tenant_column);
    for (const std::string& name : KeyOf(view, KnownTable(table), database_.tenant_column)) {
      table.mutable_primary_key()->add_columns(name);
      for (v1::Column& column : *table.mutable_columns()) {
        if (column.name() == name) column.set_not_null(true);
      }
    }
    AddTable(table).view = QueryWithin(view.query());
  }

  const schema::EnumType* KnownEnum(const v1::EnumType& type) const {
    if (known_ == nullptr) return nullptr;
    for (const schema::EnumType& other : known_->enums()) {
      if (other.schema == NameAfter(type.schema()) && other.name == NameAfter(type.name())) {
        return &other;
      }
    }
    return nullptr;
  }

  std::string EnumOf(const v1::EnumType& type) {
    if (type.labels().empty()) return "";
    const std::string& package = packages_[type.schema()];
    const std::string name = names_[package].Take(schema::CamelCase(FieldNameOf(type.name())));
    const std::string prefix = schema::UpperSnakeCase(name) + "_";
    const schema::EnumType* known = KnownEnum(type);
    PulledEnum pulled{SqlNameOf(type), absl::StrCat(package, ".", name), {}};
    std::string text = absl::StrCat("\nenum ", name, " {\n");
    if (schema::SnakeCase(name) != NameAfter(type.name())) {
      absl::StrAppend(&text, "  option (tenantry.v1.enum_type).name = \"", NameAfter(type.name()),
                      "\";\n");
    }
    absl::StrAppend(&text, "  ", prefix, "UNSPECIFIED = 0;\n");
    FreeNames constants;
    constants.Take(prefix + "UNSPECIFIED");
    int next = 1;
    if (known != nullptr) {
      for (const auto& value : known->values) next = std::max(next, value.number + 1);
    }
    for (const v1::EnumLabel& label : type.labels()) {
      const schema::EnumType::Value* before =
          known == nullptr ? nullptr : known->FindLabel(label.label());
      const std::string constant = constants.Take(prefix + ConstantOf(label.label()));
      absl::StrAppend(&text, "  ", constant, " = ", before == nullptr ? next++ : before->number);
      if (absl::AsciiStrToLower(constant.substr(prefix.size())) != label.label()) {
        absl::StrAppend(&text, " [(tenantry.v1.label) = \"", absl::CEscape(label.label()), "\"]");
      }
      absl::StrAppend(&text, ";\n");
      pulled.values.emplace_back(label.label(), constant);
    }
    database_.enums.push_back(std::move(pulled));
    return text + "}\n";
  }

  // As format_type prints it.
  static std::string SqlNameOf(const v1::EnumType& type) {
    auto part = [](const std::string& name) {
      return schema::IsSnakeIdentifier(name) ? name : schema::QuoteIdentifier(name);
    };
    return absl::StrCat(part(type.schema()), ".", part(type.name()));
  }

  std::string Head(const std::string& name, const std::string& package) const {
    std::string text = absl::StrCat(
        "// Made by `tenantryd pull`: numbers are identity from now on.\n"
        "syntax = \"proto3\";\n\npackage ",
        package,
        ";\n\nimport \"google/protobuf/struct.proto\";\n"
        "import \"google/protobuf/timestamp.proto\";\n");
    for (const auto& [other, its_package] : packages_) {
      if (other == name) continue;
      absl::StrAppend(&text,
                      EnumsAreIn(other) ? "import \"" + FileOf(its_package, other) + "\";\n" : "");
    }
    absl::StrAppend(&text, "import \"tenantry/v1/options.proto\";\n");
    std::string options;
    if (package.substr(0, package.find('.')) != name) {
      absl::StrAppend(&options, " schema: \"", NameAfter(name), "\"");
    }
    if (database_.tenant_column != "tenant_id") {
      absl::StrAppend(&options, " tenant_column: \"", database_.tenant_column, "\"");
    }
    if (packages_.size() > 1 && name == packages_.begin()->first) {
      absl::StrAppend(&options, " api_package: \"", package, ".v1\"");
    }
    if (!options.empty()) {
      absl::StrAppend(&text, "\noption (tenantry.v1.database) = {", options, " };\n");
    }
    return text;
  }

  // Only the first file may be imported by the others: imports make no circle.
  bool EnumsAreIn(const std::string& name) const {
    return name == packages_.begin()->first &&
           std::any_of(model_.enums().begin(), model_.enums().end(),
                       [&](const v1::EnumType& type) { return type.schema() == name; });
  }

  const v1::Snapshot& model_;
  const schema::Schema* const known_;
  int next_ = 1;                 // number that no table has had
  std::deque<v1::Table> views_;  // never moved: database_ has pointers
  PulledDatabase database_;
  std::map<std::string, std::string> packages_;  // by namespace
  std::map<std::string, FreeNames> names_;       // of messages and enums, by package
};

// A table that others of the tenant's are found through, or nothing.
std::string WayToTenant(const v1::Table& table, const v1::Snapshot& model,
                        const std::string& tenant_column) {
  for (const v1::ForeignKey& key : table.foreign_keys()) {
    for (const v1::Table& target : model.tables()) {
      const bool leads = target.schema() == key.target_schema() &&
                         target.name() == key.target_table() && &target != &table;
      if (!leads) continue;
      std::vector<std::string> pairs;
      for (int i = 0; i < key.columns_size(); ++i) {
        pairs.push_back(absl::StrCat("other.", schema::QuoteIdentifier(key.target_columns(i)),
                                     " = this.", schema::QuoteIdentifier(key.columns(i))));
      }
      return absl::StrCat("UPDATE ", schema::QuoteQualified(table.schema(), table.name()),
                          " AS this SET ", schema::QuoteIdentifier(tenant_column), " = other.",
                          schema::QuoteIdentifier(tenant_column), " FROM ",
                          schema::QuoteQualified(target.schema(), target.name()),
                          " AS other WHERE ", absl::StrJoin(pairs, " AND "), ";");
    }
  }
  return "";
}

// Names that a schema refuses, as `firstName`.
void RenameIn(const v1::Table& table, std::vector<std::string>& plans) {
  const std::string name = schema::QuoteQualified(table.schema(), table.name());
  for (const v1::Column& column : table.columns()) {
    const std::string after = NameAfter(column.name());
    if (after == column.name()) continue;
    plans.push_back(absl::StrCat("ALTER TABLE ", name, " RENAME COLUMN ",
                                 schema::QuoteIdentifier(column.name()), " TO ", after, ";"));
  }
  const std::string after = NameAfter(table.name());
  if (after != table.name()) {
    plans.push_back(absl::StrCat("ALTER TABLE ", name, " RENAME TO ", after, ";"));
  }
}

std::vector<std::string> PlansFor(const v1::Snapshot& model, const std::string& tenant_column) {
  std::vector<std::string> plans;
  for (const v1::Table& table : model.tables()) {
    if (HasColumn(table, tenant_column) || IsTenantRoot(table, model, tenant_column)) continue;
    const std::string name = schema::QuoteQualified(table.schema(), table.name());
    const std::string column = schema::QuoteIdentifier(tenant_column);
    std::string fill = WayToTenant(table, model, tenant_column);
    if (fill.empty()) {
      fill = absl::StrCat("UPDATE ", name, " SET ", column,
                          " = ...;  -- whose rows are these? No reference tells");
    }
    plans.push_back(absl::StrCat("ALTER TABLE ", name, " ADD COLUMN ", column, " uuid;"));
    plans.push_back(fill);
    plans.push_back(absl::StrCat("ALTER TABLE ", name, " ALTER COLUMN ", column, " SET NOT NULL;"));
  }
  for (const v1::Table& table : model.tables()) RenameIn(table, plans);
  return plans;
}

// Without tenantry's functions and roles nothing can be made that names them.
v1::Snapshot WithoutOurs(v1::Snapshot model) {
  for (v1::Table& table : *model.mutable_tables()) {
    table.clear_policies();
    table.clear_grants();
    for (v1::Column& column : *table.mutable_columns()) {
      if (absl::StartsWith(column.default_value(), "tenantry.")) column.clear_default_value();
    }
  }
  return model;
}

absl::Status WriteFile(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  std::ofstream file(path);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(path.string(), " cannot be written"));
}

// The schema in `out`, when there is one. It must be from a pull before: two files cannot have the
// same tables.
absl::StatusOr<std::unique_ptr<const schema::Schema>> KnownIn(const std::string& out) {
  std::error_code ignored;
  if (!fs::exists(out, ignored) || fs::is_empty(out, ignored)) return nullptr;
  auto known = schema::Schema::Load({.path = out});
  if (!known.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(out, " is not empty, and holds no schema whose numbers could be kept: ",
                     known.status().message()));
  }
  return known;
}

absl::Status CheckOnlyPulled(const schema::Schema& known,
                             const std::vector<std::pair<std::string, std::string>>& files,
                             const std::string& out) {
  std::set<std::string> names;
  for (const auto& [name, text] : files) names.insert(name);
  for (const schema::Table& table : known.tables()) {
    const std::string& file = table.message->file()->name();
    if (names.contains(file)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        out, "/", file, " was not written by a pull: name an empty folder with --out"));
  }
  return absl::OkStatus();
}

// What was added by hand, such as a comment or a relation to many, is in no database.
absl::Status CheckNothingIsLost(const std::vector<std::pair<std::string, std::string>>& files,
                                const std::string& out) {
  std::vector<std::string> lost;
  for (const auto& [name, text] : files) {
    std::ifstream file(fs::path(out) / name);
    if (!file) continue;
    const std::string before(std::istreambuf_iterator<char>(file), {});
    if (before != text) lost.push_back(absl::StrCat(out, "/", name));
  }
  if (lost.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(absl::StrJoin(lost, ", "),
                   ": would be written anew, without what was added by hand. Keep a copy, and say "
                   "--overwrite; or pull into another folder and compare"));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ProtosOf(const LiveModel& live,
                                                          const std::string& tenant_column,
                                                          const std::string& role_prefix,
                                                          const schema::Schema* known) {
  return Protos(live, tenant_column, role_prefix, known).Write();
}

absl::StatusOr<Pulled> Pull(const PullOptions& options) {
  auto known = KnownIn(options.out);
  if (!known.ok()) return known.status();
  auto connection = pg::OpenSystemConnection(options.database_url);
  if (!connection.ok()) return connection.status();
  LiveModel live;
  std::vector<std::string> namespaces = options.namespaces;
  bool has_ours = false;
  absl::Status status = pg::CatchPqxx([&] {
    pqxx::work tx(*connection);
    if (namespaces.empty()) {
      for (const pqxx::row& row : tx.exec(kNamespacesQuery)) {
        namespaces.push_back(row[0].as<std::string>());
      }
    }
    has_ours = tx.query_value<bool>("SELECT to_regproc('tenantry.tenant_id') IS NOT NULL");
    live = Introspect(tx, namespaces);
  });
  if (!status.ok()) return status;
  ForgetOtherViews(live.model, options.tenant_column);
  if (live.model.tables().empty()) {
    return absl::FailedPreconditionError("the database has no table to pull");
  }

  Pulled pulled;
  const auto files = ProtosOf(live, options.tenant_column, options.role_prefix, known->get());
  if (*known != nullptr) status = CheckOnlyPulled(**known, files, options.out);
  if (status.ok() && !options.overwrite) status = CheckNothingIsLost(files, options.out);
  if (!status.ok()) return status;
  for (const auto& [name, text] : files) {
    status = WriteFile(fs::path(options.out) / name, text);
    if (!status.ok()) return status;
    pulled.written.push_back(name);
  }
  pulled.plans = PlansFor(live.model, options.tenant_column);

  auto schema = schema::Schema::Load({.path = options.out});
  if (!schema.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "what was written to ", options.out, " has to be mended by hand before it is a schema:\n",
        schema.status().message()));
  }
  auto model = ModelOf(**schema, options.role_prefix);
  if (!model.ok()) return model.status();
  auto printed = AsPrinted(*connection, has_ours ? *model : WithoutOurs(*model));
  if (!printed.ok()) return printed.status();
  pulled.differences = Differences(*printed, live.model, kInProtos);
  if (!has_ours) {
    pulled.differences.push_back(
        "row-level security, policies and grants: the database has none of tenantry's yet");
  }
  for (const v1::View& view : live.model.views()) {
    std::erase(live.strangers, absl::StrCat("view ", view.schema(), ".", view.name()));
  }
  for (const std::string& stranger : live.strangers) {
    const bool function = absl::StartsWith(stranger, "function ");
    pulled.differences.push_back(
        stranger + (function ? " is in the database, and only tables are pulled: declare its "
                               "method by hand"
                             : " is in the database, and protos cannot say it"));
  }
  return pulled;
}

}  // namespace tenantry::migrate
