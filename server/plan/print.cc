#include "server/plan/print.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/strings.h"
#include "server/plan/page_token.h"
#include "server/plan/row_size.h"

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

// Names that no column has: they are not written in snake_case.
constexpr char kTotal[] = "\"tenantry total\"";
constexpr char kPosition[] = "\"tenantry position\"";

bool ReadAsText(const Column& column) {
  return schema::InfoOf(column.type).transport == Transport::kTextBoth;
}

absl::string_view TransportType(const Column& column) {
  return schema::InfoOf(column.type).transport_type;
}

absl::string_view Operator(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return " = ";
    case Comparison::kNotEqual:
      return " <> ";
    case Comparison::kLess:
      return " < ";
    case Comparison::kLessOrEqual:
      return " <= ";
    case Comparison::kGreater:
      return " > ";
    case Comparison::kGreaterOrEqual:
      return " >= ";
  }
  return "";
}

// The table of the statement is `t` throughout. A page is taken from it first, as `page`.
class Printer {
 public:
  std::string Take() && { return std::move(text_); }

  void operator()(const Read& read) {
    if (!read.lookup.empty()) return Lookup(read);
    if (read.page.has_value()) return PageOf(read);
    Add("SELECT ");
    Results(read.columns, "t");
    From(read);
    OrderBy(read.order, "t");
  }

  void operator()(const Insert& insert) {
    Add("INSERT INTO ", insert.table->sql_name, " AS t (", insert.table->tenant_sql_name);
    for (const Assignment& assignment : insert.values) Add(", ", assignment.column->sql_name);
    Add(") ");
    insert.many ? ManyRows(insert) : OneRow(insert);
    if (insert.on_conflict.has_value()) Conflict(*insert.table, *insert.on_conflict);
    Returning(insert.returning);
    if (insert.on_conflict.has_value()) {
      NoLargerThan(*insert.table, insert.on_conflict->row_bytes_max);
    }
  }

  void operator()(const Update& update) {
    Add("UPDATE ", update.table->sql_name, " AS t SET ");
    Assignments(update.values);
    Where(*update.table, update.where, update.deleted);
    Returning(update.returning);
    NoLargerThan(*update.table, update.row_bytes_max);
  }

  void operator()(const Delete& statement) {
    Add("DELETE FROM ", statement.table->sql_name, " AS t");
    Where(*statement.table, statement.where, Deleted::kShown);
    Returning(statement.returning);
  }

 private:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    absl::StrAppend(&text_, parts...);
  }

  static std::string Placeholder(Slot slot) { return absl::StrCat("$", slot.index + 1); }

  // The slot's value in the column's own type.
  static std::string Value(Slot slot, const Column& column) {
    return CastFromTransport(
        absl::StrCat(Placeholder(slot), "::", TransportType(column), column.array ? "[]" : ""),
        column);
  }
  // An array with an element for each row. An array in an array travels as its text form: unnest
  // would flatten it.
  static std::string Values(Slot slot, const Column& column) {
    return absl::StrCat(Placeholder(slot), "::", column.array ? "text" : TransportType(column),
                        "[]");
  }
  // One element of the former, `name`, in the column's own type.
  static std::string Element(const std::string& name, const Column& column) {
    if (!column.array) return CastFromTransport(name, column);
    return CastFromTransport(absl::StrCat(name, "::", TransportType(column), "[]"), column);
  }

  void Tenant() { Add(Placeholder(kTenantSlot), "::uuid"); }

  // The tenant condition and the policy are one equivalence class for the database's planner: it
  // uses an index for the first, and checks the second once per statement, not per row.
  void TenantIs(const Table& table) {
    Add("t.", table.tenant_sql_name, " = ");
    Tenant();
  }

  void Results(const Columns& columns, absl::string_view alias) {
    absl::string_view separator;
    for (const Column* column : columns) {
      Add(std::exchange(separator, ", "), alias, ".", column->sql_name);
      if (ReadAsText(*column)) Add("::text", column->array ? "[]" : "");
    }
  }

  void From(const Read& read) {
    Add(" FROM ", read.table->sql_name, " AS t");
    Where(*read.table, read.where, read.deleted);
    if (read.page.has_value() && !read.page->after.empty()) After(read.order, read.page->after);
  }

  void Where(const Table& table, const std::vector<Expr>& where, Deleted deleted) {
    Add(" WHERE ");
    TenantIs(table);
    if (deleted == Deleted::kHidden && table.delete_time != nullptr) {
      Add(" AND t.", table.delete_time->sql_name, " IS NULL");
    }
    for (const Expr& expr : where) {
      Add(" AND ");
      Condition(expr);
    }
  }

  void Condition(const Expr& expr) {
    switch (expr.kind) {
      case Expr::Kind::kCompare:
        return Add("t.", expr.column->sql_name, Operator(expr.comparison),
                   Value(expr.slot, *expr.column));
      case Expr::Kind::kIsNull:
        return Add("t.", expr.column->sql_name, " IS NULL");
      case Expr::Kind::kAnd:
        return Junction(expr.operands, " AND ", "true");
      case Expr::Kind::kOr:
        return Junction(expr.operands, " OR ", "false");
      case Expr::Kind::kNot:
        Add("NOT (");
        Condition(expr.operands[0]);
        return Add(")");
    }
  }

  void Junction(const std::vector<Expr>& operands, absl::string_view word,
                absl::string_view if_empty) {
    if (operands.empty()) return Add(if_empty);
    absl::string_view separator = "(";
    for (const Expr& operand : operands) {
      Add(std::exchange(separator, word));
      Condition(operand);
    }
    Add(")");
  }

  // ` AND (t."created_at", t."id") > ($n, $m)`: all order terms have one direction.
  void After(const std::vector<OrderTerm>& order, const std::vector<Slot>& position) {
    absl::string_view separator = " AND (t.";
    for (const OrderTerm& term : order) {
      Add(std::exchange(separator, ", t."), term.column->sql_name);
    }
    separator = order[0].descending ? ") < (" : ") > (";
    for (std::size_t i = 0; i < order.size(); ++i) {
      Add(std::exchange(separator, ", "), Value(position[i], *order[i].column));
    }
    Add(")");
  }

  void OrderBy(const std::vector<OrderTerm>& order, absl::string_view alias) {
    // Names are qualified throughout: a bare one would mean the result, cast to text.
    absl::string_view separator = " ORDER BY ";
    for (const OrderTerm& term : order) {
      Add(std::exchange(separator, ", "), alias, ".", term.column->sql_name,
          term.descending ? " DESC" : "");
    }
  }

  // The database's planner takes a tenth of all rows for an unknown LIMIT, finds that dear, and
  // plans every call of a large tenant anew. The literal bound tells it the size, the parameter
  // where to stop.
  void PageOf(const Read& read) {
    Add("SELECT ");
    Results(read.columns, "page");
    if (read.bytes_max.has_value()) BeginBounded(read);
    Add(" FROM (SELECT *");
    From(read);
    OrderBy(read.order, "t");
    Add(" LIMIT ", read.page->rows_max, ") AS page");
    if (read.bytes_max.has_value()) EndBounded(read);
    OrderBy(read.order, "page");
    Add(" LIMIT ", Placeholder(read.page->limit), "::bigint");
  }

  // Between the columns of a page and its rows. The total of a row includes its own bytes: the
  // result's last row says whether it was the last for its size.
  void BeginBounded(const Read& read) {
    Add(", page.", kTotal, " >= ", *read.bytes_max, " FROM (SELECT page.*, sum(",
        LongValuesSize(*read.table, "page"), ") OVER (");
    OrderBy(read.order, "page");
    Add(" ROWS UNBOUNDED PRECEDING) AS ", kTotal);
  }

  // Behind the rows: those that begin before the bytes are used up.
  void EndBounded(const Read& read) {
    Add(") AS page WHERE page.", kTotal, " - (", LongValuesSize(*read.table, "page"), ") < ",
        *read.bytes_max);
  }

  void Lookup(const Read& read) {
    const Columns& key = read.table->primary_key;
    const bool bounded = read.bytes_max.has_value();
    Add("SELECT ");
    Results(read.columns, bounded ? "page" : "t");
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
    TenantIs(*read.table);
    for (std::size_t i = 0; i < key.size(); ++i) {
      Add(" AND t.", key[i]->sql_name, " = ", Element(absl::StrCat("k.k", i), *key[i]));
    }
    if (bounded) {
      EndBounded(read);
      Add(" ORDER BY page.", kPosition);
    } else {
      Add(" ORDER BY k.position");
    }
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
    int count = 0;
    Add("SELECT ");
    Tenant();
    for (const Assignment& assignment : insert.values) {
      if (assignment.source == Assignment::Source::kNow) {
        Add(", now()");
        continue;
      }
      const std::string name = absl::StrCat("c", count);
      Add(", ", OrDefault(assignment, Element("u." + name, *assignment.column)));
      absl::StrAppend(&arrays, count++ == 0 ? "" : ", ",
                      Values(assignment.slot, *assignment.column));
      absl::StrAppend(&names, name, ", ");
    }
    Add(" FROM unnest(", arrays, ") WITH ORDINALITY AS u (", names,
        "position) ORDER BY u.position");
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
    columns.empty() ? Add("1") : Results(columns, "t");
  }

  // The check comes after the columns that the reply is made of.
  void NoLargerThan(const Table& table, std::size_t row_bytes_max) {
    if (row_bytes_max == 0) return;
    const std::string check = RowSizeCheck(table, row_bytes_max);
    if (!check.empty()) Add(", ", check);
  }

  std::string text_;
};

}  // namespace

std::string CastFromTransport(absl::string_view expression, const Column& column) {
  const schema::TypeInfo& type = schema::InfoOf(column.type);
  if (type.transport == Transport::kOwn) return std::string(expression);
  const absl::string_view name =
      column.enum_type == nullptr ? type.name : absl::string_view(column.enum_type->sql_name);
  return absl::StrCat(expression, "::", name, column.array ? "[]" : "");
}

std::shared_ptr<const SqlText> Print(const Query& query) {
  Printer printer;
  std::visit(printer, query);
  auto text = std::make_shared<SqlText>();
  text->sql = std::move(printer).Take();
  text->name = NameOf(text->sql);
  text->read_only = std::holds_alternative<Read>(query);
  if (!text->read_only) {
    const Table& table = *std::visit([](const auto& statement) { return statement.table; }, query);
    text->written_schema = table.schema;
    text->written_table = table.name;
    // A soft delete is an update: the row stays for those that refer to it.
    text->removes_rows = std::holds_alternative<Delete>(query);
  }
  return text;
}

}  // namespace tenantry::plan
