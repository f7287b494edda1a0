#include "server/plan/sql_writer.h"

#include <utility>

#include "server/plan/print.h"
#include "server/plan/value.h"

namespace tenantry::plan {

using schema::Column;
using schema::Table;
using schema::Transport;

namespace {

absl::string_view TransportType(const Column& column) {
  return schema::InfoOf(column.type).transport_type;
}

absl::string_view Operator(Comparison comparison) {
  switch (comparison) {
    case Comparison::kAnyOf:
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
    case Comparison::kDistinct:
      return " IS DISTINCT FROM ";
    case Comparison::kLike:
      return " LIKE ";
    case Comparison::kILike:
      return " ILIKE ";
    case Comparison::kContains:
      return " @> ";
    case Comparison::kContainedBy:
      return " <@ ";
    case Comparison::kOverlaps:
      return " && ";
    case Comparison::kHasKey:
      return " ? ";
    case Comparison::kHasAnyKey:
      return " ?| ";
    case Comparison::kHasAllKeys:
      return " ?& ";
  }
  return "";
}

// How a function's call begins.
absl::string_view CallOf(Measure::Function function) {
  switch (function) {
    case Measure::Function::kCount:
      return "count(";
    case Measure::Function::kCountDistinct:
      return "count(DISTINCT ";
    case Measure::Function::kSum:
      return "sum(";
    case Measure::Function::kAverage:
      return "avg(";
    case Measure::Function::kMinimum:
      return "min(";
    case Measure::Function::kMaximum:
      return "max(";
  }
  return "";
}

// What turns the function's own result into that of ResultOf.
absl::string_view CastOf(const Measure& measure) {
  const bool extreme = measure.function == Measure::Function::kMinimum ||
                       measure.function == Measure::Function::kMaximum;
  if (!extreme) return "";
  if (measure.column->type == schema::Type::kInt32) return "::bigint";
  return measure.column->type == schema::Type::kFloat ? "::double precision" : "";
}

}  // namespace

std::string SqlWriter::Value(Slot slot, const Column& column, bool array) {
  return CastFromTransport(
      absl::StrCat(Placeholder(slot), "::", TransportType(column), array ? "[]" : ""), column,
      array);
}

std::string SqlWriter::Compared(Comparison comparison, Slot slot, const Column& type) {
  switch (comparison) {
    case Comparison::kAnyOf:
      return absl::StrCat("ANY(", Value(slot, type, true), ")");
    case Comparison::kHasKey:
      return absl::StrCat(Placeholder(slot), "::text");
    case Comparison::kHasAnyKey:
    case Comparison::kHasAllKeys:
      return absl::StrCat(Placeholder(slot), "::text[]");
    default:
      // The database has no operator between varchar[] and text[], as it has between their
      // elements.
      return absl::StrCat(Value(slot, type),
                          type.array && type.length_max > 0 ? "::varchar[]" : "");
  }
}

std::string SqlWriter::Values(Slot slot, const Column& column) {
  return absl::StrCat(Placeholder(slot), "::", column.array ? "text" : TransportType(column), "[]");
}

std::string SqlWriter::Element(const std::string& name, const Column& column) {
  if (!column.array) return CastFromTransport(name, column, false);
  return CastFromTransport(absl::StrCat(name, "::", TransportType(column), "[]"), column, true);
}

std::string SqlWriter::Whole(const Table& table, absl::string_view row) {
  std::string all = absl::StrCat(row, ".*");
  for (const Column& column : table.columns) {
    if (column.stored) continue;
    absl::StrAppend(&all, ", ", Cell(column, row));
    if (column.is_computed()) absl::StrAppend(&all, " AS ", column.sql_name);
  }
  return all;
}

// Rows of tables are called `t` and a number. Of others, what is computed is a column. A row that
// is referred to may not be there, and a function might make something of that.
std::string SqlWriter::Cell(const Column& column, absl::string_view row) {
  if (!column.is_computed() || row[0] != 't') return absl::StrCat(row, ".", column.sql_name);
  const std::string value = absl::StrCat(column.function, "(", row, ")::", column.sql_type);
  return row == "t" ? value : absl::StrCat("CASE WHEN NOT ", row, " IS NULL THEN ", value, " END");
}

std::string SqlWriter::Result(const std::string& value, const Column& column) {
  if (column.is_etag()) return value + "::text";  // the number of a transaction
  if (schema::InfoOf(column.type).transport != Transport::kTextBoth) return value;
  return absl::StrCat(value, "::text", column.array ? "[]" : "");
}

void SqlWriter::Results(const Columns& columns, absl::string_view row) {
  absl::string_view separator;
  for (const Column* column : columns) {
    Add(std::exchange(separator, ", "), Result(Cell(*column, row), *column));
  }
}

// A sub-select that names nothing of the rows around it runs once, also when there is no row.
void SqlWriter::Keep(absl::string_view rows, Slot first) {
  Add(" WHERE (SELECT tenantry.keep_rows(");
  for (KeptAt at : {KeptAt::kRequest, KeptAt::kFingerprint, KeptAt::kStatement, KeptAt::kLayout}) {
    Add(Placeholder({first.index + static_cast<int>(at)}), ", ");
  }
  Add("pg_catalog.array_send(ARRAY(SELECT ROW(", rows, ".*) FROM ", rows, "))))");
}

void SqlWriter::Conditions(const Table& table, absl::string_view row, Deleted deleted,
                           const std::vector<Expr>& where, Link link) {
  Visible(table, row, deleted);
  if (link.relation != nullptr) {
    for (std::size_t i = 0; i < link.relation->columns.size(); ++i) {
      Add(" AND ", row, ".", link.relation->references[i]->sql_name, " = ", link.parent, ".",
          link.relation->columns[i]->sql_name);
    }
  }
  Each(where, row);
}

void SqlWriter::Each(const std::vector<Expr>& where, absl::string_view row) {
  for (const Expr& expr : where) {
    Add(" AND ");
    Condition(expr, row);
  }
}

// The tenant condition and the policy are one equivalence class for the database's planner: it uses
// an index for the first, and checks the second before it scans, not per row.
void SqlWriter::Visible(const Table& table, absl::string_view row, Deleted deleted) {
  Add(row, ".", table.tenant_sql_name, " = ");
  Tenant();
  if (deleted == Deleted::kHidden && table.delete_time != nullptr) {
    Add(" AND ", row, ".", table.delete_time->sql_name, " IS NULL");
  }
}

void SqlWriter::Condition(const Expr& expr, absl::string_view row) {
  switch (expr.kind) {
    case Expr::Kind::kCompare:
      Subject(*expr.column, row);
      return Add(Operator(expr.comparison), Compared(expr.comparison, expr.slot, *expr.column));
    case Expr::Kind::kCompareLength:
      return Add("cardinality(", row, ".", expr.column->sql_name, ")", Operator(expr.comparison),
                 Compared(expr.comparison, expr.slot, IntegerType()));
    case Expr::Kind::kCompareMember:
      return Add("(", Member(expr, row), ")", Operator(expr.comparison),
                 Compared(expr.comparison, expr.slot, *expr.column));
    case Expr::Kind::kIsNull:
      Subject(*expr.column, row);
      return Add(" IS NULL");
    case Expr::Kind::kIsEmpty:
      return Add("cardinality(", row, ".", expr.column->sql_name, ") = 0");
    case Expr::Kind::kHasMember:
      return Add("(", Member(expr, row), ") IS NOT NULL");
    case Expr::Kind::kAnd:
      return Junction(expr.operands, row, " AND ", "true");
    case Expr::Kind::kOr:
      return Junction(expr.operands, row, " OR ", "false");
    case Expr::Kind::kNot:
      Add("NOT (");
      Condition(expr.operands[0], row);
      return Add(")");
    case Expr::Kind::kIsNotTrue:
      Add("(");
      Condition(expr.operands[0], row);
      return Add(") IS NOT TRUE");
    case Expr::Kind::kExists:
      return Exists(expr, row);
    case Expr::Kind::kSearch:
      return Add(row, ".", expr.search->sql_name, " @@ ", SearchQuery(*expr.search, expr.slot));
  }
}

void SqlWriter::Subject(const Column& column, absl::string_view row) {
  IsOfNoTable(column) ? Add(row) : Add(Cell(column, row), column.is_etag() ? "::text" : "");
}

// A sub-select that names nothing of the rows around it: the text is parsed once, and not for each
// row.
std::string SqlWriter::SearchQuery(const schema::Search& search, Slot text) {
  return absl::StrCat("(SELECT websearch_to_tsquery(", search.configuration, ", ",
                      Value(text, TextType()), "))");
}

std::string SqlWriter::Rank(const OrderTerm& term, absl::string_view row) {
  return absl::StrCat("ts_rank(", row, ".", term.search->sql_name, ", ",
                      SearchQuery(*term.search, term.text), ")");
}

std::string SqlWriter::Member(const Expr& expr, absl::string_view row) {
  return absl::StrCat(row, ".", expr.column->sql_name, " #> ", Placeholder(expr.path), "::text[]");
}

void SqlWriter::Junction(const std::vector<Expr>& operands, absl::string_view row,
                         absl::string_view word, absl::string_view if_empty) {
  if (operands.empty()) return Add(if_empty);
  absl::string_view separator = "(";
  for (const Expr& operand : operands) {
    Add(std::exchange(separator, word));
    Condition(operand, row);
  }
  Add(")");
}

void SqlWriter::Exists(const Expr& expr, absl::string_view row) {
  const Table& target = *expr.relation->target;
  const std::string name = Name("t", NewTable());
  Add("EXISTS (SELECT 1 FROM ", target.sql_name, " AS ", name, " WHERE ");
  Conditions(target, name, Deleted::kHidden, expr.operands, {expr.relation, row});
  Add(")");
}

void SqlWriter::MeasureOf(const Measure& measure, absl::string_view row) {
  Add(CallOf(measure.function));
  measure.column == nullptr ? Add("*") : Add(Cell(*measure.column, row));
  // The sum of real is a real, and loses what a double keeps.
  const bool widened =
      measure.function == Measure::Function::kSum && measure.column->type == schema::Type::kFloat;
  Add(widened ? "::double precision)" : ")");
  if (!measure.where.empty()) {
    Add(" FILTER (WHERE true");
    Each(measure.where, row);
    Add(")");
  }
  Add(CastOf(measure));
}

}  // namespace tenantry::plan
