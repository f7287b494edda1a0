// A read as SQL.
//
// A row of the result has the read's columns, then for each child, in the order of the tree:
//   to one    a boolean, whether there is a row, and the cells of the child; by a LEFT JOIN
//   to many   one cell, an array of records with the cells of the child; by a sub-select
// Both are made of the finished page: only rows that the page holds are looked up.
#include <utility>

#include "server/plan/row_size.h"
#include "server/plan/sql_writer.h"

namespace tenantry::plan {
namespace {

// Names that no column has: they are not written in snake_case.
constexpr char kTotal[] = "\"tenantry total\"";
constexpr char kPosition[] = "\"tenantry position\"";

class ReadPrinter : public SqlWriter {
 public:
  void Print(const Read& read) {
    Add("SELECT ");
    const Names names = NewNames();
    read.lookup.empty() ? Rows(read, names, {}) : Lookup(read, names);
  }

 private:
  // What a read's own tables are called: the rows, and those that a page has taken from them.
  struct Names {
    std::string table, page;
  };
  Names NewNames() {
    const int number = NewTable();
    return {Name("t", number), Name("page", number)};
  }

  void Rows(const Read& read, const Names& names, Link link) {
    std::string joins;
    if (link.relation != nullptr) Add("ROW(");
    Outputs(read, read.page.has_value() ? names.page : names.table, joins);
    if (link.relation != nullptr) Add(")");
    if (read.page.has_value()) return PageOf(read, names, link, joins);
    From(read, names.table, link, joins);
    OrderBy(read.order, names.table);
  }

  // The cells of a row. What they need beside the row itself is added to `joins`.
  void Outputs(const Read& read, absl::string_view row, std::string& joins) {
    Results(read.columns, row);
    absl::string_view separator = read.columns.empty() ? "" : ", ";
    for (const Child& child : read.children) {
      Add(std::exchange(separator, ", "));
      child.relation->many ? Many(child, row) : One(child, row, joins);
    }
  }

  static bool IsEmpty(const Read& read) { return read.columns.empty() && read.children.empty(); }

  void Many(const Child& child, absl::string_view row) {
    Add("ARRAY(SELECT ");
    Rows(child.read, NewNames(), {child.relation, row});
    Add(")");
  }

  void One(const Child& child, absl::string_view row, std::string& joins) {
    const schema::Table& target = *child.read.table;
    const std::string name = Name("t", NewTable());
    joins += Apart([&] {
      Add(" LEFT JOIN ", target.sql_name, " AS ", name, " ON ");
      Conditions(target, name, child.read.deleted, child.read.where, {child.relation, row});
    });
    Add(name, ".", target.tenant_sql_name, " IS NOT NULL");
    if (!IsEmpty(child.read)) Add(", ");
    Outputs(child.read, name, joins);
  }

  void From(const Read& read, absl::string_view row, Link link, absl::string_view joins = "") {
    Add(" FROM ", read.table->sql_name, " AS ", row, joins, " WHERE ");
    Conditions(*read.table, row, read.deleted, read.where, link);
    if (read.page.has_value() && !read.page->after.empty()) After(read, row);
  }

  // ` AND (t."created_at", t."id") > ($n, $m)`: all order terms have one direction.
  void After(const Read& read, absl::string_view row) {
    absl::string_view separator = " AND (";
    for (const OrderTerm& term : read.order) {
      Add(std::exchange(separator, ", "), row, ".", term.column->sql_name);
    }
    separator = read.order[0].descending ? ") < (" : ") > (";
    for (std::size_t i = 0; i < read.order.size(); ++i) {
      Add(std::exchange(separator, ", "), Value(read.page->after[i], *read.order[i].column));
    }
    Add(")");
  }

  void OrderBy(const std::vector<OrderTerm>& order, absl::string_view row) {
    // Names are qualified throughout: a bare one would mean the result, cast to text.
    absl::string_view separator = " ORDER BY ";
    for (const OrderTerm& term : order) {
      Add(std::exchange(separator, ", "), row, ".", term.column->sql_name,
          term.descending ? " DESC" : "");
    }
  }

  // The database's planner takes a tenth of all rows for an unknown LIMIT, finds that dear, and
  // plans every call of a large tenant anew. The literal bound tells it the size, the parameter
  // where to stop.
  void PageOf(const Read& read, const Names& names, Link link, absl::string_view joins) {
    if (read.bytes_max.has_value()) BeginBounded(read);
    Add(" FROM (SELECT *");
    From(read, names.table, link);
    OrderBy(read.order, names.table);
    Add(" LIMIT ", read.page->rows_max, ") AS ", names.page);
    read.bytes_max.has_value() ? EndBounded(read, joins) : Add(joins);
    OrderBy(read.order, names.page);
    Add(" LIMIT ", Placeholder(read.page->limit), "::bigint");
  }

  // Between the columns of a page and its rows. The total of a row includes its own bytes: the
  // result's last row says whether it was the last for its size.
  void BeginBounded(const Read& read) {
    Add(IsEmpty(read) ? "" : ", ", "page.", kTotal, " >= ", *read.bytes_max,
        " FROM (SELECT page.*, sum(", LongValuesSize(*read.table, "page"), ") OVER (");
    OrderBy(read.order, "page");
    Add(" ROWS UNBOUNDED PRECEDING) AS ", kTotal);
  }

  // Behind the rows: those that begin before the bytes are used up.
  void EndBounded(const Read& read, absl::string_view joins) {
    Add(") AS page", joins, " WHERE page.", kTotal, " - (", LongValuesSize(*read.table, "page"),
        ") < ", *read.bytes_max);
  }

  void Lookup(const Read& read, const Names& names) {
    const Columns& key = read.table->primary_key;
    const bool bounded = read.bytes_max.has_value();
    std::string joins;
    Outputs(read, bounded ? names.page : names.table, joins);
    if (bounded) {
      Add(" FROM (SELECT t.*, k.position AS ", kPosition, ", sum(",
          LongValuesSize(*read.table, "t"),
          ") OVER (ORDER BY k.position ROWS UNBOUNDED PRECEDING) AS ", kTotal);
    }
    Add(" FROM unnest(");
    for (std::size_t i = 0; i < key.size(); ++i) {
      Add(i == 0 ? "" : ", ", Values(read.lookup[i], *key[i]));
    }
    Add(") WITH ORDINALITY AS k (");
    for (std::size_t i = 0; i < key.size(); ++i) Add("k", i, ", ");
    Add("position) LEFT JOIN ", read.table->sql_name, " AS t ON ");
    Visible(*read.table, "t", read.deleted);
    for (std::size_t i = 0; i < key.size(); ++i) {
      Add(" AND t.", key[i]->sql_name, " = ", Element(absl::StrCat("k.k", i), *key[i]));
    }
    if (bounded) {
      EndBounded(read, joins);
      Add(" ORDER BY page.", kPosition);
    } else {
      Add(joins, " ORDER BY k.position");
    }
  }
};

}  // namespace

std::string PrintRead(const Read& read) {
  ReadPrinter printer;
  printer.Print(read);
  return std::move(printer).Take();
}

}  // namespace tenantry::plan
