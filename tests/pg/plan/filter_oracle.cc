#include "tests/pg/plan/filter_oracle.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::json;
using schema::Column;
using schema::Type;

// A value as JSON, in a form whose comparisons are those of the column's type.
json Scalar(Type type, const Message& message, const FieldDescriptor* field, int index) {
  const auto* r = message.GetReflection();
  const bool one = index < 0;
  std::string scratch;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return one ? r->GetBool(message, field) : r->GetRepeatedBool(message, field, index);
    case FieldDescriptor::CPPTYPE_INT32:
      return one ? r->GetInt32(message, field) : r->GetRepeatedInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_INT64:
      return one ? r->GetInt64(message, field) : r->GetRepeatedInt64(message, field, index);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return one ? r->GetFloat(message, field) : r->GetRepeatedFloat(message, field, index);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return one ? r->GetDouble(message, field) : r->GetRepeatedDouble(message, field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return one ? r->GetEnumValue(message, field) : r->GetRepeatedEnumValue(message, field, index);
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text =
          one ? r->GetString(message, field) : r->GetRepeatedString(message, field, index);
      if (type == Type::kNumeric) return std::stod(text);
      if (type == Type::kUlid) return absl::AsciiStrToUpper(text);
      if (type == Type::kUuid) return absl::AsciiStrToLower(text);
      return text;
    }
    default:
      break;
  }
  const Message& inner =
      one ? r->GetMessage(message, field) : r->GetRepeatedMessage(message, field, index);
  if (type == Type::kTimestamp) {
    const auto* time = inner.GetDescriptor();
    return inner.GetReflection()->GetInt64(inner, time->FindFieldByNumber(1)) * 1'000'000 +
           inner.GetReflection()->GetInt32(inner, time->FindFieldByNumber(2)) / 1000;
  }
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(inner, &text).ok()) std::abort();
  return json::parse(text);
}

json ValueOf(Type type, const Message& message, const FieldDescriptor* field) {
  if (!field->is_repeated()) return Scalar(type, message, field, -1);
  json list = json::array();
  for (int i = 0, n = message.GetReflection()->FieldSize(message, field); i < n; ++i) {
    list.push_back(Scalar(type, message, field, i));
  }
  return list;
}

// What an operator compares with: a list as its elements.
json Operand(Type type, const Message& operators, const FieldDescriptor* op) {
  const auto* inner = op->message_type();
  const bool list = inner != nullptr && absl::EndsWith(inner->name(), "Values");
  if (!list) return ValueOf(type, operators, op);
  const Message& message = operators.GetReflection()->GetMessage(operators, op);
  return ValueOf(type, message, inner->FindFieldByNumber(1));
}

bool IsSame(const std::optional<json>& value, const json& other) {
  return value.has_value() && *value == other;
}

bool IsIn(const json& value, const json& list) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// PostgreSQL manual, "jsonb Containment and Existence".
bool Contains(const json& whole, const json& part) {
  if (part.is_object()) {
    if (!whole.is_object()) return false;
    for (const auto& [name, value] : part.items()) {
      if (!whole.contains(name) || !Contains(whole[name], value)) return false;
    }
    return true;
  }
  if (part.is_array()) {
    return whole.is_array() && std::all_of(part.begin(), part.end(), [&](const json& element) {
             return std::any_of(whole.begin(), whole.end(),
                                [&](const json& other) { return Contains(other, element); });
           });
  }
  return whole == part;
}

bool Like(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (Like(text.substr(i), pattern.substr(1))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern[0] == '_') return Like(text.substr(1), pattern.substr(1));
  if (pattern[0] == '\\') pattern.remove_prefix(1);
  return text[0] == pattern[0] && Like(text.substr(1), pattern.substr(1));
}

bool HoldsOfText(std::string_view op, std::string text, std::string operand) {
  if (op[0] == 'i') {
    text = absl::AsciiStrToLower(text);
    operand = absl::AsciiStrToLower(operand);
    op.remove_prefix(1);
  }
  if (op == "like") return Like(text, operand);
  if (op == "contains") return absl::StrContains(text, operand);
  if (op == "starts_with") return absl::StartsWith(text, operand);
  if (op == "ends_with") return absl::EndsWith(text, operand);
  std::abort();
}

bool All(const json& list, const std::function<bool(const json&)>& holds) {
  return std::all_of(list.begin(), list.end(), holds);
}
bool Any(const json& list, const std::function<bool(const json&)>& holds) {
  return std::any_of(list.begin(), list.end(), holds);
}

// What is at a place within an object; nothing when there is nothing.
std::optional<json> At(json value, const json& path) {
  for (const json& name : path) {
    const std::string text = name;
    if (value.is_object() && value.contains(text)) {
      value = json(value[text]);
    } else if (value.is_array() && !text.empty() && std::isdigit(text[0]) != 0 &&
               std::stoul(text) < value.size()) {
      value = json(value[std::stoul(text)]);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

// `value` is nothing where the column is NULL.
bool Holds(Type type, const std::optional<json>& value, const Message& operators,
           const FieldDescriptor* field);

bool HoldsAt(const std::optional<json>& value, const Message& member) {
  const json path = ValueOf(Type::kText, member, Field(member, "path"));
  const std::optional<json> found = value ? At(*value, path) : std::nullopt;
  const auto* r = member.GetReflection();
  for (const char* name : {"eq", "ne", "exists"}) {
    const FieldDescriptor* op = Field(member, name);
    if (!r->HasField(member, op)) continue;
    const std::string_view which(name);
    const bool holds = which == "exists" ? found.has_value() == r->GetBool(member, op)
                       : which == "eq"   ? IsSame(found, ValueOf(Type::kJson, member, op))
                                         : !IsSame(found, ValueOf(Type::kJson, member, op));
    if (!holds) return false;
  }
  return true;
}

bool Holds(Type type, const std::optional<json>& value, const Message& operators,
           const FieldDescriptor* field) {
  const std::string& op = field->name();
  const auto* r = operators.GetReflection();
  if (op == "is_null") return value.has_value() != r->GetBool(operators, field);
  if (op == "at") {
    for (int i = 0, n = r->FieldSize(operators, field); i < n; ++i) {
      if (!HoldsAt(value, r->GetRepeatedMessage(operators, field, i))) return false;
    }
    return true;
  }
  if (op == "between") {
    const Message& range = r->GetMessage(operators, field);
    return value && *value >= Operand(type, range, Field(range, "from")) &&
           *value <= Operand(type, range, Field(range, "to"));
  }
  if (op == "length") {
    const Message& inner = r->GetMessage(operators, field);
    std::vector<const FieldDescriptor*> set;
    inner.GetReflection()->ListFields(inner, &set);
    return std::all_of(set.begin(), set.end(), [&](const FieldDescriptor* of) {
      return Holds(Type::kInt32, json(value->size()), inner, of);
    });
  }
  if (op == "is_empty") return value->empty() == r->GetBool(operators, field);
  const bool of_keys = absl::StartsWith(op, "has_");
  const json operand = Operand(of_keys ? Type::kText : type, operators, field);
  if (op == "ne") return !IsSame(value, operand);
  if (op == "not_in") return !value || !IsIn(*value, operand);
  if (!value) return false;
  if (op == "eq") return *value == operand;
  if (op == "in") return IsIn(*value, operand);
  if (op == "lt") return *value < operand;
  if (op == "lte") return *value <= operand;
  if (op == "gt") return *value > operand;
  if (op == "gte") return *value >= operand;
  if (op == "has_key") return value->contains(operand.get<std::string>());
  const auto has = [&](const json& key) { return value->contains(key.get<std::string>()); };
  if (op == "has_any_key") return Any(operand, has);
  if (op == "has_all_keys") return All(operand, has);
  const auto in_value = [&](const json& element) { return IsIn(element, *value); };
  if (op == "overlaps") return Any(operand, in_value);
  if (op == "contained_by") {
    return All(*value, [&](const json& element) { return IsIn(element, operand); });
  }
  if (op == "contains" && value->is_array()) return All(operand, in_value);
  if (op == "contains" && value->is_object()) return Contains(*value, operand);
  return HoldsOfText(op, value->get<std::string>(), operand.get<std::string>());
}

bool IsNull(const FieldDescriptor* field, const Message& row) {
  return field->has_presence() && !row.GetReflection()->HasField(row, field);
}

}  // namespace

json ValueIn(const Message& row, const Column& column) {
  const FieldDescriptor* field = row.GetDescriptor()->FindFieldByNumber(column.number());
  return IsNull(field, row) ? json() : ValueOf(column.type, row, field);
}

bool MeetsOperators(Type type, const json& value, const Message& operators) {
  std::vector<const FieldDescriptor*> set;
  operators.GetReflection()->ListFields(operators, &set);
  const auto given = value.is_null() ? std::nullopt : std::optional(value);
  return std::all_of(set.begin(), set.end(),
                     [&](const FieldDescriptor* op) { return Holds(type, given, operators, op); });
}

bool FilterOracle::Meets(const schema::Table& table, const Message& filter, const Message& row) {
  std::vector<const FieldDescriptor*> fields;
  const auto* r = filter.GetReflection();
  r->ListFields(filter, &fields);
  for (const FieldDescriptor* field : fields) {
    int met = 0;
    const int size = field->is_repeated() ? r->FieldSize(filter, field) : 0;
    for (int i = 0; i < size; ++i) {
      met += Meets(table, r->GetRepeatedMessage(filter, field, i), row) ? 1 : 0;
    }
    bool meets = true;
    if (field->name() == "all_of") {
      meets = met == size;
    } else if (field->name() == "any_of") {
      meets = met > 0;
    } else if (field->name() == "none_of") {
      meets = met == 0;
    } else if (const Column* column = table.FindColumnByNumber(field->number())) {
      meets = MeetsOperators(*column, r->GetMessage(filter, field), row);
    } else {
      for (const schema::Relation& relation : table.relations) {
        if (relation.number != field->number()) continue;
        meets = MeetsRelation(relation, r->GetMessage(filter, field), row);
      }
    }
    if (!meets) return false;
  }
  return true;
}

bool FilterOracle::MeetsOperators(const Column& column, const Message& operators,
                                  const Message& row) {
  const FieldDescriptor* field = row.GetDescriptor()->FindFieldByNumber(column.number());
  std::optional<json> value;
  if (!IsNull(field, row)) value = ValueOf(column.type, row, field);
  std::vector<const FieldDescriptor*> set;
  operators.GetReflection()->ListFields(operators, &set);
  bool all = true;
  for (const FieldDescriptor* op : set) {
    const bool holds = Holds(column.type, value, operators, op);
    (holds ? held_ : failed_).insert(operators.GetDescriptor()->name() + "." + op->name());
    all = all && holds;
  }
  return all;
}

std::vector<const Message*> FilterOracle::Related(const schema::Relation& relation,
                                                  const Message& row, bool deleted) {
  std::vector<const Message*> found;
  const schema::Table& target = *relation.target;
  for (const MessagePtr& other : rows_(target)) {
    const auto number = [](const Column* column, const Message& of) {
      return of.GetDescriptor()->FindFieldByNumber(column->number());
    };
    bool tied = deleted || target.delete_time == nullptr ||
                IsNull(number(target.delete_time, *other), *other);
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
      const FieldDescriptor* here = number(relation.columns[i], row);
      const FieldDescriptor* there = number(relation.references[i], *other);
      tied = tied && !IsNull(here, row) && !IsNull(there, *other) &&
             ValueOf(Type::kText, row, here) == ValueOf(Type::kText, *other, there);
    }
    if (tied) found.push_back(other.get());
  }
  return found;
}

bool FilterOracle::MeetsRelation(const schema::Relation& relation, const Message& filter,
                                 const Message& row) {
  const std::vector<const Message*> related = Related(relation, row);
  const auto meets = [&](const Message& of) {
    return [&](const Message* other) { return Meets(*relation.target, of, *other); };
  };
  if (!relation.many) return std::any_of(related.begin(), related.end(), meets(filter));
  std::vector<const FieldDescriptor*> parts;
  filter.GetReflection()->ListFields(filter, &parts);
  bool all = true;
  for (const FieldDescriptor* part : parts) {
    const Message& inner = filter.GetReflection()->GetMessage(filter, part);
    const bool holds =
        part->name() == "some"   ? std::any_of(related.begin(), related.end(), meets(inner))
        : part->name() == "none" ? std::none_of(related.begin(), related.end(), meets(inner))
                                 : std::all_of(related.begin(), related.end(), meets(inner));
    (holds ? held_ : failed_).insert("relation." + part->name());
    all = all && holds;
  }
  return all;
}

}  // namespace tenantry::test
