#include "server/schema/derive_validate.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
using buf::validate::FieldRules;
using buf::validate::StringRules;

// Values of these types are texts of one form.
constexpr char kUlid[] = "^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$";
constexpr char kDecimal[] = "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)$";
constexpr char kDay[] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

// The bounds of a number: the narrower one of each side.
template <typename Number>
struct Bounds {
  std::optional<Number> low, high;
  bool above = false, below = false;  // the bound itself is left out

  void AtLeast(Number bound, bool is_above) {
    if (low && (bound < *low || (bound == *low && !is_above))) return;
    low = bound;
    above = is_above;
  }
  void AtMost(Number bound, bool is_below) {
    if (high && (bound > *high || (bound == *high && !is_below))) return;
    high = bound;
    below = is_below;
  }

  template <typename Rules>
  void Write(Rules& rules) const {
    if (low) above ? rules.set_gt(*low) : rules.set_gte(*low);
    if (high) below ? rules.set_lt(*high) : rules.set_lte(*high);
  }
};

template <typename Number>
Bounds<Number> BoundsOf(const Column& column) {
  Bounds<Number> bounds;
  // Not every integer or decimal is a double or a float.
  const auto add = [&](auto bound, RuleKind kind) {
    const auto number = static_cast<Number>(bound);
    if (static_cast<long double>(number) != static_cast<long double>(bound)) return;
    if (kind == RuleKind::kFrom || kind == RuleKind::kAbove) {
      bounds.AtLeast(number, kind == RuleKind::kAbove);
    } else {
      bounds.AtMost(number, kind == RuleKind::kBelow);
    }
  };
  if (column.minimum) add(*column.minimum, RuleKind::kFrom);
  if (column.maximum) add(*column.maximum, RuleKind::kUpTo);
  for (const Rule& rule : column.rules) {
    const bool bound = rule.kind == RuleKind::kFrom || rule.kind == RuleKind::kUpTo ||
                       rule.kind == RuleKind::kAbove || rule.kind == RuleKind::kBelow;
    if (!bound) continue;
    const RuleValue& value = rule.detail->bound.value;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) add(*whole, rule.kind);
    if (const auto* real = std::get_if<double>(&value)) add(*real, rule.kind);
  }
  return bounds;
}

const Rule* Find(const Column& column, RuleKind kind) {
  const auto found = std::find_if(column.rules.begin(), column.rules.end(),
                                  [&](const Rule& rule) { return rule.kind == kind; });
  return found == column.rules.end() ? nullptr : &*found;
}

template <typename Number, typename Rules>
void WriteInteger(const Column& column, Rules& rules) {
  BoundsOf<Number>(column).Write(rules);
  if (const Rule* one_of = Find(column, RuleKind::kOneOf)) {
    for (const std::int64_t value : one_of->detail->numbers) {
      rules.add_in(static_cast<Number>(value));
    }
  }
}

template <typename Number, typename Rules>
void WriteReal(const Column& column, Rules& rules) {
  BoundsOf<Number>(column).Write(rules);
  if (Find(column, RuleKind::kFinite) != nullptr) rules.set_finite(true);
}

void WriteText(const Column& column, StringRules& rules) {
  if (column.length_min > 0) rules.set_min_len(column.length_min);
  if (column.length_max > 0) rules.set_max_len(column.length_max);
  if (const Rule* most = Find(column, RuleKind::kFormatCharacters)) rules.set_max_len(most->limit);
  const Rule* pattern = Find(column, RuleKind::kPattern);
  if (pattern == nullptr) pattern = Find(column, RuleKind::kFormat);
  // Theirs is sought in the text, ours is all of it.
  if (pattern != nullptr) {
    rules.set_pattern(absl::StrCat("^(?:", pattern->detail->pattern->text(), ")$"));
  }
  if (const Rule* one_of = Find(column, RuleKind::kOneOf)) {
    for (const std::string& value : one_of->detail->values) rules.add_in(value);
  }
}

void SetTime(const RuleLiteral& literal, google::protobuf::Timestamp* out) {
  const auto& time = std::get<TimeValue>(literal.value);
  out->set_seconds(time.seconds);
  out->set_nanos(time.nanos);
}

void WriteTime(const Column& column, FieldRules& out) {
  if (const Rule* rule = Find(column, RuleKind::kFrom)) {
    SetTime(rule->detail->bound, out.mutable_timestamp()->mutable_gte());
  }
  if (const Rule* rule = Find(column, RuleKind::kAbove)) {
    SetTime(rule->detail->bound, out.mutable_timestamp()->mutable_gt());
  }
  if (const Rule* rule = Find(column, RuleKind::kUpTo)) {
    SetTime(rule->detail->bound, out.mutable_timestamp()->mutable_lte());
  }
  if (const Rule* rule = Find(column, RuleKind::kBelow)) {
    SetTime(rule->detail->bound, out.mutable_timestamp()->mutable_lt());
  }
}

FieldRules RulesOfValue(const Column& column) {
  FieldRules out;
  switch (column.type) {
    case Type::kInt32:
      WriteInteger<std::int32_t>(column, *out.mutable_int32());
      break;
    case Type::kInt64:
      WriteInteger<std::int64_t>(column, *out.mutable_int64());
      break;
    case Type::kFloat:
      WriteReal<float>(column, *out.mutable_float_());
      break;
    case Type::kDouble:
      WriteReal<double>(column, *out.mutable_double_());
      break;
    case Type::kText:
      WriteText(column, *out.mutable_string());
      break;
    case Type::kUuid:
      out.mutable_string()->set_uuid(true);
      break;
    case Type::kUlid:
      out.mutable_string()->set_pattern(kUlid);
      break;
    case Type::kNumeric:
      out.mutable_string()->set_pattern(kDecimal);
      break;
    case Type::kDate:
      out.mutable_string()->set_pattern(kDay);
      break;
    case Type::kTimestamp:
      WriteTime(column, out);
      break;
    default:
      break;
  }
  const pb::Reflection& reflection = *out.GetReflection();
  std::vector<const pb::FieldDescriptor*> set;
  reflection.ListFields(out, &set);
  const bool says_something =
      !set.empty() && reflection.GetMessage(out, set.front()).ByteSizeLong() > 0;
  return says_something ? out : FieldRules();
}

}  // namespace

std::optional<FieldRules> ValidateRulesOf(const Column& column) {
  if (!column.is_settable()) return std::nullopt;
  FieldRules out = RulesOfValue(column);
  if (column.array) {
    FieldRules list;
    if (out.ByteSizeLong() > 0) *list.mutable_repeated()->mutable_items() = std::move(out);
    for (const Rule& rule : column.rules) {
      if (rule.kind == RuleKind::kItemsMin) list.mutable_repeated()->set_min_items(rule.limit);
      if (rule.kind == RuleKind::kItemsMax) list.mutable_repeated()->set_max_items(rule.limit);
    }
    out = std::move(list);
  }
  if (out.ByteSizeLong() == 0) return std::nullopt;
  // Absent and zero look alike, and an Update leaves most fields out.
  if (!column.field->has_presence()) out.set_ignore(buf::validate::IGNORE_IF_ZERO_VALUE);
  return out;
}

}  // namespace tenantry::schema
