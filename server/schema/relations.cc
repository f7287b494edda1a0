#include "server/schema/relations.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/schema/columns.h"
#include "server/schema/naming.h"
#include "server/schema/reserved.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

using Columns = std::vector<const Column*>;

bool SameSet(Columns a, Columns b) {
  absl::c_sort(a);
  absl::c_sort(b);
  return a == b;
}

// Whether the first columns of `index` are `columns`, in any order. A look-up by all of them is
// then one range of the index.
bool Covers(const Columns& index, const Columns& columns) {
  if (index.size() < columns.size()) return false;
  return SameSet(Columns(index.begin(), index.begin() + columns.size()), columns);
}

// The unique keys of a table with soft delete are partial indexes. No foreign key can refer to
// them, and they do not help to find deleted rows.
bool UniqueKeysAreWhole(const Table& table) { return table.delete_time == nullptr; }

bool IsIndexed(const Table& table, const Columns& columns) {
  if (Covers(table.primary_key, columns)) return true;
  for (const Index& index : table.indexes) {
    bool whole = index.where.empty() && index.method == v1::INDEX_METHOD_BTREE;
    if (whole && Covers(index.columns, columns)) return true;
  }
  if (!UniqueKeysAreWhole(table)) return false;
  return absl::c_any_of(table.unique_keys,
                        [&](const UniqueKey& key) { return Covers(key.columns, columns); });
}

bool IsReferable(const Table& table, const Columns& columns) {
  if (SameSet(table.primary_key, columns)) return true;
  if (!UniqueKeysAreWhole(table)) return false;
  return absl::c_any_of(table.unique_keys,
                        [&](const UniqueKey& key) { return SameSet(key.columns, columns); });
}

bool Comparable(const Column& a, const Column& b) {
  return a.type == b.type && a.array == b.array && a.enum_type == b.enum_type;
}

std::string Names(const Columns& columns) {
  return absl::StrJoin(columns, ", ", [](std::string* out, const Column* column) {
    absl::StrAppend(out, column->field->name());
  });
}

class RelationBuilder {
 public:
  RelationBuilder(Table& table, const v1::RelationOptions& options, Reporter& reporter)
      : table_(table),
        options_(options),
        reporter_(reporter),
        out_(table.relations.emplace_back()) {
    out_.name = options.name();
    out_.number = options.number();
    out_.many = options.many();
    out_.on_delete = options.on_delete();
    out_.output_only = options.output_only();
  }

  // `target` is null when there is no such table.
  void Build(const Table& target) {
    out_.target = &target;
    CheckName(table_, "name of a relation", out_.name, reporter_);
    if (const Column* column = table_.FindColumn(out_.name)) {
      Report(absl::StrCat("field ", column->field->name(), " has this name"));
    }
    CheckNumber();
    const std::string taken = WhyReservedForRelation(out_);
    if (!taken.empty() && IsFieldNumber(out_.number)) Report(taken);
    out_.columns = ResolveColumns(table_, options_.columns(), What("columns"), table_, reporter_);
    SetReferences();
    bool resolved = out_.columns.size() == static_cast<std::size_t>(options_.columns_size()) &&
                    !out_.columns.empty() && !out_.references.empty();
    if (options_.columns().empty()) Report("no columns");
    if (target.tenant_root || (table_.tenant_root && out_.many)) {
      return Report("every row belongs to its tenant already: no relation to the tenant root");
    }
    if (!v1::OnDelete_IsValid(out_.on_delete)) Report("unknown on_delete");
    if (HasView() && out_.on_delete != v1::ON_DELETE_UNSPECIFIED) {
      Report("on_delete applies to foreign keys, and a view has none");
    }
    if (!resolved || !CheckPairs()) return;
    out_.many ? CheckMany() : CheckOne();
  }

 private:
  std::string What(absl::string_view part) const {
    return absl::StrCat("relation ", options_.name(), ": ", part);
  }
  void Report(absl::string_view description) {
    reporter_.Report(*table_.message, What(description));
  }

  // The relation is a field of the resource, beside the columns.
  void CheckNumber() {
    const pb::Descriptor& message = *table_.message;
    if (out_.number == 0) {
      Report(absl::StrCat("give it a `number`, such as ", FreeNumber(message),
                          ": it becomes a field of ", message.name()));
    } else if (const auto* field = message.FindFieldByNumber(out_.number)) {
      Report(absl::StrCat("number ", out_.number, " is that of ", field->name()));
    } else if (!IsFieldNumber(out_.number)) {
      Report(absl::StrCat("number ", out_.number, " cannot be a field's"));
    } else if (message.IsReservedNumber(out_.number)) {
      Report(absl::StrCat("number ", out_.number, " is reserved"));
    } else if (message.IsReservedName(out_.name)) {
      Report("its name is reserved");
    }
    for (const Relation& other : table_.relations) {
      if (&other == &out_ || other.number != out_.number || out_.number == 0) continue;
      Report(absl::StrCat("number ", out_.number, " is that of relation ", other.name, " too"));
    }
    for (const Column& column : table_.columns) {
      if (column.field->name() == out_.name) continue;  // reported already
      if (JsonName(column.field->name()) != JsonName(out_.name)) continue;
      Report(absl::StrCat("in JSON it has the name of field ", column.field->name()));
    }
  }

  static bool IsFieldNumber(int number) {
    return number > 0 && number <= pb::FieldDescriptor::kMaxNumber &&
           (number < pb::FieldDescriptor::kFirstReservedNumber ||
            number > pb::FieldDescriptor::kLastReservedNumber);
  }

  int FreeNumber(const pb::Descriptor& message) const {
    int next = 1;
    for (int i = 0; i < message.field_count(); ++i) {
      next = std::max(next, message.field(i)->number() + 1);
    }
    for (const Relation& other : table_.relations) next = std::max(next, other.number + 1);
    while (message.IsReservedNumber(next) || !IsFieldNumber(next)) ++next;
    return next;
  }

  void SetReferences() {
    if (!options_.references().empty()) {
      out_.references = ResolveColumns(*out_.target, options_.references(), What("references"),
                                       table_, reporter_);
    } else if (out_.many) {
      Report("a to-many relation needs references");
    } else {
      out_.references = out_.target->primary_key;
    }
  }

  bool CheckPairs() {
    for (const Column* column : out_.columns) {
      if (out_.many || column->generated_sql.empty()) continue;
      Report(absl::StrCat(column->field->name(), " is generated, and refers to no row"));
      return false;
    }
    if (out_.columns.size() != out_.references.size()) {
      Report(absl::StrCat(out_.columns.size(), " columns refer to ", out_.references.size()));
      return false;
    }
    bool ok = true;
    for (std::size_t i = 0; i < out_.columns.size(); ++i) {
      const Column& here = *out_.columns[i];
      const Column& there = *out_.references[i];
      if (Comparable(here, there)) continue;
      Report(absl::StrCat(here.field->name(), " of type ", DescribeType(here), " refers to ",
                          there.field->name(), " of type ", DescribeType(there)));
      ok = false;
    }
    return ok;
  }

  void CheckMany() {
    if (out_.on_delete != v1::ON_DELETE_UNSPECIFIED) {
      Report("on_delete applies to to-one relations");
    }
  }

  // No foreign key holds a view's rows, or leads to them.
  bool HasView() const { return table_.is_view() || out_.target->is_view(); }

  void CheckOne() {
    if (!HasView()) out_.constraint = FitIdentifier(ConstraintName(table_, out_.columns, "fkey"));
    if (!IsReferable(*out_.target, out_.references)) {
      Report(absl::StrCat(
          Names(out_.references), " is neither the primary key nor a unique key of ",
          out_.target->message->full_name(),
          UniqueKeysAreWhole(*out_.target) ? "" : " (whose unique keys leave deleted rows out)"));
    }
    if (!table_.is_view() && !IsIndexed(table_, out_.columns)) {
      Report(absl::StrCat("no index begins with ", Names(out_.columns),
                          ": deleting a row there would scan this table"));
    }
    if (out_.on_delete != v1::ON_DELETE_SET_NULL) return;
    for (const Column* column : out_.columns) {
      if (column->not_null) {
        Report(absl::StrCat("ON_DELETE_SET_NULL, but ", column->field->name(), " is NOT NULL"));
      }
    }
  }

  Table& table_;
  const v1::RelationOptions& options_;
  Reporter& reporter_;
  Relation& out_;
};

// A to-many relation is the other end of a to-one relation, which has the foreign key.
void CheckOtherEnds(const Table& table, Reporter& reporter) {
  for (const Relation& relation : table.relations) {
    if (!relation.many || relation.target == nullptr || relation.references.empty()) continue;
    bool found = absl::c_any_of(relation.target->relations, [&](const Relation& other) {
      return !other.many && other.target == &table && SameSet(other.columns, relation.references) &&
             SameSet(other.references, relation.columns);
    });
    if (found) continue;
    reporter.Report(
        *table.message,
        absl::StrCat("relation ", relation.name, ": ", relation.target->message->full_name(),
                     " has no to-one relation from ", Names(relation.references), " to ",
                     Names(relation.columns), " here"));
  }
}

}  // namespace

void BuildRelations(std::deque<TableDraft>& drafts, bool complete, Reporter& reporter) {
  std::map<std::string, const Table*> by_message;
  for (const TableDraft& draft : drafts) {
    by_message.emplace(draft.table->message->full_name(), draft.table);
  }
  for (TableDraft& draft : drafts) {
    const auto& message = *draft.table->message;
    std::set<std::string> names;
    for (const v1::RelationOptions& options : draft.options.relations()) {
      if (!names.insert(options.name()).second) {
        reporter.Report(message, absl::StrCat("relation ", options.name(), " is declared twice"));
      }
      auto target = by_message.find(options.table());
      if (target == by_message.end()) {
        target = by_message.find(absl::StrCat(message.file()->package(), ".", options.table()));
      }
      if (target != by_message.end()) {
        RelationBuilder(*draft.table, options, reporter).Build(*target->second);
      } else if (complete) {
        reporter.Report(message, absl::StrCat("relation ", options.name(), ": `", options.table(),
                                              "` is not a table"));
      }
    }
  }
  if (!complete) return;
  for (const TableDraft& draft : drafts) CheckOtherEnds(*draft.table, reporter);
}

}  // namespace tenantry::schema
