#include "server/methods/nested.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/methods/repeated_keys.h"
#include "server/methods/resource.h"
#include "server/plan/write_rules.h"
#include "server/schema/nested.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;
using plan::FieldValue;
using plan::Path;
using plan::Value;
using schema::Column;
using schema::Relation;
using schema::Table;

const FieldValue* FindLink(const Links& links, const Column& column) {
  for (const auto& [linked, value] : links) {
    if (linked == &column) return &value;
  }
  return nullptr;
}

// What the column of a new row will hold: a value of the row, or of one that it refers to.
FieldValue ValueIn(const Message& row, const Links& links, const Column& column) {
  const FieldValue* link = FindLink(links, column);
  return link != nullptr ? *link : FieldValue{&column, {&row, column.api}};
}

// A number that is zero is not told from one that was not sent.
bool IsSent(const Message& row, const Column& column) {
  return row.GetReflection()->HasField(row, column.api);
}

bool IsValid(const FieldValue& value) {
  plan::Violations violations(1);
  CheckCompared(*value.column, value.value, Path(), violations);
  return violations.empty();
}

bool AreEqual(const FieldValue& a, const FieldValue& b) {
  if (!IsPresent(a.value) || !IsPresent(b.value)) return false;
  std::string one, other;
  AppendCanonicalKey(*a.column, a.value, one);
  AppendCanonicalKey(*b.column, b.value, other);
  return one == other;
}

NewRows& Below(std::vector<std::unique_ptr<NewRows>>& places, const Relation& relation, bool many) {
  for (const auto& place : places) {
    if (place->field == relation.number) return *place;
  }
  NewRows& place = *places.emplace_back(std::make_unique<NewRows>());
  place.table = relation.target;
  place.field = relation.number;
  place.many = many;
  return place;
}

// The rows of a place as the reply holds them, each with those below it.
std::vector<plan::RowBelow> InReply(const NewRows& place) {
  std::vector<plan::RowBelow> rows;
  for (std::size_t i = 0; i < place.rows.size(); ++i) {
    rows.push_back({place.field, place.statement, static_cast<int>(i)});
  }
  for (const auto* places : {&place.before, &place.after}) {
    for (const auto& below : *places) {
      std::vector<plan::RowBelow> inner = InReply(*below);
      for (std::size_t i = 0; i < inner.size(); ++i) {
        rows[static_cast<std::size_t>(below->above[i])].below.push_back(std::move(inner[i]));
      }
    }
  }
  return rows;
}

}  // namespace

void CheckSameAs(const FieldValue& link, const Message& row, const Column& column, const Path& path,
                 plan::Violations& violations) {
  if (!IsSent(row, column)) return;
  const FieldValue sent{&column, {&row, column.api}};
  if (IsValid(sent) && AreEqual(sent, link)) return;
  violations.Add(Path(path, column.api->name()), "must be absent, or that of the row around it");
}

bool HoldsRelations(const Table& table, const Message& row) {
  return absl::c_any_of(table.relations,
                        [&](const Relation& relation) { return plan::HoldsRows(row, relation); });
}

NestedInsert::NestedInsert(const InsertPlans& plans, const RequestLimits& limits, plan::Call& call,
                           plan::Violations& violations)
    : plans_(plans), limits_(limits), call_(call), violations_(violations) {}

void NestedInsert::Take(const Table& table, const Message& row, const Path& path) {
  root_.table = &table;
  TakeRow(root_, row, path, 0, {});
}

int NestedInsert::TakeRow(NewRows& place, const Message& row, const Path& path, int depth,
                          Links links) {
  const Table& table = *place.table;
  for (const Relation& relation : table.relations) {
    if (!plan::HoldsRows(row, relation)) continue;
    const Path below(path, relation.name);
    if (!schema::IsCreatable(relation)) {
      plan::RefuseRelation(below, violations_);
    } else if (!relation.many) {
      TakeReferred(relation, place, row, path, depth, links);
    }
  }
  plan::CheckNewRow(
      table, row, path, [&](const Column& column) { return FindLink(links, column) != nullptr; },
      violations_, call_.json);
  const int index = static_cast<int>(place.rows.size());
  place.rows.push_back(&row);
  place.links.push_back(std::move(links));
  for (const Relation& relation : table.relations) {
    if (!relation.many || !plan::HoldsRows(row, relation)) continue;
    if (!schema::IsCreatable(relation)) continue;
    TakeReferring(relation, place, index, row, *relation.api, path, depth);
  }
  return index;
}

// The row that a new row refers to, which is new too.
void NestedInsert::TakeReferred(const Relation& relation, NewRows& place, const Message& row,
                                const Path& path, int depth, Links& links) {
  const Path below(path, relation.name);
  if (!IsWithinLimits(below, depth + 1)) return;
  for (const Column* column : relation.columns) {
    if (FindLink(links, *column) != nullptr) {
      return violations_.Add(below, absl::StrCat("is not possible: ", column->api->name(),
                                                 " is that of a row above or beside it"));
    }
    if (!IsSent(row, *column)) continue;
    violations_.Add(
        Path(path, column->api->name()),
        absl::StrCat("must be absent: `", relation.name, "` makes the row that it refers to"));
  }
  const Message& referred = row.GetReflection()->GetMessage(row, relation.api);
  NewRows& rows = Below(place.before, relation, place.many);
  rows.above.push_back(static_cast<int>(place.rows.size()));
  const auto index = static_cast<std::size_t>(TakeRow(rows, referred, below, depth + 1, {}));
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    const FieldValue value = ValueIn(referred, rows.links[index], *relation.references[i]);
    CheckKnown(value, below, relation.name);
    links.emplace_back(relation.columns[i], value);
  }
}

// The rows in `field` that refer to a row.
void NestedInsert::TakeReferring(const Relation& relation, NewRows& place, int index,
                                 const Message& holder,
                                 const google::protobuf::FieldDescriptor& field, const Path& path,
                                 int depth) {
  const auto at = static_cast<std::size_t>(index);
  Links links;
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    const FieldValue value = ValueIn(*place.rows[at], place.links[at], *relation.columns[i]);
    CheckKnown(value, path, relation.name);
    links.emplace_back(relation.references[i], value);
  }
  const int count = holder.GetReflection()->FieldSize(holder, &field);
  if (count == 0) return;
  NewRows& rows = Below(place.after, relation, true);
  for (int i = 0; i < count && !violations_.full(); ++i) {
    const Path below(path, field.name(), i);
    if (!IsWithinLimits(below, depth + 1)) return;
    const Message& child = holder.GetReflection()->GetRepeatedMessage(holder, &field, i);
    for (const auto& [column, value] : links) {
      CheckSameAs(value, child, *column, below, violations_);
    }
    rows.above.push_back(index);
    TakeRow(rows, child, below, depth + 1, links);
  }
}

void NestedInsert::TakeChildren(const Relation& relation, const Message& parent,
                                const Message& holder,
                                const google::protobuf::FieldDescriptor& field, const Path& path) {
  if (root_.rows.empty()) {
    root_.rows.push_back(&parent);
    root_.links.emplace_back();
  }
  TakeReferring(relation, root_, 0, holder, field, path, 0);
}

bool NestedInsert::IsWithinLimits(const Path& path, int depth) {
  if (depth > limits_.nested_depth_max) {
    violations_.Add(path, absl::StrCat("is too far down: at most ", limits_.nested_depth_max,
                                       " relations, one below the other, are possible "
                                       "(nested-depth-max)"));
    return false;
  }
  if (++rows_ <= limits_.nested_rows_max) return true;
  if (rows_ == limits_.nested_rows_max + 1) {
    violations_.Add(path, absl::StrCat("is one too many: at most ", limits_.nested_rows_max,
                                       " rows of relations are possible (nested-rows-max)"));
  }
  return false;
}

// What the database makes is not known when the rows that refer to it are sent.
void NestedInsert::CheckKnown(const FieldValue& value, const Path& row_path, absl::string_view by) {
  const Column& column = *value.column;
  if (IsPresent(value.value) || column.managed == v1::MANAGED_ID || column.required_on_create) {
    return;
  }
  violations_.Add(
      Path(row_path, column.api->name()),
      absl::StrCat("is required with `", by, "`: what the database makes is not known beforehand"));
}

void NestedInsert::CheckKey(const Path& path) {
  for (const Column* column : root_.table->primary_key) {
    CheckKnown(ValueIn(*root_.rows[0], root_.links[0], *column), path, "select");
  }
}

// Calls `place` with each place in the order in which they are inserted.
template <typename Place>
void NestedInsert::Walk(NewRows& rows, const Place& place) {
  for (const auto& below : rows.before) Walk(*below, place);
  place(rows);
  for (const auto& below : rows.after) Walk(*below, place);
}

void NestedInsert::SetValues(const NewRows& rows, plan::Statement& statement) const {
  statement.rows = rows.rows;
  ForEachInserted(*rows.table, [&](const Column& column) {
    if (!rows.many) {
      statement.Add(ValueIn(*rows.rows[0], rows.links[0], column));
      return;
    }
    const bool linked = absl::c_any_of(
        rows.links, [&](const Links& links) { return FindLink(links, column) != nullptr; });
    if (!linked) {
      statement.Add(plan::RowsValue{&column, column.api});
      return;
    }
    plan::CellsValue cells;
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      cells.cells.push_back(ValueIn(*rows.rows[i], rows.links[i], column));
    }
    statement.Add(std::move(cells));
  });
}

plan::Statement NestedInsert::StatementOf(const NewRows& rows) const {
  plan::Statement statement;
  statement.plan = plans_.Of(*rows.table, rows.many);
  SetValues(rows, statement);
  return statement;
}

void NestedInsert::AddStatements(std::shared_ptr<const plan::Plan> plan) {
  call_.new_ids.emplace();
  int count = 0;
  bool own = false;
  Walk(root_, [&](NewRows& rows) {
    rows.statement = count++;
    if (&rows != &root_) {
      (own ? call_.after : call_.before).push_back(StatementOf(rows));
      return;
    }
    own = true;
    call_.plan = std::move(plan);
    SetValues(rows, call_);
  });
  call_.below = std::move(InReply(root_)[0].below);
}

void NestedInsert::AddStatementsBefore(std::shared_ptr<const plan::Plan> plan) {
  call_.new_ids.emplace();
  Walk(root_, [&](NewRows& rows) {
    plan::Statement& statement = call_.before.emplace_back();
    statement.plan = &rows == &root_ ? plan : plans_.Of(*rows.table, rows.many);
    SetValues(rows, statement);
  });
  for (const Column* column : root_.table->primary_key) {
    call_.Add(ValueIn(*root_.rows[0], root_.links[0], *column));
  }
}

void NestedInsert::AddStatementsBelow(int first, std::vector<plan::Statement>& statements,
                                      std::vector<plan::RowBelow>& below) {
  if (root_.rows.empty()) return;
  call_.new_ids.emplace();
  Walk(root_, [&](NewRows& rows) {
    if (&rows == &root_) return;
    rows.statement = first + static_cast<int>(statements.size());
    statements.push_back(StatementOf(rows));
  });
  std::vector<plan::RowBelow> parents = InReply(root_);
  for (plan::RowBelow& row : parents[0].below) below.push_back(std::move(row));
}

}  // namespace tenantry::methods
