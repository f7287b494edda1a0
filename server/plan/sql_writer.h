// The parts of SQL that all statements have: values, conditions, the columns of a row.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/plan/query.h"

namespace tenantry::plan {

// What ties rows to the row `parent`: its relation.
struct Link {
  const schema::Relation* relation = nullptr;
  absl::string_view parent;
};

// Writes one statement. Each table in it has a name of its own: the statement's is `t`, those of
// relations are `t1`, `t2` and so on. `row` is such a name throughout.
class SqlWriter {
 public:
  std::string Take() && { return std::move(text_); }

 protected:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    absl::StrAppend(&text_, parts...);
  }

  // What `print` adds, which does not stay in the text.
  template <typename Print>
  std::string Apart(Print print) {
    std::string before = std::exchange(text_, std::string());
    print();
    return std::exchange(text_, std::move(before));
  }

  // A number for each table that the statement names; the first is 0.
  int NewTable() { return tables_++; }
  static std::string Name(absl::string_view prefix, int table) {
    return table == 0 ? std::string(prefix) : absl::StrCat(prefix, table);
  }

  static std::string Placeholder(Slot slot) { return absl::StrCat("$", slot.index + 1); }
  // The slot's value in the column's own type.
  static std::string Value(Slot slot, const schema::Column& column) {
    return Value(slot, column, column.array);
  }
  // An array of the type of the column's values, or one such value.
  static std::string Value(Slot slot, const schema::Column& column, bool array);
  // What a value of the column's type is compared with.
  static std::string Compared(Comparison comparison, Slot slot, const schema::Column& type);
  // An array with an element for each row. An array in an array travels as its text form: unnest
  // would flatten it.
  static std::string Values(Slot slot, const schema::Column& column);
  // One element of the former, `name`, in the column's own type.
  static std::string Element(const std::string& name, const schema::Column& column);

  void Tenant() { Add(Placeholder(kTenantSlot), "::uuid"); }
  // A value of the column's type, in the form in which it travels.
  static std::string Result(const std::string& value, const schema::Column& column);
  // A column of a row.
  static std::string Cell(const schema::Column& column, absl::string_view row);
  // All that a table has, for a sub-select whose rows are called `row` outside too. An etag and
  // what is computed are no part of `*`.
  static std::string Whole(const schema::Table& table, absl::string_view row);
  // The row's columns, in that form.
  void Results(const Columns& columns, absl::string_view row);

  // The conditions on a row, for every table that a statement names: those that nobody writes in a
  // tree, those of the relation it is reached by, and `where`.
  void Conditions(const schema::Table& table, absl::string_view row, Deleted deleted,
                  const std::vector<Expr>& where, Link link = {});
  // The last of them, each behind an AND.
  void Each(const std::vector<Expr>& where, absl::string_view row);
  // What a measure comes to, of rows called `row`.
  void MeasureOf(const Measure& measure, absl::string_view row);
  // A condition of a tree. One on a column of no table is about the value `row`.
  void Condition(const Expr& expr, absl::string_view row);
  // How well a row matches, a real.
  static std::string Rank(const OrderTerm& term, absl::string_view row);
  // The first of them: the row is the tenant's, and not deleted.
  void Visible(const schema::Table& table, absl::string_view row, Deleted deleted);

  // Closes a statement that selects from `rows`: they are kept (Ending::keep).
  void Keep(absl::string_view rows, Slot first);

 private:
  void Subject(const schema::Column& column, absl::string_view row);
  void Junction(const std::vector<Expr>& operands, absl::string_view row, absl::string_view word,
                absl::string_view if_empty);
  void Exists(const Expr& expr, absl::string_view row);
  static std::string SearchQuery(const schema::Search& search, Slot text);
  static std::string Member(const Expr& expr, absl::string_view row);

  std::string text_;
  int tables_ = 0;
};

std::string PrintRead(const Read& read);
std::string PrintAggregate(const Aggregate& aggregate);
std::string PrintWrite(const Insert& insert, const Ending& ending);
std::string PrintWrite(const Update& update, const Ending& ending);
std::string PrintWrite(const Delete& statement, const Ending& ending);
std::string PrintCall(const Invoke& invoke, const Ending& ending);
// `read` is SQL.
std::string PrintEnded(absl::string_view read, const Ending& ending);

// What a statement answers with of rows that it has found or written already.
struct OutputSql {
  std::string cells;  // for SELECT
  std::string joins;  // behind the rows, for FROM
};
// `row` is the name of the rows.
OutputSql PrintOutputs(const Columns& columns, const std::vector<Child>& children,
                       absl::string_view row);

}  // namespace tenantry::plan
