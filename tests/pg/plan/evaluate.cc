#include "tests/pg/plan/evaluate.h"

#include <algorithm>
#include <cstdlib>

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Comparison;
using plan::Expr;

const FieldDescriptor* FieldOf(const schema::Column& column, const Message& row) {
  return row.GetDescriptor()->FindFieldByNumber(column.number());
}

bool IsNull(const schema::Column& column, const Message& row) {
  const FieldDescriptor* field = FieldOf(column, row);
  return field->has_presence() && !row.GetReflection()->HasField(row, field);
}

// Of columns that are not NULL, in the order of their type.
int Compare(const schema::Column& column, const Message& a, const Message& b) {
  const FieldDescriptor* field = FieldOf(column, a);
  const auto* reflection = a.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(a, field).compare(reflection->GetString(b, field));
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(a, field) < reflection->GetInt32(b, field)   ? -1
             : reflection->GetInt32(a, field) > reflection->GetInt32(b, field) ? 1
                                                                               : 0;
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnumValue(a, field) - reflection->GetEnumValue(b, field);
    default:
      std::abort();
  }
}

bool Compares(Comparison comparison, std::int64_t a, std::int64_t b) {
  switch (comparison) {
    case Comparison::kEqual:
      return a == b;
    case Comparison::kNotEqual:
      return a != b;
    case Comparison::kLess:
      return a < b;
    case Comparison::kLessOrEqual:
      return a <= b;
    case Comparison::kGreater:
      return a > b;
    case Comparison::kGreaterOrEqual:
      return a >= b;
    default:  // of no number; filter_oracle.h has them all
      break;
  }
  std::abort();
}

bool IsTied(const schema::Relation& relation, const Message& parent, const Message& row) {
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    const schema::Column& here = *relation.columns[i];
    const schema::Column& there = *relation.references[i];
    if (IsNull(here, parent) || IsNull(there, row)) return false;
    if (parent.GetReflection()->GetString(parent, FieldOf(here, parent)) !=
        row.GetReflection()->GetString(row, FieldOf(there, row))) {
      return false;
    }
  }
  return true;
}

bool IsDeleted(const schema::Table& table, const Message& row) {
  return table.delete_time != nullptr && !IsNull(*table.delete_time, row);
}

}  // namespace

std::vector<const Message*> Evaluator::Rows(const plan::Read& read,
                                            const schema::Relation* relation,
                                            const Message* parent) const {
  std::vector<const Message*> found;
  for (const MessagePtr& row : rows_(*read.table)) {
    if (relation != nullptr && !IsTied(*relation, *parent, *row)) continue;
    if (read.deleted == plan::Deleted::kHidden && IsDeleted(*read.table, *row)) continue;
    if (All(read.where, *row) == true) found.push_back(row.get());
  }
  std::sort(found.begin(), found.end(), [&](const Message* a, const Message* b) {
    for (const plan::OrderTerm& term : read.order) {
      const int order = Compare(*term.column, *a, *b);
      if (order != 0) return term.descending ? order > 0 : order < 0;
    }
    return false;
  });
  if (read.page.has_value()) {
    const auto limit = static_cast<std::size_t>(
        std::stoll(values_[static_cast<std::size_t>(read.page->limit.index)]));
    if (found.size() > limit) found.resize(limit);
  }
  return found;
}

void Evaluator::Copy(const plan::Read& read, const Message& row, Message& out) const {
  out.ParseFromString(row.SerializeAsString());  // columns have the same numbers
  for (const schema::Column* column : read.table->readable()) {
    if (std::find(read.columns.begin(), read.columns.end(), column) == read.columns.end()) {
      out.GetReflection()->ClearField(&out, FieldOf(*column, out));
    }
  }
  for (const plan::Child& child : read.children) {
    const FieldDescriptor* field = out.GetDescriptor()->FindFieldByNumber(child.relation->number);
    for (const Message* related : Rows(child.read, child.relation, &row)) {
      Copy(child.read, *related,
           field->is_repeated() ? *out.GetReflection()->AddMessage(&out, field)
                                : *out.GetReflection()->MutableMessage(&out, field));
    }
  }
}

std::optional<bool> Evaluator::Holds(const Expr& expr, const Message& row) const {
  switch (expr.kind) {
    case Expr::Kind::kCompare: {
      if (IsNull(*expr.column, row)) return std::nullopt;
      const std::int64_t value = row.GetReflection()->GetInt32(row, FieldOf(*expr.column, row));
      return Compares(expr.comparison, value,
                      std::stoll(values_[static_cast<std::size_t>(expr.slot.index)]));
    }
    case Expr::Kind::kIsNull:
      return IsNull(*expr.column, row);
    case Expr::Kind::kAnd:
      return All(expr.operands, row);
    case Expr::Kind::kOr: {
      std::optional<bool> any = false;
      for (const Expr& operand : expr.operands) {
        const std::optional<bool> holds = Holds(operand, row);
        if (holds == true) return true;
        if (!holds) any = std::nullopt;
      }
      return any;
    }
    case Expr::Kind::kNot: {
      const std::optional<bool> holds = Holds(expr.operands[0], row);
      if (!holds) return std::nullopt;
      return !*holds;
    }
    case Expr::Kind::kExists:
      return Exists(expr, row);
    default:
      break;
  }
  std::abort();
}

std::optional<bool> Evaluator::All(const std::vector<Expr>& operands, const Message& row) const {
  std::optional<bool> all = true;
  for (const Expr& operand : operands) {
    const std::optional<bool> holds = Holds(operand, row);
    if (holds == false) return false;
    if (!holds) all = std::nullopt;
  }
  return all;
}

bool Evaluator::Exists(const Expr& expr, const Message& row) const {
  for (const MessagePtr& other : rows_(*expr.relation->target)) {
    if (IsTied(*expr.relation, row, *other) && !IsDeleted(*expr.relation->target, *other) &&
        All(expr.operands, *other) == true) {
      return true;
    }
  }
  return false;
}

}  // namespace tenantry::test
