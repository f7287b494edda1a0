#include "server/plan/print_references.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/schema/naming.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Relation;
using schema::Table;

bool IsChecked(const Relation& relation) {
  return !relation.many && relation.target->delete_time != nullptr;
}

bool Writes(const std::vector<Assignment>& assignments, const Relation& relation) {
  return absl::c_any_of(relation.columns, [&](const Column* column) {
    return absl::c_any_of(assignments,
                          [&](const Assignment& other) { return other.column == column; });
  });
}

// Whether a deleted row is a live one behind the write.
bool Restores(const Table& table, const std::vector<Assignment>& assignments) {
  return absl::c_any_of(assignments, [&](const Assignment& assignment) {
    return assignment.column == table.delete_time && assignment.source != Assignment::Source::kNow;
  });
}

std::string Refused(const Relation& relation, absl::string_view entry) {
  return absl::StrCat(" THEN tenantry.reference_deleted(",
                      schema::QuoteLiteral(relation.constraint), ", ", entry, ")");
}

}  // namespace

// Whether the row is deleted that a row with these values refers to. It is a scalar, which the
// database's planner always looks up by the key.
template <typename ValueOf>
std::string LiveReferences::IsDeleted(const Relation& relation, const ValueOf& value_of) {
  return Apart([&] {
    const Table& target = *relation.target;
    const std::string name = Name("t", NewTable());
    Add("(SELECT ", name, ".", target.delete_time->sql_name, " FROM ", target.sql_name, " AS ",
        name, " WHERE ");
    Visible(target, name, Deleted::kShown);
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
      Add(" AND ", name, ".", relation.references[i]->sql_name, " = ",
          value_of(*relation.columns[i]));
    }
    Add(") IS NOT NULL");
  });
}

// Whether the row referred to the same one before. A statement does not see what it writes itself.
std::string LiveReferences::ReferredBefore(const Table& table, const Relation& relation) {
  return Apart([&] {
    const std::string name = Name("t", NewTable());
    Add("EXISTS (SELECT 1 FROM ", table.sql_name, " AS ", name, " WHERE ");
    Visible(table, name, Deleted::kShown);
    for (const Columns* columns : {&table.primary_key, &relation.columns}) {
      for (const Column* column : *columns) {
        Add(" AND ", name, ".", column->sql_name, " = t.", column->sql_name);
      }
    }
    Add(")");
  });
}

// Whether the entry of an upsert is of a row that is there, and that refers to the same one behind
// the write as before.
std::string LiveReferences::StayedWithConflict(const Insert& insert, const Relation& relation,
                                               const EntryValues& values) {
  const Table& table = *insert.table;
  const OnConflict& conflict = *insert.on_conflict;
  return Apart([&] {
    const std::string name = Name("t", NewTable());
    Add("EXISTS (SELECT 1 FROM ", table.sql_name, " AS ", name, " WHERE ");
    Visible(table, name, conflict.partial ? Deleted::kHidden : Deleted::kShown);
    const auto is_same = [&](const Column* column) {
      Add(" AND ", name, ".", column->sql_name, " = ", values.at(column));
    };
    absl::c_for_each(conflict.key, is_same);
    if (Writes(conflict.updates, relation)) absl::c_for_each(relation.columns, is_same);
    Add(")");
  });
}

template <typename Write>
void LiveReferences::CheckReturned(const Write& write, bool may_leave, absl::string_view entry) {
  const Table& table = *write.table;
  const bool restores = Restores(table, write.values);
  for (const Relation& relation : table.relations) {
    if (!IsChecked(relation) || (!Writes(write.values, relation) && !restores)) continue;
    const auto value = [](const Column& column) { return absl::StrCat("t.", column.sql_name); };
    Add(", CASE WHEN ", IsDeleted(relation, value));
    if (may_leave && !restores) Add(" AND NOT ", ReferredBefore(table, relation));
    Add(Refused(relation, entry), " END");
  }
}

void LiveReferences::CheckWritten(const Insert& insert) {
  CheckReturned(insert, insert.on_conflict.has_value(), "NULL");
}

void LiveReferences::CheckWritten(const Update& update, absl::string_view entry) {
  CheckReturned(update, true, entry);
}

void LiveReferences::CheckEntries(const Insert& insert, const EntryValues& values) {
  absl::string_view separator = " WHERE ";
  for (const Relation& relation : insert.table->relations) {
    if (!IsChecked(relation)) continue;
    if (!absl::c_all_of(relation.columns, [&](const Column* c) { return values.contains(c); })) {
      continue;
    }
    const auto value = [&](const Column& column) { return values.at(&column); };
    Add(std::exchange(separator, " AND "), "CASE WHEN ", IsDeleted(relation, value));
    if (insert.on_conflict.has_value()) {
      Add(" AND NOT ", StayedWithConflict(insert, relation, values));
    }
    Add(Refused(relation, kEntryIndex), " ELSE true END");
  }
}

}  // namespace tenantry::plan
