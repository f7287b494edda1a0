#include "server/methods/operators.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/schema/filter_number.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Comparison;
using plan::Expr;
using plan::Path;
using plan::Value;
using schema::Column;
namespace number = schema::filter_number;

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

// Messages that are one value, and not made of values.
bool IsValue(const Descriptor& type) {
  return type.well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

// Those that do nothing but compare.
Comparison ComparisonOf(int operator_number) {
  switch (operator_number) {
    case number::kIn:
    case number::kNotIn:
      return Comparison::kAnyOf;
    case number::kNotEqual:
      return Comparison::kNotEqual;
    case number::kLess:
      return Comparison::kLess;
    case number::kLessOrEqual:
      return Comparison::kLessOrEqual;
    case number::kGreater:
      return Comparison::kGreater;
    case number::kGreaterOrEqual:
      return Comparison::kGreaterOrEqual;
    case number::kLike:
      return Comparison::kLike;
    case number::kILike:
      return Comparison::kILike;
    case number::kHasAll:
      return Comparison::kContains;
    case number::kOverlaps:
      return Comparison::kOverlaps;
    case number::kContainedBy:
      return Comparison::kContainedBy;
    case number::kHasKey:
      return Comparison::kHasKey;
    case number::kHasAnyKey:
      return Comparison::kHasAnyKey;
    case number::kHasAllKeys:
      return Comparison::kHasAllKeys;
    default:
      return Comparison::kEqual;
  }
}

Expr IsNull(const Column& column) {
  return {.kind = Expr::Kind::kIsNull, .column = &column, .operands = {}};
}

}  // namespace

const Operators& OperatorSets::Of(const Descriptor& message) {
  std::unique_ptr<Operators>& set = sets_[&message];
  if (set != nullptr) return *set;
  set = std::make_unique<Operators>();
  Operators& operators = *set;
  for (int i = 0; i < message.field_count(); ++i) operators.push_back(Make(*message.field(i)));
  std::sort(operators.begin(), operators.end(), [](const Operator& a, const Operator& b) {
    return a.field->number() < b.field->number();
  });
  return operators;
}

const Operators* OperatorSets::Find(const Descriptor& message) const {
  const auto found = sets_.find(&message);
  return found == sets_.end() ? nullptr : found->second.get();
}

Operator OperatorSets::Make(const FieldDescriptor& field) {
  Operator op{.field = &field};
  const Descriptor* type = field.message_type();
  if (type == nullptr || IsValue(*type)) return op;
  switch (field.number()) {
    case number::kBetween:
      op.from = type->FindFieldByNumber(number::kFrom);
      op.to = type->FindFieldByNumber(number::kTo);
      break;
    case number::kLength:
    case number::kAt:
      op.inner = &Of(*type);
      break;
    default:
      op.values = type->FindFieldByNumber(number::kValues);
  }
  return op;
}

void OperatorWalk::Take(const Column& column, const Operators& operators, const Message& message,
                        const Path& path) {
  TakeAll({.column = &column, .type = &column}, operators, message, path);
}

void OperatorWalk::TakeAll(const Subject& subject, const Operators& operators,
                           const Message& message, const Path& path) {
  for (const Operator& op : operators) {
    if (!IsSet(message, op.field)) continue;
    TakeOne(subject, op, message, Path(path, op.field->name()));
  }
}

void OperatorWalk::TakeOne(const Subject& subject, const Operator& op, const Message& message,
                           const Path& path) {
  ++count_;
  const Value value{&message, op.field};
  const Column& column = *subject.column;
  switch (op.field->number()) {
    case number::kIsNull:
      return Flag(IsNull(column), value.as_bool());
    case number::kIsEmpty:
      return Flag({.kind = Expr::Kind::kIsEmpty, .column = &column, .operands = {}},
                  value.as_bool());
    case number::kExists:
      return Flag(
          {.kind = Expr::Kind::kHasMember, .column = &column, .path = subject.path, .operands = {}},
          value.as_bool());
    case number::kPath:  // says where the others look
      --count_;
      return;
    case number::kBetween:
      return Between(subject, op, value.as_message(), path);
    case number::kContains:
      return Pattern(subject, Comparison::kLike, {value, true, true}, path);
    case number::kIContains:
      return Pattern(subject, Comparison::kILike, {value, true, true}, path);
    case number::kStartsWith:
      return Pattern(subject, Comparison::kLike, {value, false, true}, path);
    case number::kIStartsWith:
      return Pattern(subject, Comparison::kILike, {value, false, true}, path);
    case number::kEndsWith:
      return Pattern(subject, Comparison::kLike, {value, true, false}, path);
    case number::kIEndsWith:
      return Pattern(subject, Comparison::kILike, {value, true, false}, path);
    case number::kLike:
    case number::kILike:
      CheckPattern(value, path);
      return Compare(subject, *subject.type, op, value, path);
    case number::kHasKey:
    case number::kHasAnyKey:
    case number::kHasAllKeys:
      return Compare(subject, plan::TextType(), op, value, path);
    case number::kLength:
      return TakeAll(
          {.kind = Expr::Kind::kCompareLength, .column = &column, .type = &plan::IntegerType()},
          *op.inner, value.as_message(), path);
    case number::kAt:
      return Members(subject, op, message, path);
    default:
      return Compare(subject, *subject.type, op, value, path);
  }
}

void OperatorWalk::Compare(const Subject& subject, const Column& type, const Operator& op,
                           const Value& value, const Path& path) {
  const int number = op.field->number();
  const plan::Slot slot = op.values == nullptr ? Put(type, value, path)
                                               : Put(type, {&value.as_message(), op.values},
                                                     Path(path, op.values->name()));
  Expr expr = Compared(subject, ComparisonOf(number), slot);
  // What is NULL is not equal to anything, and in no list.
  if (number == number::kNotEqual && !plan::IsDecided(expr)) {
    expr.comparison = Comparison::kDistinct;
  }
  where_.push_back(number == number::kNotIn ? plan::Opposite(std::move(expr)) : std::move(expr));
}

void OperatorWalk::Between(const Subject& subject, const Operator& op, const Message& range,
                           const Path& path) {
  const auto end = [&](const FieldDescriptor* field, Comparison comparison) {
    const Path end_path(path, field->name());
    if (!IsSet(range, field)) return violations_.Add(end_path, "is required");
    where_.push_back(Compared(subject, comparison, Put(*subject.type, {&range, field}, end_path)));
  };
  end(op.from, Comparison::kGreaterOrEqual);
  end(op.to, Comparison::kLessOrEqual);
}

void OperatorWalk::Pattern(const Subject& subject, Comparison comparison,
                           const plan::PatternValue& pattern, const Path& path) {
  plan::CheckCompared(*subject.type, pattern.text, path, violations_);
  where_.push_back(Compared(subject, comparison, call_.Add(pattern)));
}

// The database refuses a pattern that ends within an escape.
void OperatorWalk::CheckPattern(const Value& value, const Path& path) {
  std::string scratch;
  const std::string& pattern = value.as_string(scratch);
  const std::size_t last = pattern.find_last_not_of('\\');
  const std::size_t backslashes = pattern.size() - (last == std::string::npos ? 0 : last + 1);
  if (backslashes % 2 == 1) {
    violations_.Add(path, "must not end with one backslash: write two for a backslash itself");
  }
}

void OperatorWalk::Members(const Subject& subject, const Operator& op, const Message& message,
                           const Path& path) {
  --count_;  // each of its operators counts
  const auto* reflection = message.GetReflection();
  const FieldDescriptor* names = op.field->message_type()->FindFieldByNumber(number::kPath);
  for (int i = 0, n = reflection->FieldSize(message, op.field); i < n; ++i) {
    const Message& member = reflection->GetRepeatedMessage(message, op.field, i);
    const Path member_path(path, "", i);
    const Path names_path(member_path, names->name());
    if (!IsSet(member, names)) violations_.Add(names_path, "must not be empty");
    TakeAll({.kind = Expr::Kind::kCompareMember,
             .column = subject.column,
             .type = subject.column,
             .path = Put(plan::TextType(), {&member, names}, names_path)},
            *op.inner, member, member_path);
  }
}

void OperatorWalk::Flag(Expr expr, bool is_true) {
  where_.push_back(is_true ? std::move(expr) : plan::Opposite(std::move(expr)));
}

Expr OperatorWalk::Compared(const Subject& subject, Comparison comparison, plan::Slot slot) const {
  return {.kind = subject.kind,
          .comparison = comparison,
          .column = subject.column,
          .slot = slot,
          .path = subject.path,
          .operands = {}};
}

plan::Slot OperatorWalk::Put(const Column& type, const Value& value, const Path& path) {
  plan::CheckCompared(type, value, path, violations_, &call_.json);
  return call_.Add(plan::FieldValue{&type, value});
}

}  // namespace tenantry::methods
