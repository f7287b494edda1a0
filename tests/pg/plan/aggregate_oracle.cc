#include "tests/pg/plan/aggregate_oracle.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tenantry/v1/aggregate.pb.h"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::json;
using schema::Column;
using schema::Table;
using schema::Type;

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}
int EnumIn(const Message& message, const char* name) {
  return message.GetReflection()->GetEnumValue(message, Field(message, name));
}
std::string TextIn(const Message& message, const char* name) {
  return message.GetReflection()->GetString(message, Field(message, name));
}

std::vector<const Message*> Entries(const Message& message, const char* name) {
  std::vector<const Message*> entries;
  const FieldDescriptor* field = Field(message, name);
  for (int i = 0, n = message.GetReflection()->FieldSize(message, field); i < n; ++i) {
    entries.push_back(&message.GetReflection()->GetRepeatedMessage(message, field, i));
  }
  return entries;
}

// The relation that an entry of group_by goes on with; null when it names a column.
const schema::Relation* RelationIn(const Table& table, const Message& entry) {
  for (const schema::Relation& relation : table.relations) {
    const FieldDescriptor* field = entry.GetDescriptor()->FindFieldByNumber(relation.number);
    if (field != nullptr && entry.GetReflection()->HasField(entry, field)) return &relation;
  }
  return nullptr;
}
const Message& Within(const Message& message, const schema::Relation& relation) {
  return message.GetReflection()->GetMessage(
      message, message.GetDescriptor()->FindFieldByNumber(relation.number));
}

absl::CivilSecond Cut(absl::CivilSecond time, int unit) {
  switch (unit) {
    case v1::TIME_UNIT_MINUTE:
      return absl::CivilSecond(absl::CivilMinute(time));
    case v1::TIME_UNIT_HOUR:
      return absl::CivilSecond(absl::CivilHour(time));
    case v1::TIME_UNIT_DAY:
      return absl::CivilSecond(absl::CivilDay(time));
    case v1::TIME_UNIT_WEEK:
      return absl::CivilSecond(absl::PrevWeekday(absl::CivilDay(time) + 1, absl::Weekday::monday));
    case v1::TIME_UNIT_MONTH:
      return absl::CivilSecond(absl::CivilMonth(time));
    case v1::TIME_UNIT_QUARTER:
      return absl::CivilSecond(absl::CivilMonth(time.year(), (time.month() - 1) / 3 * 3 + 1));
    default:
      return absl::CivilSecond(absl::CivilYear(time));
  }
}

json Bucket(const json& value, Type type, int unit, const std::string& zone_name) {
  if (value.is_null() || unit == v1::TIME_UNIT_UNSPECIFIED) return value;
  if (type == Type::kDate) {
    absl::CivilDay day;
    EXPECT_TRUE(absl::ParseCivilTime(value.get<std::string>(), &day));
    return absl::FormatCivilTime(absl::CivilDay(Cut(absl::CivilSecond(day), unit)));
  }
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!zone_name.empty()) {
    EXPECT_TRUE(absl::LoadTimeZone(zone_name, &zone)) << zone_name;
  }
  const absl::Time time = absl::FromUnixMicros(value.get<std::int64_t>());
  return absl::ToUnixMicros(absl::FromCivil(Cut(absl::ToCivilSecond(time, zone), unit), zone));
}

bool AreClose(const json& a, const json& b) {
  if (!a.is_number() || !b.is_number()) return a == b;
  if (a.is_number_integer() && b.is_number_integer()) return a == b;
  const double x = a.get<double>(), y = b.get<double>();
  return x == y || std::abs(x - y) <= 1e-9 * std::max(std::abs(x), std::abs(y));
}

bool AreClose(const std::vector<json>& a, const std::vector<json>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const json& x, const json& y) { return AreClose(x, y); });
}

bool IsDecimal(int function, Type type) {
  if (type == Type::kNumeric) return true;
  const bool average = function == v1::AGGREGATE_FUNCTION_AVG;
  return (type == Type::kInt32 && average) ||
         (type == Type::kInt64 && (average || function == v1::AGGREGATE_FUNCTION_SUM));
}

// The type of a measure, for the operators of its filter.
Type TypeOf(const Table& table, const Message& measure) {
  const int function = EnumIn(measure, "function");
  if (function == v1::AGGREGATE_FUNCTION_COUNT ||
      function == v1::AGGREGATE_FUNCTION_COUNT_DISTINCT) {
    return Type::kInt64;
  }
  const Type type = table.FindColumnByNumber(EnumIn(measure, "field"))->type;
  if (IsDecimal(function, type)) return Type::kNumeric;
  return type == Type::kFloat ? Type::kDouble : type;
}

std::string NameOf(const Table& table, const Message& measure) {
  const std::string name = TextIn(measure, "name");
  if (!name.empty()) return name;
  const Column* column = table.FindColumnByNumber(EnumIn(measure, "field"));
  const char* const names[] = {"", "count", "count_distinct", "sum", "avg", "min", "max"};
  const char* function = names[EnumIn(measure, "function")];
  return column == nullptr ? function : absl::StrCat(function, "_", column->field->name());
}

struct Term {
  bool by_measure;
  std::size_t index;
  bool descending, nulls_first;
};

bool IsBefore(const Group& a, const Group& b, const std::vector<Term>& terms) {
  for (const Term& term : terms) {
    const json& x = (term.by_measure ? a.values : a.keys)[term.index];
    const json& y = (term.by_measure ? b.values : b.keys)[term.index];
    if (x.is_null() != y.is_null()) return x.is_null() == term.nulls_first;
    if (x.is_null() || AreClose(x, y)) continue;
    return (x < y) != term.descending;
  }
  return false;
}

json Told(const v1::AggregateValue& value) {
  switch (value.value_case()) {
    case v1::AggregateValue::kInteger:
      return value.integer();
    case v1::AggregateValue::kDecimal:
      return std::stod(value.decimal());
    case v1::AggregateValue::kFloating:
      return value.floating();
    case v1::AggregateValue::kText:
      return value.text();
    case v1::AggregateValue::kTimestamp:
      return value.timestamp().seconds() * 1'000'000 + value.timestamp().nanos() / 1000;
    case v1::AggregateValue::kDate:
      return value.date();
    case v1::AggregateValue::VALUE_NOT_SET:
      return {};
  }
  return {};
}

json KeyIn(const Table& table, const Message& entry, const Message& key) {
  if (const schema::Relation* relation = RelationIn(table, entry)) {
    const auto* field = key.GetDescriptor()->FindFieldByNumber(relation->number);
    if (!key.GetReflection()->HasField(key, field)) return {};
    return KeyIn(*relation->target, Within(entry, *relation), Within(key, *relation));
  }
  return test::ValueIn(key, *table.FindColumnByNumber(EnumIn(entry, "field")));
}

}  // namespace

bool AreSame(const json& a, const json& b) { return AreClose(a, b); }

bool AreSame(const std::vector<Group>& a, const std::vector<Group>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Group& x, const Group& y) {
    return AreClose(x.keys, y.keys) && AreClose(x.values, y.values);
  });
}

std::string ToText(const std::vector<Group>& groups) {
  const auto dump = [](const json& value) {
    return value.dump(-1, ' ', true, json::error_handler_t::replace);
  };
  std::string text;
  for (const Group& group : groups) {
    absl::StrAppend(&text, dump(json(group.keys)), ": ", dump(json(group.values)), "\n");
  }
  return text;
}

json AggregateOracle::KeyOf(const Table& table, const Message& entry, const Message* row) {
  if (row == nullptr) return {};
  if (const schema::Relation* relation = RelationIn(table, entry)) {
    const auto related = filters_.Related(*relation, *row, /*deleted=*/true);
    return KeyOf(*relation->target, Within(entry, *relation),
                 related.empty() ? nullptr : related[0]);
  }
  const Column& column = *table.FindColumnByNumber(EnumIn(entry, "field"));
  return Bucket(test::ValueIn(*row, column), column.type, EnumIn(entry, "unit"),
                TextIn(entry, "time_zone"));
}

json AggregateOracle::ValueOf(const Table& table, const Message& measure,
                              const std::vector<const Message*>& rows) {
  const int function = EnumIn(measure, "function");
  const Column* column = table.FindColumnByNumber(EnumIn(measure, "field"));
  const Message& filter = measure.GetReflection()->GetMessage(measure, Field(measure, "filter"));
  std::vector<json> values;
  for (const Message* row : rows) {
    if (!filters_.Meets(table, filter, *row)) continue;
    const json value = column == nullptr ? json(1) : test::ValueIn(*row, *column);
    if (!value.is_null()) values.push_back(value);
  }
  if (function == v1::AGGREGATE_FUNCTION_COUNT) return values.size();
  if (function == v1::AGGREGATE_FUNCTION_COUNT_DISTINCT) {
    return std::set<json>(values.begin(), values.end()).size();
  }
  if (values.empty()) return {};
  if (function == v1::AGGREGATE_FUNCTION_MIN)
    return *std::min_element(values.begin(), values.end());
  if (function == v1::AGGREGATE_FUNCTION_MAX)
    return *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const json& value : values) sum += value.get<double>();
  if (function == v1::AGGREGATE_FUNCTION_AVG) return sum / static_cast<double>(values.size());
  if (column->type == Type::kInt32) return static_cast<std::int64_t>(sum);
  return sum;
}

Answer AggregateOracle::Expected(const schema::Method& method, const Message& request) {
  const Table& table = *method.table;
  const auto* reflection = request.GetReflection();
  const FieldDescriptor* show_deleted = Field(request, "show_deleted");
  const bool deleted = show_deleted != nullptr && reflection->GetBool(request, show_deleted);
  const std::vector<const Message*> entries = Entries(request, "group_by");
  std::vector<const Message*> measures = Entries(request, "measures");

  std::map<std::vector<json>, std::vector<const Message*>> rows;
  if (entries.empty()) rows[{}];
  for (const MessagePtr& row : rows_(table)) {
    const bool hidden = table.delete_time != nullptr && !deleted &&
                        !test::ValueIn(*row, *table.delete_time).is_null();
    if (hidden ||
        !filters_.Meets(table, reflection->GetMessage(request, Field(request, "filter")), *row)) {
      continue;
    }
    std::vector<json> keys;
    for (const Message* entry : entries) keys.push_back(KeyOf(table, *entry, row.get()));
    rows[keys].push_back(row.get());
  }

  std::vector<std::string> names;
  for (const Message* measure : measures) names.push_back(NameOf(table, *measure));
  if (measures.empty()) names.emplace_back("count");
  const auto index_of = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };

  std::vector<Group> groups;
  for (const auto& [keys, of_group] : rows) {
    Group group{keys, {}};
    for (const Message* measure : measures) {
      group.values.push_back(ValueOf(table, *measure, of_group));
    }
    if (measures.empty()) group.values.emplace_back(of_group.size());
    bool meets = true;
    for (const Message* having : Entries(request, "having")) {
      const std::size_t at = index_of(TextIn(*having, "measure"));
      const Type type = measures.empty() ? Type::kInt64 : TypeOf(table, *measures[at]);
      const FieldDescriptor* filter = having->GetReflection()->GetOneofFieldDescriptor(
          *having, having->GetDescriptor()->oneof_decl(0));
      meets = meets && MeetsOperators(type, group.values[at],
                                      having->GetReflection()->GetMessage(*having, filter));
    }
    if (meets) groups.push_back(std::move(group));
  }

  std::vector<Term> terms;
  for (const Message* order : Entries(request, "order_by")) {
    const auto& typed = dynamic_cast<const Message&>(*order);
    const bool by_measure = !typed.GetReflection()->HasField(typed, Field(typed, "group"));
    const bool descending = EnumIn(typed, "direction") == v1::DIRECTION_DESC;
    const int nulls = EnumIn(typed, "nulls");
    terms.push_back({by_measure,
                     by_measure ? index_of(TextIn(typed, "measure"))
                                : static_cast<std::size_t>(typed.GetReflection()->GetInt32(
                                      typed, Field(typed, "group"))),
                     descending,
                     nulls == v1::NULLS_UNSPECIFIED ? descending : nulls == v1::NULLS_FIRST});
  }
  for (std::size_t i = 0; i < entries.size(); ++i) terms.push_back({false, i, false, false});
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const Group& a, const Group& b) { return IsBefore(a, b, terms); });
  const int limit = reflection->GetInt32(request, Field(request, "limit"));
  const std::size_t most = limit == 0 ? 50 : static_cast<std::size_t>(limit);
  const bool has_more = groups.size() > most;
  if (has_more) groups.resize(most);
  return {std::move(groups), has_more};
}

json AggregateOracle::ValueIn(const Message& entry) {
  v1::AggregateValue typed;
  const Message& inner = entry.GetReflection()->GetMessage(entry, Field(entry, "value"));
  EXPECT_TRUE(typed.ParseFromString(inner.SerializeAsString()));
  return Told(typed);
}

Answer AggregateOracle::Read(const schema::Method& method, const Message& request,
                             const Message& reply) {
  const std::vector<const Message*> entries = Entries(request, "group_by");
  std::vector<std::string> names;
  for (const Message* measure : Entries(request, "measures")) {
    names.push_back(NameOf(*method.table, *measure));
  }
  if (names.empty()) names.emplace_back("count");
  Answer answer;
  answer.has_more = reply.GetReflection()->GetBool(reply, Field(reply, "has_more"));
  for (const Message* one : Entries(reply, "groups")) {
    const Message& key = one->GetReflection()->GetMessage(*one, Field(*one, "key"));
    Group group;
    for (const Message* entry : entries) group.keys.push_back(KeyIn(*method.table, *entry, key));
    std::map<std::string, json> values;
    for (const Message* value : Entries(*one, "values")) {
      values[TextIn(*value, "key")] = ValueIn(*value);
    }
    EXPECT_EQ(values.size(), names.size());
    for (const std::string& name : names) {
      EXPECT_TRUE(values.contains(name)) << name;
      group.values.push_back(values[name]);
    }
    answer.groups.push_back(std::move(group));
  }
  return answer;
}

}  // namespace tenantry::test
