// Writes as SQL, and reads with an ending.
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/sqlstate.h"
#include "server/base/strings.h"
#include "server/plan/print_references.h"
#include "server/plan/row_size.h"
#include "server/plan/value.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Table;

// Names that no column has: they are not written in snake_case.
constexpr char kPosition[] = "\"tenantry position\"";
constexpr char kSize[] = "\"tenantry size\"";

// Writes, and reads with an ending.
class EndedPrinter : public LiveReferences {
 public:
  EndedPrinter() { NewTable(); }  // the statement's, `t`

  template <typename Write>
  void Print(const Write& write, const Ending& ending) {
    if (IsBatch(write)) return Batch(write, ending.keep);
    if (AtMost(write).has_value()) return Counted(write, ending.keep);
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
    Returning(*insert.table, insert.returning);
    if (!insert.many) CheckWritten(insert);
    if (insert.on_conflict.has_value()) {
      NoLargerThan(*insert.table, insert.on_conflict->row_bytes_max);
    }
    if (!IsBatch(insert)) return;
    const Columns& key = insert.on_conflict->key;
    for (std::size_t i = 0; i < key.size(); ++i) {
      Add(", t.", key[i]->sql_name, " AS ", KeyName(i));
    }
    SizeOf(insert.returning);
  }

  void Plain(const Update& update) {
    const EntryColumns entry = NewEntry(update);
    Add("UPDATE ", update.table->sql_name, " AS t SET ");
    Assignments(update.values);
    FromEntries(" FROM ", entry);
    Add(" WHERE ");
    Found(update, update.deleted, entry);
    Require(update, update.deleted, entry);
    NoMoreThan(update, update.deleted);
    Returning(*update.table, update.returning);
    CheckWritten(update, EntryIndex());
    NoLargerThan(*update.table, update.row_bytes_max);
    if (!in_batch_) return;
    Add(", u.position AS ", kPosition);
    SizeOf(update.returning);
  }

  void Plain(const Delete& statement) {
    const EntryColumns entry = NewEntry(statement);
    Add("DELETE FROM ", statement.table->sql_name, " AS t");
    FromEntries(" USING ", entry);
    Add(" WHERE ");
    Found(statement, Deleted::kShown, entry);
    Require(statement, Deleted::kShown, entry);
    NoMoreThan(statement, Deleted::kShown);
    Returning(*statement.table, statement.returning);
    if (in_batch_) Add(", u.position AS ", kPosition);
  }

  // What rows are found and checked by, beside what the tree has as conditions. SQL.
  struct EntryColumns {
    std::vector<std::string> key;  // of a batch
    std::string etag;              // empty without one
  };
  template <typename Write>
  EntryColumns NewEntry(const Write& write) {
    in_batch_ = write.entries.has_value();
    EntryColumns entry;
    for (std::size_t i = 0; in_batch_ && i < write.entries->key.size(); ++i) {
      entry.key.push_back(ElementOf(write.entries->key[i], *write.table->primary_key[i]));
    }
    if (write.etag.has_value()) {
      entry.etag = in_batch_ ? ElementOf(*write.etag, TextType()) : Value(*write.etag, TextType());
    }
    return entry;
  }

  // The element of the slot's array that is the entry's: a column of `u`.
  std::string ElementOf(Slot slot, const Column& column) {
    const std::string name = absl::StrCat("c", element_names_.size());
    element_arrays_.push_back(Values(slot, column));
    element_names_.push_back(name);
    return Element("u." + name, column);
  }

  // In the order of their keys, so that two batches do not wait for each other's rows.
  void FromEntries(absl::string_view word, const EntryColumns& entry) {
    if (!in_batch_) return;
    const std::vector<std::string> key(element_names_.begin(),
                                       element_names_.begin() + entry.key.size());
    Add(word, "(SELECT * FROM unnest(", absl::StrJoin(element_arrays_, ", "),
        ") WITH ORDINALITY AS u (", absl::StrJoin(element_names_, ", "), ", position) ORDER BY ",
        absl::StrJoin(key, ", "), ") AS u");
  }

  template <typename Write>
  void Found(const Write& write, Deleted deleted, const EntryColumns& entry) {
    Conditions(*write.table, "t", deleted, write.where);
    for (std::size_t i = 0; i < entry.key.size(); ++i) {
      Add(" AND t.", write.table->primary_key[i]->sql_name, " = ", entry.key[i]);
    }
  }

  static bool Restores(const Update& update) { return update.restores; }
  static bool Restores(const Delete&) { return false; }

  // Which of the entries is refused; NULL outside of a batch.
  absl::string_view EntryIndex() const { return in_batch_ ? kEntryIndex : "NULL"; }

  std::string Refuse(std::string_view state) const {
    return absl::StrCat("tenantry.refuse('", ToAbsl(state), "', ", EntryIndex(), ")");
  }

  // In the order of the CASE, so that no row is refused but one that would be written. The
  // conditions before it stand for the index.
  template <typename Write>
  void Require(const Write& write, Deleted deleted, const EntryColumns& entry) {
    if (write.require.empty() && entry.etag.empty() && !Restores(write)) return;
    Add(" AND CASE WHEN (");
    Found(write, deleted, entry);
    Add(") IS NOT TRUE THEN false");
    if (Restores(write)) {
      Add(" WHEN t.", write.table->delete_time->sql_name, " IS NULL THEN ",
          Refuse(kNotDeletedState));
    }
    if (!entry.etag.empty()) {
      Add(" WHEN t.", write.table->etag->sql_name, "::text <> ", entry.etag, " THEN ",
          Refuse(kEtagState));
    }
    if (write.require.empty()) return Add(" ELSE true END");
    Add(" WHEN (true");
    Each(write.require, "t");
    Add(") THEN true ELSE ", Refuse(kRequirementState), " END");
  }

  // The rows are counted first, and no further than needed.
  template <typename Write>
  void NoMoreThan(const Write& write, Deleted deleted) {
    if (!write.at_most.has_value()) return;
    const std::string most = Placeholder(*write.at_most) + "::bigint";
    const std::string row = Name("t", NewTable());
    Add(" AND (SELECT CASE WHEN count(*) > ", most, " THEN ", Refuse(kTooManyState),
        " ELSE true END FROM (SELECT FROM ", write.table->sql_name, " AS ", row, " WHERE ");
    Conditions(*write.table, row, deleted, write.where);
    Add(" LIMIT ", most, " + 1) AS found)");
  }

  static std::optional<Slot> AtMost(const Insert&) { return std::nullopt; }
  template <typename Write>
  static std::optional<Slot> AtMost(const Write& write) {
    return write.at_most;
  }

  template <typename Write>
  void Counted(const Write& write, std::optional<Slot> keep) {
    Add("WITH written AS (");
    Plain(write);
    Answer("count(*) FROM written", keep);
  }

  // Closes the WITH, and selects what the statement answers with.
  void Answer(absl::string_view selected, std::optional<Slot> keep) {
    if (!keep.has_value()) return Add(") SELECT ", selected);
    Add("), reply AS (SELECT ", selected, ") SELECT reply.* FROM reply");
    Keep("reply", *keep);
  }

  static bool IsBatch(const Insert& insert) {
    return insert.many && insert.on_conflict.has_value();
  }
  template <typename Write>
  static bool IsBatch(const Write& write) {
    return write.entries.has_value();
  }

  // The rows of the result as they are entered, or a refusal that names the first entry without.
  template <typename Write>
  void Batch(const Write& write, std::optional<Slot> keep) {
    const Column& key = *write.table->primary_key[0];
    const std::string size = absl::StrCat("cardinality(", Values(write.entries->key[0], key), ")");
    const bool rows = !write.returning.empty();
    const std::string required = Required(
        size, kNotFoundState, absl::StrCat("generate_series(1, ", size, ") AS u (position)"),
        absl::StrCat("written.", kPosition, " = u.position"),
        rows ? write.entries->reply_bytes_max : 0);
    Add("WITH written AS (");
    Plain(write);
    Answer(rows ? absl::StrCat("written.* FROM ", required,
                               " LEFT JOIN written ON true ORDER BY written.", kPosition)
                : absl::StrCat("required.* FROM ", required),
           keep);
  }

  // An insert cannot return the place of its entry: the key tells it.
  void Batch(const Insert& insert, std::optional<Slot> keep) {
    const Columns& key = insert.on_conflict->key;
    std::vector<std::string> arrays, names, same;
    for (std::size_t i = 0; i < key.size(); ++i) {
      for (const Assignment& assignment : insert.values) {
        if (assignment.column == key[i]) arrays.push_back(Values(assignment.slot, *key[i]));
      }
      names.push_back(absl::StrCat("k", i));
      same.push_back(
          absl::StrCat("written.", KeyName(i), " = ", Element("u." + names[i], *key[i])));
    }
    const std::string entries =
        absl::StrCat("unnest(", absl::StrJoin(arrays, ", "), ") WITH ORDINALITY AS u (",
                     absl::StrJoin(names, ", "), ", position)");
    const std::string is_of_entry = absl::StrJoin(same, " AND ");
    const std::string required =
        Required(absl::StrCat("cardinality(", arrays[0], ")"), kRowDeletedState, entries,
                 is_of_entry, insert.on_conflict->reply_bytes_max);
    Add("WITH written AS (");
    Plain(insert);
    Answer(absl::StrCat("written.* FROM ", required, " CROSS JOIN ", entries,
                        " LEFT JOIN written ON ", is_of_entry, " ORDER BY u.position"),
           keep);
  }

  // One row, unless the batch is refused: with `state` when there are fewer rows than `size`.
  // `entries` is a table `u` of the entries with their positions, and `is_of_entry` says which of
  // them a row is of.
  static std::string Required(absl::string_view size, std::string_view state,
                              absl::string_view entries, absl::string_view is_of_entry,
                              std::size_t reply_bytes_max) {
    std::string sql = absl::StrCat(
        "(SELECT CASE WHEN (SELECT count(*) FROM written) < ", size, " THEN tenantry.refuse('",
        ToAbsl(state), "', (SELECT min(u.position)::integer - 1 FROM ", entries,
        " WHERE NOT EXISTS (SELECT FROM written WHERE ", is_of_entry, ")))");
    if (reply_bytes_max > 0) {
      absl::StrAppend(&sql, " WHEN (SELECT sum(written.", kSize, ") FROM written) > ",
                      reply_bytes_max, " THEN tenantry.refuse('", ToAbsl(kReplyTooLargeState),
                      "', NULL)");
    }
    return sql + " ELSE true END) AS required";
  }

  static std::string KeyName(std::size_t part) {
    return absl::StrCat("\"tenantry key ", part, "\"");
  }
  void SizeOf(const Columns& columns) { Add(", ", RowSize(columns), " AS ", kSize); }

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
        if (in_batch_) return AssignedInBatch(assignment);
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
        if (in_batch_) return Increased(column, assignment.slot);
        return absl::StrCat("t.", column.sql_name, " + ", Value(assignment.slot, column));
    }
    return "";
  }

  std::string Increased(const Column& column, std::optional<Slot> increase) {
    std::string present = absl::StrCat("t.", column.sql_name);
    if (!increase.has_value()) return present;
    return absl::StrCat(present, " + COALESCE(", ElementOf(*increase, column), ", 0)");
  }

  std::string AssignedInBatch(const Assignment& assignment) {
    const Column& column = *assignment.column;
    std::string value = OrDefault(assignment, ElementOf(assignment.slot, column));
    if (!assignment.chosen.has_value()) return value;
    return absl::StrCat("CASE WHEN ", ElementOf(*assignment.chosen, ColumnOf(schema::Type::kBool)),
                        " THEN ", value, " ELSE ", Increased(column, assignment.increase), " END");
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
    EntryValues values;
    std::vector<std::string> order;  // of upserts: see FromEntries
    int count = 0;
    Add("SELECT ");
    Tenant();
    for (const Assignment& assignment : insert.values) {
      if (assignment.source == Assignment::Source::kNow) {
        Add(", now()");
        continue;
      }
      const std::string name = absl::StrCat("c", count);
      if (IsBatch(insert) && absl::c_linear_search(insert.on_conflict->key, assignment.column)) {
        order.push_back("u." + name);
      }
      std::string& value = values[assignment.column];
      value = OrDefault(assignment, Element("u." + name, *assignment.column));
      Add(", ", value);
      absl::StrAppend(&arrays, count++ == 0 ? "" : ", ",
                      Values(assignment.slot, *assignment.column));
      absl::StrAppend(&names, name, ", ");
    }
    Add(" FROM unnest(", arrays, ") WITH ORDINALITY AS u (", names, "position)");
    CheckEntries(insert, values);
    Add(" ORDER BY ", order.empty() ? "u.position" : absl::StrJoin(order, ", "));
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

  void Returning(const Table& table, const Columns& columns) {
    Add(" RETURNING ");
    if (whole_rows_) return Add(Whole(table, "t"));
    columns.empty() ? Add("1") : Results(columns, "t");
  }

  // The check comes after the columns that the reply is made of.
  void NoLargerThan(const Table& table, std::size_t row_bytes_max) {
    if (row_bytes_max == 0) return;
    const std::string check = RowSizeCheck(table, row_bytes_max);
    if (!check.empty()) Add(", ", check);
  }

  bool in_batch_ = false;                    // an update or a delete
  std::vector<std::string> element_arrays_;  // of its entries, and the columns that they make
  std::vector<std::string> element_names_;
  bool whole_rows_ = false;  // what is written is a table to select from, with relations
};

template <typename Write>
std::string Printed(const Write& write, const Ending& ending) {
  EndedPrinter printer;
  printer.Print(write, ending);
  return std::move(printer).Take();
}

}  // namespace

std::string PrintWrite(const Insert& insert, const Ending& ending) {
  return Printed(insert, ending);
}
std::string PrintWrite(const Update& update, const Ending& ending) {
  return Printed(update, ending);
}
std::string PrintWrite(const Delete& statement, const Ending& ending) {
  return Printed(statement, ending);
}

std::string PrintEnded(absl::string_view read, const Ending& ending) {
  EndedPrinter printer;
  printer.PrintAround(read, ending);
  return std::move(printer).Take();
}

}  // namespace tenantry::plan
