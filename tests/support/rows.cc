#include "tests/support/rows.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/base/ids.h"
#include "server/schema/kinds.h"
#include "tests/support/pattern_texts.h"
#include "tests/support/saas_schema.h"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using schema::Column;
using schema::Relation;
using schema::Table;
using schema::Type;

IdGenerator& Ids() {
  static IdGenerator ids;
  return ids;
}

template <typename M>
void SetMessage(const M& value, const FieldDescriptor* field, Message& row) {
  Message* target = field->is_repeated() ? row.GetReflection()->AddMessage(&row, field)
                                         : row.GetReflection()->MutableMessage(&row, field);
  target->ParseFromString(value.SerializeAsString());
}

void SetString(std::string value, const FieldDescriptor* field, Message& row) {
  if (field->is_repeated()) {
    row.GetReflection()->AddString(&row, field, std::move(value));
  } else {
    row.GetReflection()->SetString(&row, field, std::move(value));
  }
}

void SetNumber(double value, const FieldDescriptor* field, Message& row) {
  const Reflection* r = row.GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      many ? r->AddInt32(&row, field, static_cast<std::int32_t>(value))
           : r->SetInt32(&row, field, static_cast<std::int32_t>(value));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      many ? r->AddInt64(&row, field, static_cast<std::int64_t>(value))
           : r->SetInt64(&row, field, static_cast<std::int64_t>(value));
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      many ? r->AddFloat(&row, field, static_cast<float>(value))
           : r->SetFloat(&row, field, static_cast<float>(value));
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      many ? r->AddDouble(&row, field, value) : r->SetDouble(&row, field, value);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      many ? r->AddBool(&row, field, value != 0) : r->SetBool(&row, field, value != 0);
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      many ? r->AddEnumValue(&row, field, static_cast<int>(value))
           : r->SetEnumValue(&row, field, static_cast<int>(value));
      break;
    default:
      break;
  }
}

bool IsForeignKeyColumn(const Table& table, const Column& column) {
  for (const Relation& relation : table.relations) {
    const auto& columns = relation.columns;
    if (relation.is_foreign_key() &&
        std::find(columns.begin(), columns.end(), &column) != columns.end()) {
      return true;
    }
  }
  return false;
}

// A field of a message as text, whatever it is. Unset is not the same as empty.
std::string TextOf(const Message& message, const FieldDescriptor* field) {
  if (field->has_presence() && !message.GetReflection()->HasField(message, field)) return "unset";
  google::protobuf::TextFormat::Printer printer;
  if (!field->is_repeated()) {
    std::string text;
    printer.PrintFieldValueToString(message, field, -1, &text);
    return text;
  }
  std::string all;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    std::string text;
    printer.PrintFieldValueToString(message, field, i, &text);
    absl::StrAppend(&all, text, ",");
  }
  return all;
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

std::string SqlValue(const Column& column, const Message& row) {
  const Reflection* r = row.GetReflection();
  const FieldDescriptor* field = column.api;
  if (field->has_presence() && !r->HasField(row, field)) return "DEFAULT";
  switch (column.type) {
    case Type::kBool:
      return r->GetBool(row, field) ? "true" : "false";
    case Type::kEnum:
      return Quoted(column.enum_type->FindNumber(r->GetEnumValue(row, field))->label);
    case Type::kTimestamp:
    case Type::kJson:
    case Type::kBytes:
      return "DEFAULT";
    case Type::kInt32:
    case Type::kInt64:
    case Type::kFloat:
    case Type::kDouble:
      return TextOf(row, field);
    default:
      return Quoted(r->GetString(row, field));
  }
}

}  // namespace

MessagePtr Copy(const Message& message) {
  MessagePtr copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

MessagePtr RowFactory::Make(const Table& table, const Parents& parents) {
  MessagePtr row = testing::NewMessage(*table.resource);
  for (const Column& column : table.columns) {
    if (column.is_settable() && !IsForeignKeyColumn(table, column)) Set(column, *row);
  }
  for (const Relation& relation : table.relations) {
    if (!relation.is_foreign_key()) continue;
    if (const Message* parent = parents(relation)) Refer(relation, *parent, *row);
  }
  return row;
}

void RowFactory::Freshen(const std::vector<const Column*>& columns, Message& row) {
  for (const Column* column : columns) {
    row.GetReflection()->ClearField(&row, column->api);
    Set(*column, row);
  }
}

namespace {

const schema::Rule* FindRule(const Column& column, schema::RuleKind kind) {
  for (const schema::Rule& rule : column.rules) {
    if (rule.kind == kind) return &rule;
  }
  return nullptr;
}

const schema::Pattern* PatternOf(const Column& column) {
  for (const schema::Rule& rule : column.rules) {
    if (rule.detail != nullptr && rule.detail->pattern != nullptr) {
      return rule.detail->pattern.get();
    }
  }
  return nullptr;
}

// The first and the last that the column's literals allow, or these.
template <typename T, typename Read>
std::pair<T, T> Narrowed(const Column& column, T low, T high, Read read) {
  using schema::RuleKind;
  if (const auto* rule = FindRule(column, RuleKind::kFrom)) low = read(*rule);
  if (const auto* rule = FindRule(column, RuleKind::kAbove)) low = read(*rule) + 1;
  if (const auto* rule = FindRule(column, RuleKind::kUpTo)) high = read(*rule);
  if (const auto* rule = FindRule(column, RuleKind::kBelow)) high = read(*rule) - 1;
  return {std::min(low, high), std::max(low, high)};
}

}  // namespace

std::string RowFactory::Text(const Column& column) {
  if (const schema::Rule* rule = FindRule(column, schema::RuleKind::kOneOf)) {
    return rule->detail->values[count_ % rule->detail->values.size()];
  }
  if (const schema::Pattern* pattern = PatternOf(column)) {
    std::mt19937 random(static_cast<unsigned>(count_));
    std::string text;
    for (int i = 0; i < 1000; ++i) {
      text = TextOf(*pattern, random);
      if (schema::BrokenRule(column, std::string_view(text)).empty()) break;
    }
    return text;
  }
  std::string text = absl::StrCat(count_, "-", mark_);
  if (column.length_max > 0) text.resize(std::min<std::size_t>(text.size(), column.length_max));
  while (text.size() < static_cast<std::size_t>(column.length_min)) text += 'x';
  return text;
}

// Within the bounds, from the lower one up.
std::int64_t RowFactory::Number(const Column& column) {
  if (const schema::Rule* rule = FindRule(column, schema::RuleKind::kOneOf)) {
    return rule->detail->numbers[count_ % rule->detail->numbers.size()];
  }
  const std::int64_t least = column.minimum.value_or(1);
  const auto whole = [](const schema::Rule& rule) {
    return static_cast<std::int64_t>(std::stod(*rule.detail->bound.text));
  };
  const auto [from, to] = Narrowed(column, least, column.maximum.value_or(least + 30'000), whole);
  return from + count_ % (to - from + 1);
}

absl::CivilDay RowFactory::Day(const Column& column) {
  const auto day = [](const schema::Rule& rule) {
    return std::get<absl::CivilDay>(rule.detail->bound.value);
  };
  const absl::CivilDay first(2020, 1, 1);
  const auto [from, to] = Narrowed(column, first, first + 19'999, day);
  return from + count_ % (to - from + 1);
}

std::int64_t RowFactory::Second(const Column& column) {
  const auto second = [](const schema::Rule& rule) {
    return std::get<schema::TimeValue>(rule.detail->bound.value).seconds;
  };
  constexpr std::int64_t kFirst = 1'700'000'000;
  const auto [from, to] = Narrowed(column, kFirst, kFirst + 1'000'000'000, second);
  return from + count_ % (to - from + 1);
}

void RowFactory::Set(const Column& column, Message& row) {
  const schema::Rule* least = FindRule(column, schema::RuleKind::kItemsMin);
  for (std::int64_t n = least == nullptr ? 1 : least->limit; n > 0; --n) SetOne(column, row);
}

void RowFactory::SetOne(const Column& column, Message& row) {
  ++count_;
  switch (column.type) {
    case Type::kText:
    case Type::kBytes:
      return SetString(Text(column), column.api, row);
    case Type::kUuid:
      return SetString(FormatUuid(Ids().UuidV7()), column.api, row);
    case Type::kUlid: {
      std::string ulid(26, ' ');
      Ids().Ulid(ulid.data());
      return SetString(ulid, column.api, row);
    }
    case Type::kNumeric: {
      const int whole = column.precision == 0 ? 4 : column.precision - column.scale;
      std::int64_t number = Number(column);
      if (whole < 4) number %= whole <= 0 ? 1 : static_cast<std::int64_t>(std::pow(10, whole));
      return SetString(absl::StrCat(number), column.api, row);
    }
    case Type::kDate:
      return SetString(absl::FormatCivilTime(Day(column)), column.api, row);
    case Type::kTimestamp: {
      google::protobuf::Timestamp time;
      time.set_seconds(Second(column));
      return SetMessage(time, column.api, row);
    }
    case Type::kJson: {
      google::protobuf::Struct json;
      (*json.mutable_fields())["mark"].set_string_value(absl::StrCat(count_, "-", mark_));
      return SetMessage(json, column.api, row);
    }
    case Type::kEnum: {
      const auto& values = column.enum_type->values;
      return SetNumber(values[count_ % values.size()].number, column.api, row);
    }
    case Type::kBool:
      return SetNumber(1, column.api, row);
    default:
      return SetNumber(static_cast<double>(Number(column)), column.api, row);
  }
}

void CopyValue(const Message& from, const FieldDescriptor& a, Message& to,
               const FieldDescriptor& b) {
  const Reflection* in = from.GetReflection();
  const Reflection* out = to.GetReflection();
  switch (a.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return SetString(in->GetString(from, &a), &b, to);
    case FieldDescriptor::CPPTYPE_INT32:
      return SetNumber(in->GetInt32(from, &a), &b, to);
    case FieldDescriptor::CPPTYPE_INT64:
      return b.is_repeated() ? out->AddInt64(&to, &b, in->GetInt64(from, &a))
                             : out->SetInt64(&to, &b, in->GetInt64(from, &a));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return SetNumber(in->GetFloat(from, &a), &b, to);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetNumber(in->GetDouble(from, &a), &b, to);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetNumber(in->GetBool(from, &a), &b, to);
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetNumber(in->GetEnumValue(from, &a), &b, to);
    default:
      out->MutableMessage(&to, &b)->CopyFrom(in->GetMessage(from, &a));
  }
}

void Refer(const Relation& relation, const Message& parent, Message& row) {
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    CopyValue(parent, *relation.references[i]->api, row, *relation.columns[i]->api);
  }
}

std::string ValuesOf(const std::vector<const Column*>& columns, const Message& row) {
  std::string text;
  for (const Column* column : columns) absl::StrAppend(&text, TextOf(row, column->api), "/");
  return text;
}

std::vector<const Table*> ParentsFirst(const schema::Schema& schema) {
  std::vector<const Table*> ordered;
  std::set<const Table*> seen;
  std::function<void(const Table&)> visit = [&](const Table& table) {
    if (!seen.insert(&table).second) return;
    for (const Relation& relation : table.relations) {
      if (relation.is_foreign_key()) visit(*relation.target);
    }
    ordered.push_back(&table);
  };
  // Every tenant column may refer to the root.
  for (const Table& table : schema.tables()) {
    if (table.tenant_root) visit(table);
  }
  for (const Table& table : schema.tables()) visit(table);
  std::erase_if(ordered, [](const Table* table) { return table->is_view(); });
  return ordered;
}

const schema::Method* FindMethod(const schema::Schema& schema, const Table& table,
                                 v1::MethodKind kind) {
  for (const schema::Method& method : schema.methods()) {
    if (method.table == &table && method.kind == kind) return &method;
  }
  return nullptr;
}

std::set<v1::MethodKind> FittingKinds(const schema::Schema& schema) {
  std::set<v1::MethodKind> kinds;
  for (const schema::Kind* kind : schema::Kinds()) {
    for (const schema::Table& table : schema.tables()) {
      const bool fits = kind->why_unfit == nullptr || !kind->why_unfit(table).has_value();
      if (fits) kinds.insert(kind->number);
    }
  }
  return kinds;
}

bool HasDeclaredRules(const Table& table, const Column& column) {
  const auto names = [&](const schema::RowRule& rule) {
    return absl::c_linear_search(rule.columns, &column);
  };
  const auto declared = [](const schema::Rule& rule) {
    return rule.kind >= schema::RuleKind::kFrom;
  };
  return absl::c_any_of(table.rules, names) || absl::c_any_of(column.rules, declared);
}

std::string KeyCondition(const Table& table, const Message& row) {
  std::vector<std::string> parts;
  for (const Column* column : table.primary_key) {
    parts.push_back(absl::StrCat(column->sql_name, " = ", SqlValue(*column, row)));
  }
  return absl::StrJoin(parts, " AND ");
}

std::string InsertSql(const Table& table, std::string_view tenant, const Message& row) {
  std::vector<std::string> names, values;
  if (!table.tenant_root) {
    names.push_back(table.tenant_sql_name);
    values.push_back(Quoted(std::string(tenant)));
  }
  for (const Column& column : table.columns) {
    if (!column.stored) continue;
    names.push_back(column.sql_name);
    values.push_back(!column.is_settable() || column.array ? "DEFAULT" : SqlValue(column, row));
  }
  return absl::StrCat("INSERT INTO ", table.sql_name, " (", absl::StrJoin(names, ", "),
                      ") VALUES (", absl::StrJoin(values, ", "), ")");
}

}  // namespace tenantry::test
