// A read as SQL.
//
// A row of the result has the read's columns, then for each child, in the order of the tree:
//   to one    a boolean, whether there is a row, and the cells of the child; by a LEFT JOIN
//   to many   one cell, an array of records with the cells of the child; by a sub-select
//   measures  one cell, a record with what each comes to; by a sub-select
// All are made of the finished page: only rows that the page holds are looked up.
#include <map>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/plan/keyset.h"
#include "server/plan/row_size.h"
#include "server/plan/sql_writer.h"
#include "server/plan/value.h"

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

  OutputSql PrintOutputs(const Columns& columns, const std::vector<Child>& children,
                         absl::string_view row) {
    NewTable();  // the rows
    OutputSql sql;
    sql.cells = Apart([&] { Outputs(columns, children, row, sql.joins); });
    return sql;
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
    const bool page = read.page.has_value() && read.page->rows_max > 0;
    if (link.relation != nullptr) Add("ROW(");
    Outputs(read.columns, read.children, page ? names.page : names.table, joins);
    if (link.relation != nullptr) Add(")");
    if (page) return PageOf(read, names, link, joins);
    const std::vector<std::string> terms = Terms(read.order, names.table, joins);
    if (read.page.has_value() && read.page->positions) Positions(read, terms);
    From(read, names.table, link, joins);
    if (read.page.has_value()) After(read, terms);
    OrderBy(read.order, terms);
  }

  // The cells of a row. What they need beside the row itself is added to `joins`.
  void Outputs(const Columns& columns, const std::vector<Child>& children, absl::string_view row,
               std::string& joins) {
    Results(columns, row);
    absl::string_view separator = columns.empty() ? "" : ", ";
    for (const Child& child : children) {
      Add(std::exchange(separator, ", "));
      if (!child.measures.empty()) {
        Measures(child, row);
      } else {
        child.relation->many ? Many(child, row) : One(child, row, joins);
      }
    }
  }

  static bool IsEmpty(const Read& read) { return read.columns.empty() && read.children.empty(); }

  void Many(const Child& child, absl::string_view row) {
    Add("ARRAY(SELECT ");
    Rows(child.read, NewNames(), {child.relation, row});
    Add(")");
  }

  void Measures(const Child& child, absl::string_view row) {
    const std::string name = Name("t", NewTable());
    Add("(SELECT ROW(");
    absl::string_view separator;
    for (const Measure& measure : child.measures) {
      const std::string value = Apart([&] { MeasureOf(measure, name); });
      Add(std::exchange(separator, ", "), Result(value, ColumnOf(ResultOf(measure))));
    }
    Add(")");
    From(child.read, name, {child.relation, row}, "");
    Add(")");
  }

  void One(const Child& child, absl::string_view row, std::string& joins) {
    const schema::Table& target = *child.read.table;
    const std::string name = Name("t", NewTable());
    joins += Apart([&] {
      BeginJoin(target, name);
      Conditions(target, name, child.read.deleted, child.read.where, {child.relation, row});
      EndJoin(target, name);
    });
    Add(name, ".", target.tenant_sql_name, " IS NOT NULL");
    if (!IsEmpty(child.read)) Add(", ");
    Outputs(child.read.columns, child.read.children, name, joins);
  }

  // Joins one row of a table, on what stands between the two. Of a view with groups the database's
  // planner would make all rows before it joins one. The LIMIT keeps it from that.
  void BeginJoin(const schema::Table& table, absl::string_view name) {
    Add(" LEFT JOIN ");
    if (table.is_view()) Add("LATERAL (SELECT ", name, ".* FROM ");
    Add(table.sql_name, " AS ", name, table.is_view() ? " WHERE " : " ON ");
  }
  void EndJoin(const schema::Table& table, absl::string_view name) {
    if (table.is_view()) Add(" LIMIT 1) AS ", name, " ON true");
  }

  void From(const Read& read, absl::string_view row, Link link, absl::string_view joins) {
    Add(" FROM ", read.table->sql_name, " AS ", row, joins, " WHERE ");
    Conditions(*read.table, row, read.deleted, read.where, link);
  }

  // What the rows of a table are ordered by. What it needs beside them is added to `joins`.
  std::vector<std::string> Terms(const std::vector<OrderTerm>& order, const std::string& row,
                                 std::string& joins) {
    std::map<std::vector<const schema::Relation*>, std::string> rows = {{{}, row}};
    std::vector<std::string> terms;
    for (const OrderTerm& term : order) {
      if (term.search != nullptr) {
        terms.push_back(Rank(term, row));
        continue;
      }
      std::vector<const schema::Relation*> way;
      std::string from = row;
      for (const schema::Relation* relation : term.path) {
        way.push_back(relation);
        std::string& next = rows[way];
        if (next.empty()) next = Join(*relation, from, joins);
        from = next;
      }
      terms.push_back(Cell(*term.column, from));
    }
    return terms;
  }

  // The row that another refers to, deleted or not. Gives its name.
  std::string Join(const schema::Relation& relation, const std::string& from, std::string& joins) {
    const std::string name = Name("t", NewTable());
    joins += Apart([&] {
      Add(" LEFT JOIN ", relation.target->sql_name, " AS ", name, " ON ");
      Conditions(*relation.target, name, Deleted::kShown, {}, {&relation, from});
    });
    return name;
  }

  // What the rows of a page are ordered by.
  static std::vector<std::string> PageTerms(const std::vector<OrderTerm>& order,
                                            const std::string& page) {
    std::vector<std::string> terms;
    for (const OrderTerm& term : order) {
      terms.push_back(absl::StrCat(
          page, ".",
          term.is_column() ? term.column->sql_name : TermName(static_cast<int>(terms.size()))));
    }
    return terms;
  }

  // In the page, that of an order term which is no column of its rows.
  static std::string TermName(int term) { return absl::StrCat("\"tenantry order ", term, "\""); }

  void After(const Read& read, const std::vector<std::string>& terms) {
    if (read.page->after.empty()) return;
    std::vector<KeysetTerm> position;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const OrderTerm& term = read.order[i];
      std::optional<std::string> value;
      if (read.page->after[i].has_value()) value = Value(*read.page->after[i], *term.column);
      position.push_back({terms[i], value, term.descending, term.nulls_first, term.may_be_null()});
    }
    Add(" AND ", BehindPosition(position, read.page->including));
  }

  void OrderBy(const std::vector<OrderTerm>& order, const std::vector<std::string>& terms) {
    // Names are qualified throughout: a bare one would mean the result, cast to text.
    absl::string_view separator = " ORDER BY ";
    for (std::size_t i = 0; i < order.size(); ++i) {
      Add(std::exchange(separator, ", "), terms[i], order[i].descending ? " DESC" : "");
      // Without the word, an index in the one direction or the other has NULLs where they are
      // wanted.
      if (!order[i].may_be_null() || order[i].nulls_first == order[i].descending) continue;
      Add(order[i].nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
  }

  // The database's planner takes a tenth of all rows for an unknown LIMIT, finds that dear, and
  // plans every call of a large tenant anew. The literal bound tells it the size, the parameter
  // where to stop.
  void PageOf(const Read& read, const Names& names, Link link, absl::string_view joins) {
    const std::vector<std::string> outside = PageTerms(read.order, names.page);
    if (read.page->positions) Positions(read, outside);
    if (read.bytes_max.has_value()) BeginBounded(read, outside);
    std::string order_joins;
    const std::vector<std::string> inside = Terms(read.order, names.table, order_joins);
    Add(" FROM (SELECT ");
    const bool plain = order_joins.empty() && IsAllStored(*read.table);
    Add(plain ? "*" : Whole(*read.table, names.table));
    for (std::size_t i = 0; i < inside.size(); ++i) {
      if (!read.order[i].is_column()) Add(", ", inside[i], " AS ", TermName(static_cast<int>(i)));
    }
    From(read, names.table, link, order_joins);
    After(read, inside);
    OrderBy(read.order, inside);
    Add(" LIMIT ", read.page->rows_max);
    if (read.page->skip.has_value()) Add(" OFFSET ", Placeholder(*read.page->skip), "::bigint");
    Add(") AS ", names.page);
    read.bytes_max.has_value() ? EndBounded(read, joins) : Add(joins);
    OrderBy(read.order, outside);
    Add(" LIMIT ", Placeholder(read.page->limit), "::bigint");
  }

  static bool IsAllStored(const schema::Table& table) {
    return absl::c_all_of(table.columns,
                          [](const schema::Column& column) { return column.stored; });
  }

  // The cells that tell the position of a row.
  void Positions(const Read& read, const std::vector<std::string>& terms) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (!NeedsPositionCell(read.order[i], read.columns)) continue;
      Add(", ", Result(terms[i], *read.order[i].column));
    }
  }

  // Between the columns of a page and its rows. The total of a row includes its own bytes: the
  // result's last row says whether it was the last for its size.
  void BeginBounded(const Read& read, const std::vector<std::string>& terms) {
    Add(IsEmpty(read) ? "" : ", ", "page.", kTotal, " >= ", *read.bytes_max,
        " FROM (SELECT page.*, sum(", LongValuesSize(*read.table, "page"), ") OVER (");
    OrderBy(read.order, terms);
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
    Outputs(read.columns, read.children, bounded ? names.page : names.table, joins);
    if (bounded) {
      Add(" FROM (SELECT ", Whole(*read.table, "t"), ", k.position AS ", kPosition, ", sum(",
          LongValuesSize(*read.table, "t"),
          ") OVER (ORDER BY k.position ROWS UNBOUNDED PRECEDING) AS ", kTotal);
    }
    Add(" FROM unnest(");
    for (std::size_t i = 0; i < key.size(); ++i) {
      Add(i == 0 ? "" : ", ", Values(read.lookup[i], *key[i]));
    }
    Add(") WITH ORDINALITY AS k (");
    for (std::size_t i = 0; i < key.size(); ++i) Add("k", i, ", ");
    Add("position)");
    BeginJoin(*read.table, "t");
    Visible(*read.table, "t", read.deleted);
    for (std::size_t i = 0; i < key.size(); ++i) {
      Add(" AND t.", key[i]->sql_name, " = ", Element(absl::StrCat("k.k", i), *key[i]));
    }
    EndJoin(*read.table, "t");
    if (bounded) {
      EndBounded(read, joins);
      Add(" ORDER BY page.", kPosition);
    } else {
      Add(joins, " ORDER BY k.position");
    }
  }
};

}  // namespace

OutputSql PrintOutputs(const Columns& columns, const std::vector<Child>& children,
                       absl::string_view row) {
  return ReadPrinter().PrintOutputs(columns, children, row);
}

std::string PrintRead(const Read& read) {
  ReadPrinter printer;
  printer.Print(read);
  return std::move(printer).Take();
}

}  // namespace tenantry::plan
