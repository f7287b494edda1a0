#include "server/plan/statements.h"

#include "absl/strings/str_cat.h"
#include "server/plan/row_size.h"
#include "server/plan/sql_builder.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Method;
using schema::Table;

std::shared_ptr<Plan> Finish(SqlBuilder& sql, const Method& method, ReplyForm reply) {
  auto plan = std::make_shared<Plan>();
  plan->parameters = std::move(sql.parameters());
  plan->text = sql.Finish(method);
  plan->method = &method;
  plan->reply = reply;
  plan->row_growth = RowGrowth(*method.table);
  if (reply != ReplyForm::kEmpty) {
    for (const Column& column : method.table->columns) plan->columns.push_back(&column);
  }
  return plan;
}

Parameter RowValue(const Column& column) {
  return {.source = Source::kRow, .column = &column, .field = column.field};
}

// ` AND "id" = $n` for each key column, its value from the request's key fields or, without them,
// from the resource.
void KeyIs(SqlBuilder& sql, const RequestFields* fields) {
  const auto& key = sql.table().primary_key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    sql.Text(" AND ").Text(key[i]->sql_name).Text(" = ");
    if (fields == nullptr) {
      sql.Bind(RowValue(*key[i]));
    } else {
      sql.Bind({.source = Source::kKey, .column = key[i], .field = fields->keys[i]});
    }
  }
}

// Soft-deleted rows are out of reach of writes and of plain lists.
void NotDeleted(SqlBuilder& sql, absl::string_view alias = "") {
  const Column* deleted = sql.table().delete_time;
  if (deleted == nullptr) return;
  sql.Text(" AND ");
  if (!alias.empty()) sql.Text(alias).Text(".");
  sql.Text(deleted->sql_name).Text(" IS NULL");
}

// ` AND (t."created_at", t."id") > ($n, $m)`
void AfterCursor(SqlBuilder& sql, const std::vector<const Column*>& order, bool descending) {
  absl::string_view separator = " AND (t.";
  for (const Column* column : order) {
    sql.Text(separator).Text(column->sql_name);
    separator = ", t.";
  }
  sql.Text(descending ? ") < (" : ") > (");
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0) sql.Text(", ");
    sql.Bind({.source = Source::kCursor, .column = order[i], .position = static_cast<int>(i)});
  }
  sql.Text(")");
}

void OrderBy(SqlBuilder& sql, absl::string_view alias, const std::vector<const Column*>& order,
             bool descending) {
  absl::string_view separator = " ORDER BY ";
  for (const Column* column : order) {
    sql.Text(separator).Text(alias).Text(".").Text(column->sql_name);
    sql.Text(descending ? " DESC" : "");
    separator = ", ";
  }
}

// Names that no column has: they are not written in snake_case.
constexpr char kTotal[] = "\"tenantry total\"";
constexpr char kPosition[] = "\"tenantry position\"";

// Between the columns of a page's rows and their source. The total of a row includes its own bytes:
// the result's last row says whether it was the last for its size.
void BeginBounded(SqlBuilder& sql, const std::vector<const Column*>& order, bool descending,
                  std::size_t bytes_max) {
  sql.Text(", page.").Text(kTotal).Text(absl::StrCat(" >= ", bytes_max));
  sql.Text(" FROM (SELECT page.*, sum(").Text(LongValuesSize(sql.table(), "page"));
  sql.Text(") OVER (");
  absl::string_view separator = "ORDER BY page.";
  for (const Column* column : order) {
    sql.Text(separator).Text(column->sql_name).Text(descending ? " DESC" : "");
    separator = ", page.";
  }
  sql.Text(" ROWS UNBOUNDED PRECEDING) AS ").Text(kTotal);
}

// Behind the source: the rows that begin before the bytes are used up.
void EndBounded(SqlBuilder& sql, std::size_t bytes_max) {
  sql.Text(") AS page WHERE page.").Text(kTotal).Text(" - (");
  sql.Text(LongValuesSize(sql.table(), "page"));
  sql.Text(absl::StrCat(") < ", bytes_max));
}

bool IsManagedTime(const Column& column) { return column.output_only; }

// The managed times that an insert sets, so that the statement does not lean on DDL defaults.
bool SetAtInsert(const Column& column) {
  return column.managed == v1::MANAGED_CREATE_TIME || column.managed == v1::MANAGED_UPDATE_TIME;
}

void InsertInto(SqlBuilder& sql) {
  const Table& table = sql.table();
  sql.Text("INSERT INTO ").Text(table.sql_name).Text(" AS t (").Text(table.tenant_sql_name);
  for (const Column& column : table.columns) {
    if (!IsManagedTime(column) || SetAtInsert(column)) sql.Text(", ").Text(column.sql_name);
  }
  sql.Text(") ");
}

void InsertOneRow(SqlBuilder& sql) {
  InsertInto(sql);
  sql.Text("VALUES (").Bind({.source = Source::kTenant});
  for (const Column& column : sql.table().columns) {
    if (SetAtInsert(column)) {
      sql.Text(", now()");
    } else if (!IsManagedTime(column)) {
      const bool defaulted =
          !column.default_sql.empty() && !column.array && column.managed == v1::MANAGED_UNSPECIFIED;
      sql.Text(defaulted ? ", COALESCE(" : ", ").Bind(RowValue(column));
      if (defaulted) sql.Text(", ").Text(column.default_sql).Text(")");
    }
  }
  sql.Text(")");
}

void Returning(SqlBuilder& sql) { sql.Text(" RETURNING ").ResultColumns("t"); }

// The check comes after the columns that the reply is made of.
void ReturningNoLargerThan(SqlBuilder& sql, std::size_t row_bytes_max) {
  Returning(sql);
  const std::string check = RowSizeCheck(sql.table(), row_bytes_max);
  if (!check.empty()) sql.Text(", ").Text(check);
}

}  // namespace

std::shared_ptr<const Plan> MakeGet(const Method& method, const RequestFields& fields) {
  SqlBuilder sql(*method.table);
  sql.Text("SELECT ").ResultColumns().Text(" FROM ").Text(method.table->sql_name).Text(" WHERE ");
  sql.TenantIs();
  KeyIs(sql, &fields);
  std::shared_ptr<Plan> plan = Finish(sql, method, ReplyForm::kRow);
  plan->brief = true;
  return plan;
}

std::shared_ptr<const Plan> MakeList(const Method& method, const ListShape& shape,
                                     std::size_t bytes_max) {
  const Table& table = *method.table;
  std::vector<const Column*> order;
  if (shape.order != nullptr) order.push_back(shape.order);
  for (const Column* key : table.primary_key) {
    if (key != shape.order) order.push_back(key);
  }
  // Names are qualified throughout: a bare one in ORDER BY would mean the result, cast to text.
  SqlBuilder sql(table);
  sql.Text("SELECT ").ResultColumns("page");
  if (shape.bounded) BeginBounded(sql, order, shape.descending, bytes_max);
  sql.Text(" FROM (SELECT * FROM ").Text(table.sql_name);
  sql.Text(" AS t WHERE ").TenantIs("t");
  if (!shape.show_deleted) NotDeleted(sql, "t");
  for (const FilterTerm& term : shape.terms) {
    sql.Text(" AND t.").Text(term.column->sql_name).Text(" = ");
    sql.Bind({.source = Source::kFilter,
              .column = term.column,
              .field = term.field,
              .operand = term.operand});
  }
  if (shape.after_cursor) AfterCursor(sql, order, shape.descending);
  // The planner takes a tenth of all rows for an unknown LIMIT, finds that dear, and plans every
  // call of a large tenant anew. The literal bound tells it the size; the parameter says where to
  // stop.
  OrderBy(sql, "t", order, shape.descending);
  sql.Text(absl::StrCat(" LIMIT ", shape.rows_max, ") AS page"));
  if (shape.bounded) EndBounded(sql, bytes_max);
  OrderBy(sql, "page", order, shape.descending);
  sql.Text(" LIMIT ").Bind({.source = Source::kLimit});

  std::shared_ptr<Plan> plan = Finish(sql, method, ReplyForm::kPage);
  plan->order = std::move(order);
  plan->bounded = shape.bounded;
  return plan;
}

std::shared_ptr<const Plan> MakeCreate(const Method& method) {
  SqlBuilder sql(*method.table);
  InsertOneRow(sql);
  Returning(sql);
  return Finish(sql, method, ReplyForm::kRow);
}

std::shared_ptr<const Plan> MakeUpdate(const Method& method,
                                       const std::vector<Assignment>& assignments,
                                       std::size_t row_bytes_max) {
  const Table& table = *method.table;
  SqlBuilder sql(table);
  sql.Text("UPDATE ").Text(table.sql_name).Text(" AS t SET ");
  absl::string_view separator;
  for (const Assignment& assignment : assignments) {
    sql.Text(separator).Text(assignment.column->sql_name).Text(" = ");
    if (assignment.to_default) {
      sql.Text("DEFAULT");
    } else {
      sql.Bind(RowValue(*assignment.column));
    }
    separator = ", ";
  }
  if (table.update_time != nullptr) {
    sql.Text(separator).Text(table.update_time->sql_name).Text(" = now()");
  }
  sql.Text(" WHERE ").TenantIs();
  KeyIs(sql, nullptr);
  NotDeleted(sql);
  ReturningNoLargerThan(sql, row_bytes_max);
  return Finish(sql, method, ReplyForm::kRow);
}

std::shared_ptr<const Plan> MakeDelete(const Method& method, const RequestFields& fields) {
  const Table& table = *method.table;
  SqlBuilder sql(table);
  if (table.delete_time == nullptr) {
    sql.Text("DELETE FROM ").Text(table.sql_name).Text(" WHERE ").TenantIs();
    KeyIs(sql, &fields);
    sql.Text(" RETURNING 1");
    return Finish(sql, method, ReplyForm::kEmpty);
  }
  sql.Text("UPDATE ").Text(table.sql_name).Text(" AS t SET ");
  sql.Text(table.delete_time->sql_name).Text(" = now()");
  if (table.update_time != nullptr) {
    sql.Text(", ").Text(table.update_time->sql_name).Text(" = now()");
  }
  sql.Text(" WHERE ").TenantIs();
  KeyIs(sql, &fields);
  NotDeleted(sql);
  Returning(sql);
  return Finish(sql, method, ReplyForm::kRow);
}

std::shared_ptr<const Plan> MakeUpsert(const Method& method, const schema::UniqueKey* key,
                                       const std::vector<Assignment>& assignments,
                                       std::size_t row_bytes_max) {
  const Table& table = *method.table;
  const auto& columns = key == nullptr ? table.primary_key : key->columns;
  SqlBuilder sql(table);
  InsertOneRow(sql);
  sql.Text(" ON CONFLICT (").Text(table.tenant_sql_name);
  for (const Column* column : columns) sql.Text(", ").Text(column->sql_name);
  sql.Text(")");
  // Unique keys of a table with soft delete cover only the rows that are not deleted.
  if (key != nullptr && table.delete_time != nullptr) {
    sql.Text(" WHERE ").Text(table.delete_time->sql_name).Text(" IS NULL");
  }
  sql.Text(" DO UPDATE SET ");
  absl::string_view separator;
  for (const Assignment& assignment : assignments) {
    sql.Text(separator).Text(assignment.column->sql_name).Text(" = EXCLUDED.");
    sql.Text(assignment.column->sql_name);
    separator = ", ";
  }
  if (table.update_time != nullptr) {
    sql.Text(separator).Text(table.update_time->sql_name).Text(" = now()");
  } else if (assignments.empty()) {
    // Nothing to change, yet DO NOTHING would return no row.
    sql.Text(columns[0]->sql_name).Text(" = t.").Text(columns[0]->sql_name);
  }
  if (table.delete_time != nullptr) {
    sql.Text(" WHERE t.").Text(table.delete_time->sql_name).Text(" IS NULL");
  }
  ReturningNoLargerThan(sql, row_bytes_max);
  std::shared_ptr<Plan> plan = Finish(sql, method, ReplyForm::kRow);
  plan->no_row = NoRow::kDeleted;
  return plan;
}

std::shared_ptr<const Plan> MakeBatchGet(const Method& method, const RequestFields& fields,
                                         std::optional<std::size_t> bytes_max) {
  const Table& table = *method.table;
  SqlBuilder sql(table);
  if (bytes_max) {
    sql.Text("SELECT ").ResultColumns("page").Text(" FROM (SELECT t.*, k.position AS ");
    sql.Text(kPosition).Text(", sum(").Text(LongValuesSize(table, "t"));
    sql.Text(") OVER (ORDER BY k.position ROWS UNBOUNDED PRECEDING) AS ").Text(kTotal);
    sql.Text(" FROM unnest(");
  } else {
    sql.Text("SELECT ").ResultColumns("t").Text(" FROM unnest(");
  }
  std::string names;
  std::string condition;
  for (std::size_t i = 0; i < table.primary_key.size(); ++i) {
    const Column& column = *table.primary_key[i];
    if (i > 0) sql.Text(", ");
    if (fields.batch_keys != nullptr) {
      sql.BindArray({.source = Source::kKeys, .column = &column, .field = fields.batch_keys});
    } else {
      sql.BindArray({.source = Source::kRows, .column = &column, .field = fields.keys[i]});
    }
    absl::StrAppend(&names, "k", i, ", ");
    absl::StrAppend(&condition, " AND t.", column.sql_name, " = ",
                    CastFromTransport(absl::StrCat("k.k", i), column));
  }
  sql.Text(") WITH ORDINALITY AS k (").Text(names).Text("position)");
  sql.Text(" LEFT JOIN ").Text(table.sql_name).Text(" AS t ON ").TenantIs("t").Text(condition);
  if (bytes_max) {
    EndBounded(sql, *bytes_max);
    sql.Text(" ORDER BY page.").Text(kPosition);
  } else {
    sql.Text(" ORDER BY k.position");
  }
  std::shared_ptr<Plan> plan = Finish(sql, method, ReplyForm::kBatch);
  plan->bounded = bytes_max.has_value();
  return plan;
}

std::shared_ptr<const Plan> MakeBatchCreate(const Method& method) {
  const Table& table = *method.table;
  SqlBuilder sql(table);
  InsertInto(sql);
  sql.Text("SELECT ").Bind({.source = Source::kTenant});
  std::vector<const Column*> given;
  for (const Column& column : table.columns) {
    if (SetAtInsert(column)) {
      sql.Text(", now()");
    } else if (!IsManagedTime(column)) {
      std::string value = absl::StrCat("u.c", given.size());
      if (column.array) absl::StrAppend(&value, "::", TransportType(column), "[]");
      value = CastFromTransport(value, column);
      if (!column.default_sql.empty() && !column.array &&
          column.managed == v1::MANAGED_UNSPECIFIED) {
        value = absl::StrCat("COALESCE(", value, ", ", column.default_sql, ")");
      }
      sql.Text(", ").Text(value);
      given.push_back(&column);
    }
  }
  sql.Text(" FROM unnest(");
  std::string names;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (i > 0) sql.Text(", ");
    sql.BindArray({.source = Source::kRows, .column = given[i], .field = given[i]->field});
    absl::StrAppend(&names, "c", i, ", ");
  }
  sql.Text(") WITH ORDINALITY AS u (").Text(names).Text("position) ORDER BY u.position");
  Returning(sql);
  return Finish(sql, method, ReplyForm::kBatch);
}

}  // namespace tenantry::plan
