#include "server/plan/print.h"

#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/sqlstate.h"
#include "server/base/strings.h"
#include "server/plan/page_token.h"
#include "server/plan/row_size.h"
#include "server/plan/sql_writer.h"
#include "server/schema/naming.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Table;
using schema::Transport;

// 128 bits of the text: two queries must never share a name.
std::string NameOf(absl::string_view text) {
  return absl::StrFormat("t%016x%016x", StableHash(ToStd(text)),
                         StableHash(ToStd(text), 0x9e3779b97f4a7c15ULL));
}

// Writes, and reads with an ending.
class EndedPrinter : public SqlWriter {
 public:
  EndedPrinter() { NewTable(); }  // the statement's, `t`

  template <typename Write>
  void Print(const Write& write, const Ending& ending) {
    const std::vector<Child>& children = ChildrenOf(write);
    const std::optional<NoRow> refused = write.refused.has_value() ? write.refused : ending.refused;
    whole_rows_ = !children.empty();
    if (!refused.has_value() && !ending.keep.has_value() && !whole_rows_) return Plain(write);
    Add("WITH written AS (");
    Plain(write);
    const OutputSql outputs = whole_rows_ ? PrintOutputs(write.returning, children, "written")
                                          : OutputSql{"written.*", ""};
    Select("written", outputs, refused, ending.keep);
  }

  // A read with an ending.
  void PrintAround(absl::string_view read, const Ending& ending) {
    Add("WITH found AS (", read);
    Select("found", {"found.*", ""}, ending.refused, ending.keep);
  }

 private:
  // Closes the WITH of the table `rows`, and selects what the statement answers with.
  void Select(absl::string_view rows, const OutputSql& outputs, std::optional<NoRow> refused,
              std::optional<Slot> keep) {
    const bool apart = keep.has_value() && whole_rows_;
    Add(apart ? "), reply AS (SELECT " : ") SELECT ", outputs.cells, " FROM ");
    refused.has_value() ? RefuseWithoutRow(rows, *refused) : Add(rows);
    Add(outputs.joins);
    if (apart) Add(") SELECT reply.* FROM reply");
    if (keep.has_value()) Keep(apart ? "reply" : rows, *keep);
  }

  // A sub-select that names nothing of the rows around it runs once, also when there is no row.
  void Keep(absl::string_view rows, Slot first) {
    Add(" WHERE (SELECT tenantry.keep_rows(");
    for (KeptAt at :
         {KeptAt::kRequest, KeptAt::kFingerprint, KeptAt::kStatement, KeptAt::kLayout}) {
      Add(Placeholder({first.index + static_cast<int>(at)}), ", ");
    }
    Add("pg_catalog.array_send(ARRAY(SELECT ROW(", rows, ".*) FROM ", rows, "))))");
  }

  static const std::vector<Child>& ChildrenOf(const Insert& insert) { return insert.children; }
  static const std::vector<Child>& ChildrenOf(const Update& update) { return update.children; }
  static const std::vector<Child>& ChildrenOf(const Delete&) {
    static const std::vector<Child> kNone;
    return kNone;
  }

  void Plain(const Insert& insert) {
    Add("INSERT INTO ", insert.table->sql_name, " AS t (", insert.table->tenant_sql_name);
    for (const Assignment& assignment : insert.values) Add(", ", assignment.column->sql_name);
    Add(") ");
    insert.many ? ManyRows(insert) : OneRow(insert);
    if (insert.on_conflict.has_value()) Conflict(*insert.table, *insert.on_conflict);
    Returning(insert.returning);
    if (!insert.many) RefersToNoDeletedRow(insert);
    if (insert.on_conflict.has_value()) {
      NoLargerThan(*insert.table, insert.on_conflict->row_bytes_max);
    }
  }

  void Plain(const Update& update) {
    Add("UPDATE ", update.table->sql_name, " AS t SET ");
    Assignments(update.values);
    Add(" WHERE ");
    Conditions(*update.table, "t", update.deleted, update.where);
    Require(update, update.deleted);
    Returning(update.returning);
    RefersToNoDeletedRow(update);
    NoLargerThan(*update.table, update.row_bytes_max);
  }

  void Plain(const Delete& statement) {
    Add("DELETE FROM ", statement.table->sql_name, " AS t WHERE ");
    Conditions(*statement.table, "t", Deleted::kShown, statement.where);
    Require(statement, Deleted::kShown);
    Returning(statement.returning);
  }

  // In the order of the CASE, so that no row is refused but one that would be written. The
  // conditions before it stand for the index.
  template <typename Write>
  void Require(const Write& write, Deleted deleted) {
    if (write.require.empty()) return;
    Add(" AND CASE WHEN (");
    Conditions(*write.table, "t", deleted, write.where);
    Add(") IS NOT TRUE THEN false WHEN (true");
    Each(write.require, "t");
    Add(") THEN true ELSE tenantry.refuse('", ToAbsl(kRequirementState), "', NULL) END");
  }

  // The rows of the table. What refuses is on the outer side of the join, so that it runs whatever
  // there is to join.
  void RefuseWithoutRow(absl::string_view rows, NoRow means) {
    Add("(SELECT CASE WHEN EXISTS (SELECT FROM ", rows,
        ") THEN true ELSE "
        "tenantry.refuse('",
        ToAbsl(means == NoRow::kDeleted ? kRowDeletedState : kNotFoundState),
        "', NULL) END) AS required LEFT JOIN ", rows, " ON true");
  }

  static std::string OrDefault(const Assignment& assignment, std::string value) {
    if (assignment.source != Assignment::Source::kValueOrDefault) return value;
    return absl::StrCat("COALESCE(", value, ", ", assignment.column->default_sql, ")");
  }

  std::string Assigned(const Assignment& assignment) {
    const Column& column = *assignment.column;
    switch (assignment.source) {
      case Assignment::Source::kValue:
      case Assignment::Source::kValueOrDefault:
        return OrDefault(assignment, Value(assignment.slot, column));
      case Assignment::Source::kDefault:
        return "DEFAULT";
      case Assignment::Source::kNow:
        return "now()";
      case Assignment::Source::kProposed:
        return absl::StrCat("EXCLUDED.", column.sql_name);
      case Assignment::Source::kPresent:
        return absl::StrCat("t.", column.sql_name);
      case Assignment::Source::kIncreased:
        return absl::StrCat("t.", column.sql_name, " + ", Value(assignment.slot, column));
    }
    return "";
  }

  void Assignments(const std::vector<Assignment>& assignments) {
    absl::string_view separator;
    for (const Assignment& assignment : assignments) {
      Add(std::exchange(separator, ", "), assignment.column->sql_name, " = ", Assigned(assignment));
    }
  }

  void OneRow(const Insert& insert) {
    Add("VALUES (");
    Tenant();
    for (const Assignment& assignment : insert.values) Add(", ", Assigned(assignment));
    Add(")");
  }

  // Each array of values becomes a column of `u`, in the order of the assignments.
  void ManyRows(const Insert& insert) {
    std::string arrays, names;
    std::map<const Column*, std::string> values;
    int count = 0;
    Add("SELECT ");
    Tenant();
    for (const Assignment& assignment : insert.values) {
      if (assignment.source == Assignment::Source::kNow) {
        Add(", now()");
        continue;
      }
      const std::string name = absl::StrCat("c", count);
      std::string& value = values[assignment.column];
      value = OrDefault(assignment, Element("u." + name, *assignment.column));
      Add(", ", value);
      absl::StrAppend(&arrays, count++ == 0 ? "" : ", ",
                      Values(assignment.slot, *assignment.column));
      absl::StrAppend(&names, name, ", ");
    }
    Add(" FROM unnest(", arrays, ") WITH ORDINALITY AS u (", names, "position)");
    EntriesReferToNoDeletedRow(*insert.table, values);
    Add(" ORDER BY u.position");
  }

  void Conflict(const Table& table, const OnConflict& conflict) {
    Add(" ON CONFLICT (", table.tenant_sql_name);
    for (const Column* column : conflict.key) Add(", ", column->sql_name);
    Add(")");
    if (conflict.partial) Add(" WHERE ", table.delete_time->sql_name, " IS NULL");
    Add(" DO UPDATE SET ");
    Assignments(conflict.updates);
    if (table.delete_time != nullptr) Add(" WHERE t.", table.delete_time->sql_name, " IS NULL");
  }

  void Returning(const Columns& columns) {
    Add(" RETURNING ");
    if (whole_rows_) return Add("t.*");
    columns.empty() ? Add("1") : Results(columns, "t");
  }

  // The check comes after the columns that the reply is made of.
  void NoLargerThan(const Table& table, std::size_t row_bytes_max) {
    if (row_bytes_max == 0) return;
    const std::string check = RowSizeCheck(table, row_bytes_max);
    if (!check.empty()) Add(", ", check);
  }

  // A row is not hung below one that is soft-deleted (TN008). This is no lock: who deletes that row
  // at the same moment leaves what deleting it a moment later would leave.
  //
  // Whether the row is deleted that a row with these values refers to. It is a scalar, which the
  // database's planner always looks up by the key.
  template <typename ValueOf>
  std::string IsDeleted(const schema::Relation& relation, const ValueOf& value_of) {
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

  static bool IsOneOf(const Column* column, const std::vector<Assignment>& assignments) {
    return absl::c_any_of(assignments,
                          [&](const Assignment& other) { return other.column == column; });
  }

  static bool Restores(const Table& table, const std::vector<Assignment>& assignments) {
    return absl::c_any_of(assignments, [&](const Assignment& assignment) {
      return assignment.column == table.delete_time &&
             assignment.source != Assignment::Source::kNow;
    });
  }

  template <typename Write>
  void RefersToNoDeletedRow(const Write& write) {
    const Table& table = *write.table;
    const bool restores = Restores(table, write.values);
    for (const schema::Relation& relation : table.relations) {
      if (relation.many || relation.target->delete_time == nullptr) continue;
      const bool written = absl::c_any_of(
          relation.columns, [&](const Column* column) { return IsOneOf(column, write.values); });
      if (!written && !restores) continue;
      const auto value = [](const Column& column) { return absl::StrCat("t.", column.sql_name); };
      Add(", CASE WHEN ", IsDeleted(relation, value));
      if (MayLeave(write) && !restores) Add(" AND NOT ", ReferredBefore(table, relation));
      Add(" THEN tenantry.reference_deleted(", schema::QuoteLiteral(relation.constraint),
          ", NULL) END");
    }
  }

  // Whether the row may have been there, and have referred to the same row, before.
  static bool MayLeave(const Insert& insert) { return insert.on_conflict.has_value(); }
  static bool MayLeave(const Update&) { return true; }

  // A statement does not see what it writes itself: the row is as it was.
  std::string ReferredBefore(const Table& table, const schema::Relation& relation) {
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

  void EntriesReferToNoDeletedRow(const Table& table,
                                  const std::map<const Column*, std::string>& values) {
    absl::string_view separator = " WHERE ";
    for (const schema::Relation& relation : table.relations) {
      if (relation.many || relation.target->delete_time == nullptr) continue;
      if (!absl::c_all_of(relation.columns, [&](const Column* c) { return values.contains(c); })) {
        continue;
      }
      const auto value = [&](const Column& column) { return values.at(&column); };
      Add(std::exchange(separator, " AND "), "CASE WHEN ", IsDeleted(relation, value),
          " THEN tenantry.reference_deleted(", schema::QuoteLiteral(relation.constraint),
          ", (u.position - 1)::integer) ELSE true END");
    }
  }

  bool whole_rows_ = false;  // what is written is a table to select from, with relations
};

class CountPrinter : public SqlWriter {
 public:
  void Print(const Count& count) {
    const std::string row = Name("t", NewTable());
    Add(count.estimated ? "EXPLAIN (FORMAT JSON) SELECT" : "SELECT count(*)", " FROM ",
        count.table->sql_name, " AS ", row, " WHERE ");
    Conditions(*count.table, row, count.deleted, count.where);
  }
};

struct SqlOf {
  const Ending& ending;

  std::string operator()(const Read& read) const { return Ended(PrintRead(read)); }
  std::string operator()(const Count& count) const {
    CountPrinter printer;
    printer.Print(count);
    return Ended(std::move(printer).Take());
  }
  std::string operator()(const Aggregate& aggregate) const {
    return Ended(PrintAggregate(aggregate));
  }
  template <typename Write>
  std::string operator()(const Write& write) const {
    EndedPrinter printer;
    printer.Print(write, ending);
    return std::move(printer).Take();
  }

 private:
  std::string Ended(std::string read) const {
    if (!ending.refused.has_value() && !ending.keep.has_value()) return read;
    EndedPrinter printer;
    printer.PrintAround(read, ending);
    return std::move(printer).Take();
  }
};

}  // namespace

std::string CastFromTransport(absl::string_view expression, const Column& column, bool array) {
  const schema::TypeInfo& type = schema::InfoOf(column.type);
  if (type.transport == Transport::kOwn) return std::string(expression);
  const absl::string_view name =
      column.enum_type == nullptr ? type.name : absl::string_view(column.enum_type->sql_name);
  return absl::StrCat(expression, "::", name, array ? "[]" : "");
}

std::shared_ptr<const SqlText> Print(const Query& query, const Ending& ending) {
  auto text = std::make_shared<SqlText>();
  text->sql = std::visit(SqlOf{ending}, query);
  text->name = NameOf(text->sql);
  text->aggregates = std::holds_alternative<Aggregate>(query);
  text->read_only = text->aggregates || std::holds_alternative<Read>(query) ||
                    std::holds_alternative<Count>(query);
  if (!text->read_only || ending.refused.has_value()) {
    const Table& table = *std::visit([](const auto& statement) { return statement.table; }, query);
    text->written_schema = table.schema;
    text->written_table = table.name;
    text->row_name = table.message->name();
    // A soft delete is an update: the row stays for those that refer to it.
    text->removes_rows = std::holds_alternative<Delete>(query);
  }
  return text;
}

namespace {

std::shared_ptr<const SqlText> Fixed(std::string sql) {
  auto text = std::make_shared<SqlText>();
  text->sql = std::move(sql);
  text->name = NameOf(text->sql);
  return text;
}

}  // namespace

std::shared_ptr<const SqlText> TakeBack() {
  static const auto& text =
      *new auto(Fixed(absl::StrCat("SELECT tenantry.refuse('", ToAbsl(kTriedState), "', NULL)")));
  return text;
}

std::shared_ptr<const SqlText> KeptRows() {
  static const auto& text =
      *new auto(Fixed("SELECT fingerprint, layout, rows FROM tenantry.kept_rows($1)"));
  return text;
}

}  // namespace tenantry::plan
