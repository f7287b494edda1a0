#include "server/migrate/rename.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/migrate/emit.h"
#include "server/migrate/identity_match.h"
#include "server/migrate/part_match.h"
#include "server/migrate/settle.h"
#include "server/migrate/sql_text.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::QuoteIdentifier;
using schema::QuoteLiteral;
using schema::QuoteQualified;

constexpr Hazard kLock = Hazard::kAcquiresAccessExclusiveLock;
constexpr Hazard kOldServers = Hazard::kBreaksOldServers;

// A table of `from` and what becomes of it. The middle's table is changed step by step from the one
// to the other.
struct TableRenaming {
  const v1::Table* before;
  v1::Table* middle;
  const v1::Table* after = nullptr;  // null: it goes
  std::map<int, const v1::Column*> after_by_number = {};
  Renames renames = {};
  // Kept part -> its new name; what goes is in no map.
  std::map<const void*, std::string> kept = {};
};

class Renamer {
 public:
  Renamer(const v1::Snapshot& from, const v1::Snapshot& to, Steps& steps)
      : to_(to),
        steps_(steps),
        from_(from),
        table_pairs_(from.tables(), to.tables()),
        enum_pairs_(from.enums(), to.enums()) {
    out_.middle = from;
  }

  Renaming Run() {
    MakeNamespaces();
    PairTables();
    PairEnums();
    for (TableRenaming& table : tables_) CarryOver(table);
    for (TableRenaming& table : tables_) KeepParts(table);
    for (TableRenaming& table : tables_) KeepForeignKeys(table);
    for (TableRenaming& table : tables_) Move(table);
    for (auto& [middle, after] : enums_) Move(*middle, *after);
    SettleSchemas();
    for (auto& [middle, after] : enums_) SettleLabels(*middle, *after);
    for (TableRenaming& table : tables_) {
      if (table.after == nullptr) continue;
      NoteIdentity(table);
      SettleColumns(table);
      SettleConstraints(table);
      SettlePolicies(table);
    }
    return std::move(out_);
  }

 private:
  void Note(Change::Kind kind, const std::string& object, const std::string& what) {
    out_.changes.push_back({kind, object, what});
  }
  void NoteRenamed(const std::string& object, const char* kind, const std::string& before,
                   const std::string& after) {
    if (before == after) return;
    Note(Change::Kind::kRenamed, object, absl::StrCat(kind, " renamed from ", before));
  }
  void Emit(std::string sql, Hazards hazards) {
    steps_.Add({Phase::kRename, {std::move(sql), std::move(hazards)}});
  }
  static std::string Where(const v1::Table& table) {
    return absl::StrCat(table.schema(), ".", table.name());
  }

  void MakeNamespaces() {
    std::vector<std::string> existing;
    for (const v1::Table& table : from_.tables()) existing.push_back(table.schema());
    for (const v1::EnumType& type : from_.enums()) existing.push_back(type.schema());
    Statements statements;
    EmitNamespaces(to_, existing, statements);
    for (Statement& statement : statements) {
      steps_.Add({Phase::kRename, std::move(statement)});
    }
  }

  void PairTables() {
    std::map<const v1::Table*, const v1::Table*> afters;
    for (const v1::Table& after : to_.tables()) {
      if (const v1::Table* before = table_pairs_.Before(after)) afters[before] = &after;
    }
    for (int i = 0; i < from_.tables_size(); ++i) {
      TableRenaming table{&from_.tables(i), out_.middle.mutable_tables(i)};
      auto after = afters.find(table.before);
      if (after != afters.end()) table.after = after->second;
      PairColumns(table);
      tables_.push_back(std::move(table));
    }
  }

  static void PairColumns(TableRenaming& table) {
    if (table.after == nullptr) return;
    for (const v1::Column& column : table.after->columns()) {
      table.after_by_number[column.number()] = &column;
    }
    for (const v1::Column& column : table.before->columns()) {
      auto after = table.after_by_number.find(column.number());
      if (after != table.after_by_number.end() && after->second->name() != column.name()) {
        table.renames.columns[column.name()] = after->second->name();
      }
    }
  }

  // An enum that has another name in the proto and in the database is still the one that a column
  // had before: its values' numbers mean the same to all clients of that column.
  void PairEnumsByColumns() {
    std::map<std::string, const v1::EnumType*> old_by_type, new_by_type;
    for (const v1::EnumType& type : from_.enums()) old_by_type[QualifiedName(type)] = &type;
    for (const v1::EnumType& type : to_.enums()) new_by_type[QualifiedName(type)] = &type;
    auto find = [](const auto& map, std::string type) -> const v1::EnumType* {
      if (type.size() > 2 && type.substr(type.size() - 2) == "[]") type.resize(type.size() - 2);
      auto found = map.find(type);
      return found == map.end() ? nullptr : found->second;
    };
    for (const TableRenaming& table : tables_) {
      if (table.after == nullptr) continue;
      for (const v1::Column& column : table.before->columns()) {
        auto after = table.after_by_number.find(column.number());
        if (after == table.after_by_number.end()) continue;
        const v1::EnumType* old_type = find(old_by_type, column.type());
        const v1::EnumType* new_type = find(new_by_type, after->second->type());
        if (old_type == nullptr || new_type == nullptr) continue;
        enum_pairs_.PairIfAlone(*old_type, *new_type);
      }
    }
  }

  void PairEnums() {
    PairEnumsByColumns();
    std::map<const v1::EnumType*, const v1::EnumType*> afters;
    for (const v1::EnumType& after : to_.enums()) {
      if (const v1::EnumType* before = enum_pairs_.Before(after)) afters[before] = &after;
    }
    for (int i = 0; i < from_.enums_size(); ++i) {
      const v1::EnumType& before = from_.enums(i);
      auto found = afters.find(&before);
      if (found == afters.end()) continue;
      const v1::EnumType& after = *found->second;
      enums_.emplace_back(out_.middle.mutable_enums(i), &after);
      const Renames::Qualified old_name{before.schema(), before.name()};
      if (QualifiedName(before) != QualifiedName(after)) {
        types_.types[old_name] = {after.schema(), after.name()};
      }
      for (const v1::EnumLabel& label : before.labels()) {
        const v1::EnumLabel* now = LabelByNumber(after, label.number());
        if (now != nullptr && now->label() != label.label()) {
          types_.labels[old_name][label.label()] = now->label();
        }
      }
    }
  }

  static const v1::EnumLabel* LabelByNumber(const v1::EnumType& type, int number) {
    for (const v1::EnumLabel& label : type.labels()) {
      if (label.number() == number) return &label;
    }
    return nullptr;
  }

  // The middle's columns and expressions under their new names. Names of parts come later.
  void CarryOver(TableRenaming& table) {
    table.renames.types = types_.types;
    table.renames.labels = types_.labels;
    v1::Table& middle = *table.middle;
    auto name = [&](const std::string& old_name) {
      auto found = table.renames.columns.find(old_name);
      return found == table.renames.columns.end() ? old_name : found->second;
    };
    auto names = [&](auto* columns) {
      for (std::string& column : *columns) column = name(column);
    };
    auto carry = [&](std::string* sql) { *sql = Carry(*sql, table.renames); };
    for (v1::Column& column : *middle.mutable_columns()) {
      *column.mutable_type() = Carry(column.type(), types_);  // `text` may be a column's name too
      carry(column.mutable_default_value());
      carry(column.mutable_generated());
    }
    names(middle.mutable_primary_key()->mutable_columns());
    for (v1::Index& index : *middle.mutable_indexes()) {
      names(index.mutable_columns());
      carry(index.mutable_where());
    }
    for (v1::Check& check : *middle.mutable_checks()) carry(check.mutable_expression());
    for (v1::Policy& policy : *middle.mutable_policies()) {
      carry(policy.mutable_using_sql());
      carry(policy.mutable_with_check_sql());
    }
    for (v1::ForeignKey& key : *middle.mutable_foreign_keys()) {
      names(key.mutable_columns());
      names(key.mutable_set_null_columns());
      CarryTarget(key);
    }
  }

  TableRenaming* Target(const v1::ForeignKey& key) {
    if (by_old_name_.empty()) {
      for (TableRenaming& table : tables_) {
        by_old_name_[{table.before->schema(), table.before->name()}] = &table;
      }
    }
    auto found = by_old_name_.find({key.target_schema(), key.target_table()});
    return found == by_old_name_.end() ? nullptr : found->second;
  }

  void CarryTarget(v1::ForeignKey& key) {
    TableRenaming* target = Target(key);
    if (target == nullptr) return;
    targets_[&key] = target;
    for (std::string& column : *key.mutable_target_columns()) {
      auto found = target->renames.columns.find(column);
      if (found != target->renames.columns.end()) column = found->second;
    }
    if (target->after == nullptr) return;
    key.set_target_schema(target->after->schema());
    key.set_target_table(target->after->name());
  }

  static void KeepParts(TableRenaming& table) {
    if (table.after == nullptr) return;
    const v1::Table& after = *table.after;
    auto keep = [&](const auto& pairs) {
      for (const auto& [before, now] : pairs) table.kept[before] = now->name();
    };
    const v1::PrimaryKey& key = table.middle->primary_key();
    if (SameNames(key.columns(), after.primary_key().columns())) {
      table.kept[&key] = after.primary_key().name();
    }
    keep(MatchIndexes(*table.middle, after));
    keep(MatchChecks(*table.middle, after));
    keep(MatchPolicies(*table.middle, after));
  }

  // A foreign key hangs on the unique index that it refers to, and goes with it.
  void KeepForeignKeys(TableRenaming& table) {
    if (table.after == nullptr) return;
    for (const auto& [before, now] : MatchForeignKeys(*table.middle, *table.after)) {
      auto target = targets_.find(before);
      if (target == targets_.end() || target->second->after == nullptr) continue;
      const void* index = ReferredKey(*target->second->middle, *before);
      if (index == nullptr || target->second->kept.contains(index)) {
        table.kept[before] = now->name();
      }
    }
  }

  static bool IsTaken(const v1::Snapshot& snapshot, const std::string& schema,
                      const std::string& name) {
    auto has = [&](const auto& parts) {
      return std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
        return part.schema() == schema && part.name() == name;
      });
    };
    return has(snapshot.tables()) || has(snapshot.enums());
  }

  void Move(TableRenaming& table) {
    if (table.after != nullptr) Move(*table.middle, *table.after);
  }

  template <typename Part>
  void Move(Part& middle, const Part& after) {
    if (middle.schema() == after.schema()) return;
    const std::string where = absl::StrCat(after.schema(), ".", after.name());
    if (IsTaken(from_, after.schema(), middle.name())) {
      out_.impossible.push_back(absl::StrCat(where, ": it moves from schema ", middle.schema(),
                                             ", and ", after.schema(), " has a ", middle.name(),
                                             " already: rename first, move afterwards"));
      return;
    }
    Note(Change::Kind::kRenamed, where, absl::StrCat("moved from schema ", middle.schema()));
    const char* kind = std::is_same_v<Part, v1::Table> ? "TABLE " : "TYPE ";
    Emit(absl::StrCat("ALTER ", kind, QualifiedName(middle), " SET SCHEMA ",
                      QuoteIdentifier(after.schema())),
         {kLock, kOldServers});
    middle.set_schema(after.schema());
  }

  struct Scope {
    std::vector<Named> parts;
    std::set<std::string> taken;
  };

  // The name that a part of `table` is to have, empty when it goes.
  static std::string Wanted(const TableRenaming& table, const void* part) {
    auto found = table.kept.find(part);
    return found == table.kept.end() ? "" : found->second;
  }

  // A part whose rename is `sql` with the new name quoted behind it.
  template <typename Part, typename Sql>
  Named NamedPart(Part& part, const std::string& wanted, Hazards hazards, Sql sql) {
    return {part.name(), wanted,
            [this, &part, hazards, sql](const std::string& from, const std::string& to) {
              Emit(sql(QuoteIdentifier(from), QuoteIdentifier(to)), hazards);
              part.set_name(to);
            }};
  }

  // Tables, their indexes and all types of a namespace: a table is a type too.
  void SettleSchemas() {
    std::map<std::string, Scope> scopes;
    for (const v1::Table& table : to_.tables()) {
      std::set<std::string>& taken = scopes[table.schema()].taken;
      taken.insert({table.name(), table.primary_key().name()});
      for (const v1::Index& index : table.indexes()) taken.insert(index.name());
    }
    for (const v1::EnumType& type : to_.enums()) scopes[type.schema()].taken.insert(type.name());
    for (TableRenaming& table : tables_) AddRelations(table, scopes[table.middle->schema()]);
    for (v1::EnumType& type : *out_.middle.mutable_enums()) {
      auto kept = std::find_if(enums_.begin(), enums_.end(),
                               [&](const auto& pair) { return pair.first == &type; });
      AddType(type, kept == enums_.end() ? nullptr : kept->second, scopes[type.schema()]);
    }
    for (auto& [name, scope] : scopes) Settle(std::move(scope.parts), scope.taken);
  }

  void AddRelations(TableRenaming& table, Scope& scope) {
    v1::Table& middle = *table.middle;
    const std::string schema = QuoteIdentifier(middle.schema());
    const std::string wanted = table.after == nullptr ? "" : table.after->name();
    if (table.after != nullptr) {
      NoteRenamed(Where(*table.after), "table", middle.name(), wanted);
    }
    scope.parts.push_back(NamedPart(middle, wanted, {kLock, kOldServers},
                                    [schema](const std::string& from, const std::string& to) {
                                      return absl::StrCat("ALTER TABLE ", schema, ".", from,
                                                          " RENAME TO ", to);
                                    }));
    // Renaming the index of a key renames its constraint, and blocks nobody.
    auto add_index = [&](auto& index, const char* kind) {
      const std::string name = Wanted(table, &index);
      if (!name.empty()) NoteRenamed(Where(*table.after), kind, index.name(), name);
      scope.parts.push_back(
          NamedPart(index, name, {}, [schema](const std::string& from, const std::string& to) {
            return absl::StrCat("ALTER INDEX ", schema, ".", from, " RENAME TO ", to);
          }));
    };
    add_index(*middle.mutable_primary_key(), "primary key");
    for (v1::Index& index : *middle.mutable_indexes()) {
      add_index(index, index.unique() ? "unique key" : "index");
    }
  }

  void AddType(v1::EnumType& type, const v1::EnumType* after, Scope& scope) {
    if (after != nullptr) {
      NoteRenamed(absl::StrCat(after->schema(), ".", after->name()), "enum type", type.name(),
                  after->name());
      type.set_proto_name(after->proto_name());
    }
    const std::string schema = QuoteIdentifier(type.schema());
    scope.parts.push_back(NamedPart(type, after == nullptr ? "" : after->name(), {kOldServers},
                                    [schema](const std::string& from, const std::string& to) {
                                      return absl::StrCat("ALTER TYPE ", schema, ".", from,
                                                          " RENAME TO ", to);
                                    }));
  }

  void SettleLabels(v1::EnumType& type, const v1::EnumType& after) {
    Scope scope;
    const std::string where = absl::StrCat(after.schema(), ".", after.name());
    for (const v1::EnumLabel& label : after.labels()) scope.taken.insert(label.label());
    for (v1::EnumLabel& label : *type.mutable_labels()) {
      const v1::EnumLabel* now = LabelByNumber(after, label.number());
      const std::string wanted = now == nullptr ? "" : now->label();
      if (now != nullptr && label.label() != wanted) {
        Note(Change::Kind::kRenamed, where,
             absl::StrCat("label ", label.label(), " renamed ", wanted));
      }
      scope.parts.push_back(
          {label.label(), wanted, [&, this](const std::string& from, const std::string& to) {
             Emit(absl::StrCat("ALTER TYPE ", QualifiedName(after), " RENAME VALUE ",
                               QuoteLiteral(from), " TO ", QuoteLiteral(to)),
                  {kOldServers});
             label.set_label(to);
           }});
    }
    Settle(std::move(scope.parts), scope.taken);
  }

  void NoteIdentity(TableRenaming& table) {
    v1::Table& middle = *table.middle;
    const v1::Table& after = *table.after;
    if (middle.number() != after.number()) {
      Note(Change::Kind::kChanged, Where(after),
           after.number() == 0 ? absl::StrCat("has its number ", middle.number(), " no more")
                               : absl::StrCat("has the number ", after.number(), " from now on"));
    }
    middle.set_number(after.number());
    if (middle.proto_name() == after.proto_name()) return;
    Note(Change::Kind::kChanged, Where(after),
         absl::StrCat("its message is ", after.proto_name(), ", which was ", middle.proto_name()));
    middle.set_proto_name(after.proto_name());
    Statements statements;
    EmitTableComment(after, statements);
    for (Statement& statement : statements) steps_.Add({Phase::kRename, std::move(statement)});
  }

  void SettleColumns(TableRenaming& table) {
    Scope scope;
    const std::string alter = absl::StrCat("ALTER TABLE ", QualifiedName(*table.after));
    for (const v1::Column& column : table.after->columns()) scope.taken.insert(column.name());
    for (v1::Column& column : *table.middle->mutable_columns()) {
      auto now = table.after_by_number.find(column.number());
      std::string wanted;
      if (now != table.after_by_number.end()) {
        wanted = now->second->name();
        NoteRenamed(absl::StrCat(Where(*table.after), ".", wanted), "column", column.name(),
                    wanted);
      }
      scope.parts.push_back(NamedPart(column, wanted, {kLock, kOldServers},
                                      [alter](const std::string& from, const std::string& to) {
                                        return absl::StrCat(alter, " RENAME COLUMN ", from, " TO ",
                                                            to);
                                      }));
    }
    Settle(std::move(scope.parts), scope.taken);
  }

  void SettleConstraints(TableRenaming& table) {
    Scope scope;
    const std::string alter = absl::StrCat("ALTER TABLE ", QualifiedName(*table.after));
    scope.taken.insert(table.after->primary_key().name());
    auto add = [&](auto& parts, const auto& after, const char* kind) {
      for (const auto& part : after) scope.taken.insert(part.name());
      for (auto& part : parts) {
        const std::string wanted = Wanted(table, &part);
        if (!wanted.empty()) NoteRenamed(Where(*table.after), kind, part.name(), wanted);
        scope.parts.push_back(NamedPart(
            part, wanted, {kLock}, [alter](const std::string& from, const std::string& to) {
              return absl::StrCat(alter, " RENAME CONSTRAINT ", from, " TO ", to);
            }));
      }
    };
    add(*table.middle->mutable_foreign_keys(), table.after->foreign_keys(), "foreign key");
    add(*table.middle->mutable_checks(), table.after->checks(), "check");
    Settle(std::move(scope.parts), scope.taken);
  }

  void SettlePolicies(TableRenaming& table) {
    Scope scope;
    const std::string on = QualifiedName(*table.after);
    for (const v1::Policy& policy : table.after->policies()) scope.taken.insert(policy.name());
    for (v1::Policy& policy : *table.middle->mutable_policies()) {
      const std::string wanted = Wanted(table, &policy);
      if (!wanted.empty()) NoteRenamed(Where(*table.after), "policy", policy.name(), wanted);
      scope.parts.push_back(
          NamedPart(policy, wanted, {kLock}, [on](const std::string& from, const std::string& to) {
            return absl::StrCat("ALTER POLICY ", from, " ON ", on, " RENAME TO ", to);
          }));
    }
    Settle(std::move(scope.parts), scope.taken);
  }

  const v1::Snapshot& to_;
  Steps& steps_;
  const v1::Snapshot& from_;
  const Pairs<v1::Table> table_pairs_;
  Pairs<v1::EnumType> enum_pairs_;
  Renaming out_;
  std::vector<TableRenaming> tables_;
  std::vector<std::pair<v1::EnumType*, const v1::EnumType*>> enums_;  // the kept ones
  Renames types_;                                                     // types and labels only
  std::map<std::pair<std::string, std::string>, TableRenaming*> by_old_name_;
  std::map<const v1::ForeignKey*, TableRenaming*> targets_;
};

}  // namespace

Renaming Rename(const v1::Snapshot& from, const v1::Snapshot& to, Steps& steps) {
  return Renamer(from, to, steps).Run();
}

}  // namespace tenantry::migrate
