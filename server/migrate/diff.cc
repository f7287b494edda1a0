#include "server/migrate/diff.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/migrate/identity_match.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using google::protobuf::util::MessageDifferencer;
using schema::QuoteIdentifier;
using schema::QuoteLiteral;
using schema::QuoteQualified;

constexpr char kTakesData[] = "would lose data, so it is not done by itself";

// The elements of a repeated field by the value of `key`.
template <typename Message, typename Key>
auto IndexBy(const google::protobuf::RepeatedPtrField<Message>& messages, Key key) {
  std::map<std::decay_t<decltype(key(messages.Get(0)))>, const Message*> map;
  for (const Message& message : messages) map[key(message)] = &message;
  return map;
}

// The n of `varchar(n)`; 0 for any other type but text, which has no limit.
int LengthOf(const std::string& type) {
  if (type == "text") return std::numeric_limits<int>::max();
  int length = 0;
  absl::string_view digits = type;
  if (!absl::ConsumePrefix(&digits, "varchar(") || !absl::ConsumeSuffix(&digits, ")") ||
      !absl::SimpleAtoi(digits, &length)) {
    return 0;
  }
  return length;
}

class Differ {
 public:
  Differ(const v1::Snapshot& from, const v1::Snapshot& to)
      : from_(from),
        to_(to),
        enums_(from.enums(), to.enums()),
        tables_(from.tables(), to.tables()) {}

  Difference Run() {
    std::vector<std::string> namespaces;
    for (const v1::Table& table : from_.tables()) namespaces.push_back(table.schema());
    for (const v1::EnumType& type : from_.enums()) namespaces.push_back(type.schema());
    EmitNamespaces(to_, namespaces, out_.statements);
    CompareEnums();
    CompareTables();
    return std::move(out_);
  }

 private:
  void Change(const std::string& where, const std::string& what) {
    out_.changes.push_back(absl::StrCat(where, ": ", what));
  }
  void Refuse(const std::string& where, const std::string& what) {
    out_.refused.push_back(absl::StrCat(where, ": ", what));
  }
  Statement& Add(std::string sql, std::vector<std::string> hazards = {}) {
    out_.statements.push_back({std::move(sql), std::move(hazards), false});
    return out_.statements.back();
  }
  static std::string Where(const v1::Table& table) {
    return absl::StrCat(table.schema(), ".", table.name());
  }

  void CompareEnums() {
    for (const v1::EnumType& type : to_.enums()) {
      if (const v1::EnumType* before = enums_.Before(type)) {
        CompareEnum(*before, type);
        continue;
      }
      Change(absl::StrCat(type.schema(), ".", type.name()), "new enum type");
      EmitEnum(type, out_.statements);
    }
    for (const v1::EnumType& type : from_.enums()) {
      if (enums_.Kept(type)) continue;
      Refuse(absl::StrCat(type.schema(), ".", type.name()),
             "its enum is gone from the proto; dropping a type is not done by itself");
    }
  }

  void CompareEnum(const v1::EnumType& before, const v1::EnumType& after) {
    std::string where = absl::StrCat(after.schema(), ".", after.name());
    if (before.schema() != after.schema()) {
      return Refuse(where, absl::StrCat("moving a type from schema ", before.schema()));
    }
    if (before.proto_name() != after.proto_name()) {
      Change(where,
             absl::StrCat("its enum is ", after.proto_name(), ", which was ", before.proto_name()));
    }
    if (before.name() != after.name()) {
      Change(where, absl::StrCat("enum type renamed from ", before.name()));
      Add(absl::StrCat("ALTER TYPE ", QualifiedName(before), " RENAME TO ",
                       QuoteIdentifier(after.name())));
    }
    auto by_number = [](const v1::EnumLabel& label) { return label.number(); };
    auto old_labels = IndexBy(before.labels(), by_number);
    auto new_labels = IndexBy(after.labels(), by_number);
    for (const v1::EnumLabel& label : after.labels()) {
      auto found = old_labels.find(label.number());
      if (found == old_labels.end()) {
        Change(where, absl::StrCat("new label ", label.label()));
        // A label may not be used in the transaction that adds it.
        Add(absl::StrCat("ALTER TYPE ", QualifiedName(after), " ADD VALUE IF NOT EXISTS ",
                         QuoteLiteral(label.label())))
            .outside_transaction = true;
      } else if (found->second->label() != label.label()) {
        Change(where, absl::StrCat("label ", found->second->label(), " renamed ", label.label()));
        Add(absl::StrCat("ALTER TYPE ", QualifiedName(after), " RENAME VALUE ",
                         QuoteLiteral(found->second->label()), " TO ",
                         QuoteLiteral(label.label())));
      }
    }
    for (const v1::EnumLabel& label : before.labels()) {
      if (!new_labels.contains(label.number())) {
        Refuse(where, absl::StrCat("label ", label.label(),
                                   " is gone; PostgreSQL cannot drop one, keep the value in the "
                                   "proto as deprecated"));
      }
    }
  }

  void CompareTables() {
    for (const v1::Table& table : to_.tables()) {
      if (const v1::Table* before = tables_.Before(table)) {
        CompareTable(*before, table);
        continue;
      }
      Change(Where(table), "new table");
      EmitTable(table, out_.statements);
    }
    // Foreign keys last: what they refer to may be new itself.
    static const v1::Table kNone;
    for (const v1::Table& table : to_.tables()) {
      const v1::Table* before = tables_.Before(table);
      CompareForeignKeys(before == nullptr ? kNone : *before, table);
    }
    for (const v1::Table& table : from_.tables()) {
      if (!tables_.Kept(table)) {
        Refuse(Where(table), absl::StrCat("message ", table.proto_name(),
                                          " is gone; dropping its table ", kTakesData));
      }
    }
  }

  void CompareTable(const v1::Table& before, const v1::Table& after) {
    if (before.schema() != after.schema()) {
      return Refuse(Where(after), absl::StrCat("moving a table from schema ", before.schema()));
    }
    if (before.name() != after.name()) {
      Change(Where(after), absl::StrCat("table renamed from ", before.name()));
      Add(absl::StrCat("ALTER TABLE ", QualifiedName(before), " RENAME TO ",
                       QuoteIdentifier(after.name())),
          {"what still uses the old name fails"});
    }
    CompareIdentity(before, after);
    renamed_.clear();
    CompareColumns(before, after);
    ComparePrimaryKey(before, after);
    CompareChecks(before, after);
    CompareIndexes(before, after);
    ComparePolicies(before, after);
    if (!SameList(before.grants(), after.grants())) Refuse(Where(after), "its grants differ");
  }

  void CompareIdentity(const v1::Table& before, const v1::Table& after) {
    if (before.number() != after.number()) {
      Change(Where(after), after.number() == 0
                               ? absl::StrCat("has its number ", before.number(), " no more")
                               : absl::StrCat("has the number ", after.number(), " from now on"));
    }
    if (before.proto_name() == after.proto_name()) return;
    Change(Where(after), absl::StrCat("its message is ", after.proto_name(), ", which was ",
                                      before.proto_name()));
    EmitTableComment(after, out_.statements);
  }

  void CompareColumns(const v1::Table& before, const v1::Table& after) {
    auto by_number = [](const v1::Column& column) { return column.number(); };
    auto old_columns = IndexBy(before.columns(), by_number);
    auto new_columns = IndexBy(after.columns(), by_number);
    for (const v1::Column& column : before.columns()) {
      if (!new_columns.contains(column.number())) {
        Refuse(absl::StrCat(Where(after), ".", column.name()),
               absl::StrCat("its field ", column.number(), " is gone; dropping the column ",
                            kTakesData));
      }
    }
    for (const v1::Column& column : after.columns()) {
      auto found = old_columns.find(column.number());
      if (found == old_columns.end()) {
        AddColumn(after, column);
      } else {
        CompareColumn(after, *found->second, column);
      }
    }
  }

  void AddColumn(const v1::Table& table, const v1::Column& column) {
    std::string where = absl::StrCat(Where(table), ".", column.name());
    if (column.not_null() && column.default_value().empty()) {
      return Refuse(where,
                    "a new NOT NULL column needs a default for the rows that exist; make the field "
                    "optional or give it a default_value");
    }
    Change(where, "new column");
    Add(absl::StrCat("ALTER TABLE ", QualifiedName(table), " ADD COLUMN ", ColumnSql(column)));
  }

  void CompareColumn(const v1::Table& table, const v1::Column& before, const v1::Column& after) {
    std::string where = absl::StrCat(Where(table), ".", after.name());
    std::string alter = absl::StrCat("ALTER TABLE ", QualifiedName(table));
    if (before.name() != after.name()) {
      renamed_[before.name()] = after.name();
      Change(where, absl::StrCat("column renamed from ", before.name()));
      Add(absl::StrCat(alter, " RENAME COLUMN ", QuoteIdentifier(before.name()), " TO ",
                       QuoteIdentifier(after.name())),
          {"what still uses the old name fails"});
    }
    absl::StrAppend(&alter, " ALTER COLUMN ", QuoteIdentifier(after.name()));
    if (before.type() != after.type()) {
      int from = LengthOf(before.type());
      int to = LengthOf(after.type());
      if (from == 0 || to < from) {
        Refuse(where, absl::StrCat("type ", before.type(), " to ", after.type(),
                                   " may rewrite the table or lose data; add a new field instead"));
      } else {
        Change(where, absl::StrCat("type ", before.type(), " to ", after.type()));
        Add(absl::StrCat(alter, " TYPE ", after.type()));
      }
    }
    if (before.default_value() != after.default_value()) {
      Change(where, "default");
      Add(after.default_value().empty()
              ? alter + " DROP DEFAULT"
              : absl::StrCat(alter, " SET DEFAULT ", after.default_value()));
    }
    if (before.not_null() && !after.not_null()) {
      Change(where, "allows NULL");
      Add(alter + " DROP NOT NULL");
    } else if (!before.not_null() && after.not_null()) {
      Refuse(where, "NOT NULL on a column that may hold NULL; fill it first");
    }
  }

  void ComparePrimaryKey(const v1::Table& before, const v1::Table& after) {
    std::vector<std::string> old_columns = Renamed(before.primary_key().columns());
    if (!std::equal(old_columns.begin(), old_columns.end(), after.primary_key().columns().begin(),
                    after.primary_key().columns().end())) {
      return Refuse(Where(after), "its primary key differs; other tables and clients hold the old");
    }
    if (before.primary_key().name() != after.primary_key().name()) {
      Change(Where(after), "primary key renamed");
      Add(absl::StrCat("ALTER TABLE ", QualifiedName(after), " RENAME CONSTRAINT ",
                       QuoteIdentifier(before.primary_key().name()), " TO ",
                       QuoteIdentifier(after.primary_key().name())));
    }
  }

  void CompareChecks(const v1::Table& before, const v1::Table& after) {
    CompareNamed(
        before.checks(), after.checks(), Where(after), "check",
        [&](const v1::Check& check) { DropConstraint(after, check.name()); },
        [&](const v1::Check& check) { EmitCheck(after, check, out_.statements); });
  }

  void CompareForeignKeys(const v1::Table& before, const v1::Table& after) {
    bool has_rows = !before.name().empty();
    CompareNamed(
        before.foreign_keys(), after.foreign_keys(), Where(after), "foreign key",
        [&](const v1::ForeignKey& key) { DropConstraint(after, key.name()); },
        [&](const v1::ForeignKey& key) { EmitForeignKey(after, key, has_rows, out_.statements); });
  }

  void CompareIndexes(const v1::Table& before, const v1::Table& after) {
    google::protobuf::RepeatedPtrField<v1::Index> old_indexes = before.indexes();
    for (v1::Index& index : old_indexes) {
      std::vector<std::string> columns = Renamed(index.columns());
      index.mutable_columns()->Assign(columns.begin(), columns.end());
    }
    CompareNamed(
        old_indexes, after.indexes(), Where(after), "index",
        [&](const v1::Index& index) {
          Add(absl::StrCat("DROP INDEX ", QuoteQualified(after.schema(), index.name())),
              {"queries that used it become slow"});
        },
        [&](const v1::Index& index) { EmitIndex(after, index, true, out_.statements); });
  }

  void ComparePolicies(const v1::Table& before, const v1::Table& after) {
    CompareNamed(
        before.policies(), after.policies(), Where(after), "policy",
        [&](const v1::Policy& policy) {
          Add(absl::StrCat("DROP POLICY ", QuoteIdentifier(policy.name()), " ON ",
                           QualifiedName(after)),
              {"changes access"});
        },
        [&](const v1::Policy& policy) {
          EmitPolicy(after, policy, out_.statements);
          out_.statements.back().hazards.push_back("changes access");
        });
  }

  // Parts that have a name and a definition. A part that differs is dropped and made anew.
  template <typename Part, typename Drop, typename Make>
  void CompareNamed(const google::protobuf::RepeatedPtrField<Part>& before,
                    const google::protobuf::RepeatedPtrField<Part>& after, const std::string& where,
                    const char* kind, Drop drop, Make make) {
    auto by_name = [](const Part& part) { return part.name(); };
    auto old_parts = IndexBy(before, by_name);
    auto new_parts = IndexBy(after, by_name);
    auto same = [](const auto& map, const Part& part) {
      auto found = map.find(part.name());
      return found != map.end() && MessageDifferencer::Equals(*found->second, part);
    };
    for (const Part& part : before) {
      if (same(new_parts, part)) continue;
      if (!new_parts.contains(part.name())) {
        Change(where, absl::StrCat(kind, " ", part.name(), " dropped"));
      }
      drop(part);
    }
    for (const Part& part : after) {
      if (same(old_parts, part)) continue;
      Change(where, absl::StrCat(old_parts.contains(part.name()) ? "changed " : "new ", kind, " ",
                                 part.name()));
      make(part);
    }
  }

  void DropConstraint(const v1::Table& table, const std::string& name) {
    Add(absl::StrCat("ALTER TABLE ", QualifiedName(table), " DROP CONSTRAINT ",
                     QuoteIdentifier(name)));
  }

  template <typename Names>
  std::vector<std::string> Renamed(const Names& names) {
    std::vector<std::string> result;
    for (const std::string& name : names) {
      auto found = renamed_.find(name);
      result.push_back(found == renamed_.end() ? name : found->second);
    }
    return result;
  }

  template <typename Part>
  static bool SameList(const google::protobuf::RepeatedPtrField<Part>& a,
                       const google::protobuf::RepeatedPtrField<Part>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Part& x, const Part& y) {
      return MessageDifferencer::Equals(x, y);
    });
  }

  const v1::Snapshot& from_;
  const v1::Snapshot& to_;
  const Pairs<v1::EnumType> enums_;
  const Pairs<v1::Table> tables_;
  Difference out_;
  std::map<std::string, std::string> renamed_;  // columns of the table at hand
};

}  // namespace

Difference Diff(const v1::Snapshot& from, const v1::Snapshot& to) { return Differ(from, to).Run(); }

}  // namespace tenantry::migrate
