#include "client/cli/aggregate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/measures.h"
#include "client/cli/names.h"
#include "client/cli/request.h"
#include "client/cli/where.h"
#include "google/protobuf/descriptor.h"
#include "tenantry/v1/aggregate.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Usage(absl::string_view flag, const std::string& message) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", message));
}

// Fields of the derived messages have the same numbers in every API (tenantry/v1/api.proto).
constexpr int kGroupByField = 536870909;
constexpr int kGroupByUnit = 536870910;
constexpr int kGroupByTimeZone = 536870911;

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}
const FieldDescriptor* Field(const Message& message, int number) {
  return message.GetDescriptor()->FindFieldByNumber(number);
}

Message& Add(Message& message, const char* list) {
  return *message.GetReflection()->AddMessage(&message, Field(message, list));
}

std::vector<const Message*> Entries(const Message& message, const char* list) {
  std::vector<const Message*> entries;
  const FieldDescriptor* field = Field(message, list);
  for (int i = 0, n = message.GetReflection()->FieldSize(message, field); i < n; ++i) {
    entries.push_back(&message.GetReflection()->GetRepeatedMessage(message, field, i));
  }
  return entries;
}

// --- keys ---------------------------------------------------------------------------------------

std::vector<std::string> RelationsOf(const Descriptor& group_by) {
  std::vector<std::string> names;
  for (int i = 0; i < group_by.field_count(); ++i) {
    if (group_by.field(i)->message_type() != nullptr) names.push_back(group_by.field(i)->name());
  }
  return names;
}

// Down through the relations of `contact.type`, to the message of the last name, which stays.
absl::StatusOr<Message*> Enter(std::vector<std::string>& names, Message& entry) {
  Message* at = &entry;
  while (names.size() > 1) {
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(Snake(names.front()));
    if (field == nullptr || field->message_type() == nullptr) {
      const std::vector<std::string> known = RelationsOf(*at->GetDescriptor());
      const std::string hint = DidYouMean(Snake(names.front()), known);
      return Usage("--by", absl::StrCat("no relation ", names.front(), " to one row",
                                        hint.empty() && !known.empty()
                                            ? "; there are " + absl::StrJoin(known, ", ")
                                            : hint));
    }
    at = at->GetReflection()->MutableMessage(at, field);
    names.erase(names.begin());
  }
  return at;
}

// `created_at:day@Europe/Berlin`
absl::Status AddKey(const std::string& text, Message& request) {
  std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('@', 1));
  const std::string zone = parts.second;
  parts = absl::StrSplit(parts.first, absl::MaxSplits(':', 1));
  std::vector<std::string> names = absl::StrSplit(parts.first, '.');
  auto at = Enter(names, Add(request, "group_by"));
  if (!at.ok()) return at.status();
  if (auto status = SetNamed("--by", *Field(**at, kGroupByField), names[0], **at); !status.ok()) {
    return status;
  }
  if (!zone.empty()) {
    (*at)->GetReflection()->SetString(*at, Field(**at, kGroupByTimeZone), zone);
  }
  if (parts.second.empty()) return absl::OkStatus();
  return SetNamed("--by", *Field(**at, kGroupByUnit), parts.second, **at);
}

struct Key {
  std::string path;                            // contact.type
  std::vector<const FieldDescriptor*> fields;  // from the row down to the column
};

Key KeyOf(const Message& group_by, const Descriptor& row) {
  const auto* reflection = group_by.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection->ListFields(group_by, &set);
  if (!set.empty() && set[0]->message_type() != nullptr) {
    const FieldDescriptor* relation = row.FindFieldByNumber(set[0]->number());
    Key key = KeyOf(reflection->GetMessage(group_by, set[0]), *relation->message_type());
    key.path = absl::StrCat(relation->name(), ".", key.path);
    key.fields.insert(key.fields.begin(), relation);
    return key;
  }
  const int number = reflection->GetEnumValue(group_by, Field(group_by, kGroupByField));
  const FieldDescriptor* column = row.FindFieldByNumber(number);
  return {column->name(), {column}};
}

std::vector<Measure> MeasuresOf(const Message& request, const Descriptor& row) {
  std::vector<Measure> measures;
  for (const Message* measure : Entries(request, "measures")) {
    measures.push_back(MeasureOf(*measure, row));
  }
  if (measures.empty()) measures.push_back({"count", "integer"});
  return measures;
}

std::vector<Key> KeysOf(const Message& request, const Descriptor& row) {
  std::vector<Key> keys;
  for (const Message* entry : Entries(request, "group_by")) keys.push_back(KeyOf(*entry, row));
  return keys;
}

// --- having and order ---------------------------------------------------------------------------

absl::Status AddHaving(const std::string& text, const std::vector<Measure>& measures,
                       Message& request) {
  const std::string name = ConditionField(text);
  const auto measure = std::find_if(measures.begin(), measures.end(),
                                    [&](const Measure& one) { return one.name == name; });
  if (measure == measures.end()) {
    std::vector<std::string> names;
    for (const Measure& one : measures) names.push_back(one.name);
    const std::string hint = DidYouMean(name, names);
    return Usage("--having",
                 absl::StrCat("no measure ", name,
                              hint.empty() ? "; there are " + absl::StrJoin(names, ", ") : hint));
  }
  Message& having = Add(request, "having");
  having.GetReflection()->SetString(&having, Field(having, "measure"), measure->name);
  return AddComparison(
      text, "--having",
      *having.GetReflection()->MutableMessage(&having, Field(having, measure->kind.c_str())));
}

// `-sum_total_cents:nulls-last`
absl::Status AddTerm(std::string text, const std::vector<Key>& keys,
                     const std::vector<Measure>& measures, Message& request) {
  Message& term = Add(request, "order_by");
  std::vector<std::string> parts = absl::StrSplit(text, ':');
  if (parts[0].starts_with("-")) {
    parts[0].erase(0, 1);
    parts.emplace_back("desc");
  }
  const std::string name = Snake(parts[0]);
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const Key& one) { return one.path == name; });
  const bool is_measure = std::any_of(measures.begin(), measures.end(),
                                      [&](const Measure& one) { return one.name == parts[0]; });
  if (is_measure) {
    term.GetReflection()->SetString(&term, Field(term, "measure"), parts[0]);
  } else if (key != keys.end()) {
    term.GetReflection()->SetInt32(&term, Field(term, "group"),
                                   static_cast<int>(key - keys.begin()));
  } else {
    std::vector<std::string> names;
    for (const Key& one : keys) names.push_back(one.path);
    for (const Measure& one : measures) names.push_back(one.name);
    const std::string hint = DidYouMean(name, names);
    return Usage("--order",
                 absl::StrCat("neither a measure nor in --by: ", parts[0],
                              hint.empty() ? "; there are " + absl::StrJoin(names, ", ") : hint));
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const bool nulls = parts[i].starts_with("nulls-");
    auto status = SetNamed("--order", *Field(term, nulls ? "nulls" : "direction"),
                           nulls ? parts[i].substr(6) : parts[i], term);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// The row of a group, and its column; nothing where the row that a relation leads to is not there.
absl::StatusOr<std::string> CellOfKey(const Message& group, const Key& key) {
  const Message* at = &group.GetReflection()->GetMessage(group, Field(group, "key"));
  for (std::size_t i = 0; i + 1 < key.fields.size(); ++i) {
    if (!at->GetReflection()->HasField(*at, key.fields[i])) return "";
    at = &at->GetReflection()->GetMessage(*at, key.fields[i]);
  }
  return CellOf(*at, *key.fields.back(), key.path, nullptr);
}

bool IsWanted(const OutputStyle& style, const std::string& title) {
  return style.columns.empty() ||
         std::find(style.columns.begin(), style.columns.end(), title) != style.columns.end();
}

}  // namespace

absl::Status AddAggregate(const AggregateWords& words, const Descriptor& table, Message& request) {
  for (const std::string& text : words.by) {
    for (absl::string_view key : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
      if (auto status = AddKey(std::string(key), request); !status.ok()) return status;
    }
  }
  for (const std::string& text : words.measures) {
    for (const std::string& measure : SplitMeasures(text)) {
      if (auto status = ReadMeasure(measure, Add(request, "measures")); !status.ok()) return status;
    }
  }
  const std::vector<Measure> measures = MeasuresOf(request, table);
  for (const std::string& text : words.having) {
    if (auto status = AddHaving(text, measures, request); !status.ok()) return status;
  }
  const std::vector<Key> keys = KeysOf(request, table);
  for (const std::string& text : words.order) {
    for (absl::string_view term : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
      auto status = AddTerm(std::string(term), keys, measures, request);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status PrintGroups(const Message& request, const Message& reply, const OutputStyle& style,
                         std::ostream& out, std::ostream& notes) {
  const Descriptor& row =
      *Field(reply, "groups")->message_type()->FindFieldByName("key")->message_type();
  std::vector<Key> keys = KeysOf(request, row);
  std::vector<Measure> measures = MeasuresOf(request, row);
  std::erase_if(keys, [&](const Key& key) { return !IsWanted(style, key.path); });
  std::erase_if(measures, [&](const Measure& one) { return !IsWanted(style, one.name); });
  if (keys.empty() && measures.empty()) {
    return Usage("--columns", "no group has these; there are what --by and --measure name");
  }
  Table table;
  for (const Key& key : keys) table.columns.push_back({key.path});
  for (const Measure& measure : measures) {
    table.columns.push_back({measure.name, measure.is_number()});
  }
  for (const Message* group : Entries(reply, "groups")) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    const auto add = [&cells](absl::StatusOr<std::string> cell) {
      if (cell.ok()) cells.push_back(*std::move(cell));
      return cell.status();
    };
    for (const Key& key : keys) {
      if (auto status = add(CellOfKey(*group, key)); !status.ok()) return status;
    }
    for (const Measure& measure : measures) {
      if (auto status = add(CellOfMeasure(*group, *Field(*group, "values"), measure.name));
          !status.ok())
        return status;
    }
  }
  out << (table.rows.empty() ? "(no groups)\n" : RenderTable(table, style.table));
  if (reply.GetReflection()->GetBool(reply, Field(reply, "has_more"))) {
    notes << "there are more groups: --limit shows more of them\n";
  }
  return absl::OkStatus();
}

absl::string_view AggregateHelp() {
  return R"(
Groups and measures
  --by status,created_at:day            what a group has in common; times by a unit
  --by created_at:week@Europe/Berlin    minute, hour, day, week, month, quarter, year; in a time zone
  --by contact.type                     of the row that a relation leads to
  --measure count,sum:total_cents       count, count-distinct, sum, avg, min, max
  --measure 'paid=count[status=paid]'   under a name, of the rows that meet conditions; & between them
  --having 'count>10'                   a condition on a measure, as in --where
  --order -sum_total_cents,status       by measures and by what stands in --by; - is downwards
)";
}

std::vector<std::string> GroupByFields(const Descriptor& group_by, const std::string& begun) {
  const std::size_t comma = begun.rfind(',');
  const std::string entries = comma == std::string::npos ? "" : begun.substr(0, comma + 1);
  std::string entry = begun.substr(entries.size());
  const Descriptor* at = &group_by;
  std::string before = entries;
  for (std::size_t dot; (dot = entry.find('.')) != std::string::npos;) {
    const FieldDescriptor* field = at->FindFieldByName(Snake(entry.substr(0, dot)));
    if (field == nullptr || field->message_type() == nullptr) return {};
    absl::StrAppend(&before, entry.substr(0, dot + 1));
    entry.erase(0, dot + 1);
    at = field->message_type();
  }
  std::vector<std::string> found;
  for (const std::string& relation : RelationsOf(*at)) {
    found.push_back(absl::StrCat(before, relation, "."));
  }
  for (std::string& name : ShortNames(*at->FindFieldByNumber(kGroupByField)->enum_type())) {
    found.push_back(absl::StrCat(before, name));
  }
  return found;
}

}  // namespace tenantry::cli
