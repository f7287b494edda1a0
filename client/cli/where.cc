#include "client/cli/where.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/names.h"
#include "client/cli/request.h"
#include "google/protobuf/descriptor.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status UsageOf(const std::string& flag, const std::string& message) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", message));
}

// A filter of one table, which any_of tells from the operators on a column.
bool IsTableFilter(const Descriptor& message) {
  return message.FindFieldByName("any_of") != nullptr;
}
// The filter of the rows of a relation.
bool IsListFilter(const Descriptor& message) {
  return message.FindFieldByName("every") != nullptr && message.FindFieldByName("some") != nullptr;
}

// What a column is compared by.
bool IsOperators(const Descriptor& message) {
  return !IsTableFilter(message) && !IsListFilter(message);
}
// An operator's operand that is a list of values.
bool IsValues(const FieldDescriptor& op) {
  return op.message_type() != nullptr && absl::EndsWith(op.message_type()->name(), "Values");
}

std::vector<std::string> FieldNames(const Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    // Whole filters in lists are for --data.
    if (IsTableFilter(message) && message.field(i)->is_repeated()) continue;
    names.push_back(message.field(i)->name());
  }
  return names;
}

// The filter or the operators that names with points between them lead to; null when they lead
// nowhere. As in a condition, `some` of a relation need not be said.
const Descriptor* Follow(const Descriptor& filter, const std::string& names) {
  const Descriptor* at = &filter;
  for (const absl::string_view part : absl::StrSplit(names, '.', absl::SkipEmpty())) {
    const std::string name = Snake(std::string(part));
    const FieldDescriptor* field = at->FindFieldByName(name);
    if (field == nullptr && IsListFilter(*at)) {
      field = at->FindFieldByName("some")->message_type()->FindFieldByName(name);
    }
    const bool ends = field == nullptr || field->message_type() == nullptr ||
                      field->is_repeated() || IsOperators(*at);
    if (ends) return nullptr;
    at = field->message_type();
  }
  return at;
}

// The condition in its parts.
struct Condition {
  std::string field;
  std::string op;  // "=", "!=", "<", "<=", ">", ">=", "~"
  std::string value;
};

absl::StatusOr<Condition> Parse(const std::string& text, const std::string& flag) {
  const std::size_t at = text.find_first_of("=!<>~");
  for (absl::string_view op : {"!=", "<=", ">=", "=", "<", ">", "~"}) {
    if (at == std::string::npos || at == 0 || !absl::StartsWith(text.substr(at), op)) continue;
    return Condition{text.substr(0, at), std::string(op), text.substr(at + op.size())};
  }
  return UsageOf(flag,
                 absl::StrCat("\"", text,
                              "\" is no condition: it needs a field, one of = != < <= > >= ~, "
                              "and a value"));
}

// The parts between commas. `\` takes the meaning from the character behind it.
std::vector<std::string> Elements(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ',' || text[i + 1] == '\\')) {
      parts.back().push_back(text[++i]);
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back().push_back(text[i]);
    }
  }
  return parts;
}

class Adder {
 public:
  Adder(const Condition& condition, std::string flag, Message& filter)
      : condition_(condition), flag_(std::move(flag)), filter_(filter) {}

  absl::Status Add() {
    // Apart first: a second condition on what has one already must not replace it.
    const std::unique_ptr<Message> one(filter_.New());
    if (auto status = Fill(*one); !status.ok()) return status;
    if (!Meet(filter_, *one)) {
      filter_.MergeFrom(*one);
      return absl::OkStatus();
    }
    const FieldDescriptor* all_of = filter_.GetDescriptor()->FindFieldByName("all_of");
    if (all_of == nullptr) return Usage(absl::StrCat(condition_.field, " is given twice"));
    filter_.GetReflection()->AddMessage(&filter_, all_of)->CopyFrom(*one);
    return absl::OkStatus();
  }

  // To operators, which the condition's field names.
  absl::Status Compare() {
    const std::size_t dot = condition_.field.find('.');
    if (dot == std::string::npos) return BySign(filter_);
    const std::string name = Snake(condition_.field.substr(dot + 1));
    const FieldDescriptor* op = filter_.GetDescriptor()->FindFieldByName(name);
    return op == nullptr ? Unknown(filter_, name) : ByName(filter_, *op);
  }

 private:
  absl::Status Usage(const std::string& message) const { return UsageOf(flag_, message); }

  // Whether both set the same operator.
  static bool Meet(const Message& a, const Message& b) {
    std::vector<const FieldDescriptor*> fields;
    b.GetReflection()->ListFields(b, &fields);
    return std::any_of(fields.begin(), fields.end(), [&](const FieldDescriptor* field) {
      if (field->is_repeated() || !a.GetReflection()->HasField(a, field)) return false;
      const Descriptor* type = field->message_type();
      const bool has_parts = type != nullptr && (IsTableFilter(*type) || IsListFilter(*type) ||
                                                 absl::EndsWith(type->name(), "Filter"));
      return !has_parts ||
             Meet(a.GetReflection()->GetMessage(a, field), b.GetReflection()->GetMessage(b, field));
    });
  }

  // Follows the names to the operators of a column.
  absl::Status Fill(Message& filter) {
    const std::vector<std::string> names = absl::StrSplit(condition_.field, '.');
    Message* at = &filter;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(Snake(names[i]));
      if (field == nullptr && IsListFilter(*at->GetDescriptor())) {
        at = Below(*at, *at->GetDescriptor()->FindFieldByName("some"));
        field = at->GetDescriptor()->FindFieldByName(Snake(names[i]));
      }
      const bool operators = IsOperators(*at->GetDescriptor());
      if (field == nullptr || (field->is_repeated() && !operators)) return Unknown(*at, names[i]);
      if (operators && i + 1 == names.size()) return ByName(*at, *field);
      if (field->message_type() == nullptr || field->is_repeated()) return Unknown(*at, names[i]);
      at = Below(*at, *field);
    }
    if (!IsOperators(*at->GetDescriptor())) return AboutRelation(*at);
    return BySign(*at);
  }

  static Message* Below(Message& message, const FieldDescriptor& field) {
    return message.GetReflection()->MutableMessage(&message, &field);
  }

  absl::Status Unknown(const Message& at, const std::string& name) const {
    const std::vector<std::string> names = FieldNames(*at.GetDescriptor());
    const std::string hint = DidYouMean(Snake(name), names);
    return Usage(absl::StrCat(IsOperators(*at.GetDescriptor()) ? "no operator " : "no field ", name,
                              hint.empty() ? "; there are " + absl::StrJoin(names, ", ") : hint));
  }

  // `contact=null`: whether there is such a row.
  absl::Status AboutRelation(Message& at) const {
    const bool null = condition_.value == "null";
    if (IsListFilter(*at.GetDescriptor()) && null && condition_.op == "=") {
      Below(at, *at.GetDescriptor()->FindFieldByName("none"));
      return absl::OkStatus();
    }
    if (IsListFilter(*at.GetDescriptor()) && null && condition_.op == "!=") {
      Below(at, *at.GetDescriptor()->FindFieldByName("some"));
      return absl::OkStatus();
    }
    if (null && condition_.op == "!=") return absl::OkStatus();  // set, and that says it
    return Usage(absl::StrCat(condition_.field,
                              " is a relation: go on with one of its fields, as in ",
                              condition_.field, ".id=..."));
  }

  absl::Status BySign(Message& operators) {
    const std::string& value = condition_.value;
    const bool equal = condition_.op == "=", not_equal = condition_.op == "!=";
    if ((equal || not_equal) && value == "null")
      return Set(operators, "is_null", equal ? "true" : "false");
    const bool list = operators.GetDescriptor()->FindFieldByName("contained_by") != nullptr;
    if (condition_.op == "~") {
      return Set(operators, list || !Has(operators, "icontains") ? "contains" : "icontains", value);
    }
    if (equal || not_equal) {
      const bool several = !list && Elements(value).size() > 1 && Has(operators, "in");
      return Set(operators, several ? (equal ? "in" : "not_in") : (equal ? "eq" : "ne"), value);
    }
    const std::string name =
        std::string(condition_.op[0] == '<' ? "lt" : "gt") + (condition_.op.size() == 2 ? "e" : "");
    return Set(operators, name, value);
  }

  absl::Status ByName(Message& operators, const FieldDescriptor& op) {
    if (condition_.op != "=") {
      return Usage(
          absl::StrCat(condition_.field, " is an operator: write ", condition_.field, "=VALUE"));
    }
    return Put(operators, op, condition_.value);
  }

  static bool Has(const Message& operators, const char* name) {
    return operators.GetDescriptor()->FindFieldByName(name) != nullptr;
  }

  absl::Status Set(Message& operators, const std::string& name, const std::string& value) {
    const FieldDescriptor* op = operators.GetDescriptor()->FindFieldByName(name);
    if (op != nullptr) return Put(operators, *op, value);
    return Usage(absl::StrCat(condition_.field, " cannot be compared by ", condition_.op,
                              "; it has ",
                              absl::StrJoin(FieldNames(*operators.GetDescriptor()), ", ")));
  }

  absl::Status Put(Message& operators, const FieldDescriptor& op, const std::string& value) {
    const std::string flag = absl::StrCat(flag_, " ", condition_.field);
    const Descriptor* type = op.message_type();
    if (IsValues(op)) {
      Message* values = Below(operators, op);
      if (value.empty()) return absl::OkStatus();
      for (const std::string& element : Elements(value)) {
        if (auto status = SetField({type->FindFieldByName("values")}, element, flag, *values);
            !status.ok()) {
          return status;
        }
      }
      return absl::OkStatus();
    }
    if (op.name() == "between") {
      const std::vector<std::string> ends = Elements(value);
      if (ends.size() != 2) return Usage(absl::StrCat(condition_.field, " needs FROM,TO"));
      for (int i : {0, 1}) {
        if (auto status = SetField({&op, type->field(i)}, ends[i], flag, operators); !status.ok()) {
          return status;
        }
      }
      return absl::OkStatus();
    }
    return SetField({&op}, Plain(value), flag, operators);
  }

  // One value: commas stand for themselves, escaped or not.
  static std::string Plain(const std::string& value) {
    if (value == "\\null") return "null";
    return absl::StrJoin(Elements(value), ",");
  }

  const Condition& condition_;
  const std::string flag_;
  Message& filter_;
};

}  // namespace

absl::Status AddCondition(const std::string& condition, Message& filter, absl::string_view flag) {
  const std::string name(flag);
  absl::StatusOr<Condition> parsed = Parse(condition, name);
  if (!parsed.ok()) return parsed.status();
  return Adder(*parsed, name, filter).Add();
}

absl::Status AddComparison(const std::string& condition, const std::string& flag,
                           Message& operators) {
  absl::StatusOr<Condition> parsed = Parse(condition, flag);
  if (!parsed.ok()) return parsed.status();
  return Adder(*parsed, flag, operators).Compare();
}

std::string ConditionField(const std::string& condition) {
  const std::string field = condition.substr(0, condition.find_first_of("=!<>~"));
  return field.substr(0, field.find('.'));
}

absl::string_view ConditionHelp() {
  return R"(
Conditions, all of which hold; give --where once for each
  type=individual  price!=5            equal, not equal; also <  <=  >  >=
  type=individual,company              one of several; \, is a comma within a value
  name~ada                             contains it, in upper or lower case; a list: has the elements
  email=null  email!=null              without a value, with one; \null is the text
  contact.name=Ada  items.quantity>2   of the row, or of one of the rows, that a relation leads to
  items.none.quantity>2                of none of the rows; items.every. of each
  name.ilike=a%  tags.overlaps=x,y     any operator by its name
)";
}

std::vector<std::string> ConditionFields(const Descriptor& filter, const std::string& begun) {
  const std::size_t dot = begun.rfind('.');
  const std::string before = dot == std::string::npos ? "" : begun.substr(0, dot + 1);
  const Descriptor* const at = Follow(filter, before);
  std::vector<std::string> found;
  if (at == nullptr) return found;
  const auto offer = [&](const Descriptor& message) {
    for (const std::string& name : FieldNames(message)) {
      const Descriptor* type = message.FindFieldByName(name)->message_type();
      const bool goes_on = type != nullptr && (IsTableFilter(*type) || IsListFilter(*type));
      found.push_back(absl::StrCat(before, name, goes_on ? "." : ""));
    }
  };
  offer(*at);
  if (IsListFilter(*at)) offer(*at->FindFieldByName("some")->message_type());
  return found;
}

const FieldDescriptor* ConditionOperand(const Descriptor& filter, const std::string& field) {
  const Descriptor* at = Follow(filter, field);
  if (at != nullptr) return IsOperators(*at) ? at->FindFieldByName("eq") : nullptr;
  const std::size_t dot = field.rfind('.');
  if (dot == std::string::npos) return nullptr;
  at = Follow(filter, field.substr(0, dot));
  if (at == nullptr || !IsOperators(*at)) return nullptr;
  const FieldDescriptor* op = at->FindFieldByName(Snake(field.substr(dot + 1)));
  if (op == nullptr || !IsValues(*op)) return op;
  return op->message_type()->FindFieldByName("values");
}

std::vector<std::string> ConditionSigns(const Descriptor& filter, const std::string& field) {
  const Descriptor* operators = Follow(filter, field);
  std::vector<std::string> signs;
  if (operators == nullptr || !IsOperators(*operators)) return signs;
  const auto add = [&](const char* sign, std::initializer_list<const char*> names) {
    const bool has = std::any_of(names.begin(), names.end(), [&](const char* name) {
      return operators->FindFieldByName(name) != nullptr;
    });
    if (has) signs.emplace_back(sign);
  };
  add("!=", {"ne"});
  add("~", {"icontains", "contains"});
  add("<", {"lt"});
  add("<=", {"lte"});
  add(">", {"gt"});
  add(">=", {"gte"});
  return signs;
}

}  // namespace tenantry::cli
