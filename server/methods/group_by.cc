#include "server/methods/group_by.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/methods/measures.h"
#include "server/methods/relation_depth.h"
#include "server/plan/value.h"
#include "server/schema/methods.h"
#include "tenantry/v1/aggregate.pb.h"

namespace tenantry::methods {
namespace {

namespace number = schema::field_number;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Path;
using plan::Value;
using schema::Type;

constexpr std::size_t kZoneBytesMax = 63;

plan::TimeUnit UnitOf(int value) {
  return static_cast<plan::TimeUnit>(value - v1::TIME_UNIT_MINUTE);
}
static_assert(v1::TIME_UNIT_YEAR - v1::TIME_UNIT_MINUTE == static_cast<int>(plan::TimeUnit::kYear));

// Names of IANA's list, such as `Europe/Berlin`, `America/Port-au-Prince` and `Etc/GMT+3`. The
// database takes much more for a time zone, `Foo3` for one, and says nothing.
bool IsTimeZoneName(absl::string_view name) {
  if (name == "UTC") return true;
  if (absl::ConsumePrefix(&name, "Etc/GMT")) {
    if (name.empty()) return true;
    const bool sign = name[0] == '+' || name[0] == '-';
    name.remove_prefix(sign ? 1 : 0);
    return !name.empty() && name.size() <= 2 &&
           std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
  }
  return name.size() <= kZoneBytesMax && absl::StrContains(name, '/') && name.front() != '/' &&
         name.back() != '/' && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalpha(c) || c == '/' || c == '_' || c == '-';
         });
}

// The same row for all keys of it.
plan::Grouping& RowOf(const schema::Relation& relation, plan::Grouping& grouping) {
  for (plan::Grouping::Child& child : grouping.children) {
    if (child.relation == &relation) return child.row;
  }
  grouping.children.push_back({&relation, {.table = relation.target, .keys = {}, .children = {}}});
  return grouping.children.back().row;
}

}  // namespace

void GroupByWalk::TakeEntry(const Message& entry, const Path& path, int depth,
                            plan::Grouping& grouping) {
  std::vector<const FieldDescriptor*> set;
  entry.GetReflection()->ListFields(entry, &set);
  const FieldDescriptor* relation_field = nullptr;
  for (const FieldDescriptor* field : set) {
    if (field->number() < number::kGroupByField) relation_field = field;
  }
  if (relation_field == nullptr) return TakeColumn(entry, path, grouping);
  if (set.size() > 1) {
    violations_.Add(path, "must have a field or one relation: make an entry of each");
    return;
  }
  const Path below(path, relation_field->name());
  if (IsTooDeep(static_cast<std::size_t>(depth) + 1, limits_, below, violations_)) return;
  const schema::Relation& relation =
      *grouping.table->FindRelationByNumber(relation_field->number());
  TakeEntry(entry.GetReflection()->GetMessage(entry, relation_field), below, depth + 1,
            RowOf(relation, grouping));
}

void GroupByWalk::TakeColumn(const Message& entry, const Path& path, plan::Grouping& grouping) {
  const Value field = Part(entry, number::kGroupByField);
  plan::GroupKey key;
  key.column = ColumnNamed(*grouping.table, field, path, violations_);
  key.position = keys_++;
  if (key.column == nullptr) {
    if (field.as_enum() == 0) violations_.Add(Path(path, field.field->name()), "is required");
    return;
  }
  const bool again = std::any_of(grouping.keys.begin(), grouping.keys.end(),
                                 [&](const auto& other) { return other.column == key.column; });
  if (again) {
    violations_.Add(path, absl::StrCat("groups by ", key.column->field->name(),
                                       " again: a column can be there once, in one unit"));
  }
  TakeUnit(entry, path, key);
  grouping.keys.push_back(std::move(key));
}

void GroupByWalk::TakeUnit(const Message& entry, const Path& path, plan::GroupKey& key) {
  const Value unit = Part(entry, number::kGroupByUnit),
              zone = Part(entry, number::kGroupByTimeZone);
  const Path unit_path(path, unit.field->name()), zone_path(path, zone.field->name());
  std::string scratch;
  const std::string& zone_name = zone.as_string(scratch);
  plan::CheckEnumKnown(unit, unit_path, violations_);
  if (unit.as_enum() == v1::TIME_UNIT_UNSPECIFIED) {
    if (!zone_name.empty()) violations_.Add(zone_path, "needs a unit, whose beginning it decides");
    return;
  }
  if (key.column->type != Type::kTimestamp && key.column->type != Type::kDate) {
    violations_.Add(unit_path,
                    absl::StrCat("is for times and dates, and ", key.column->field->name(),
                                 " is neither: leave it out"));
    return;
  }
  key.unit = UnitOf(unit.as_enum());
  if (key.column->type == Type::kDate) return CheckDate(zone_name, key, unit_path, zone_path);
  if (zone_name.empty()) return;
  if (!IsTimeZoneName(zone_name)) {
    violations_.Add(zone_path,
                    "must be a name of IANA's list of time zones, such as `Europe/Berlin`, or UTC");
  }
  key.zone = call_.Add(plan::FieldValue{&plan::TextType(), zone});
}

void GroupByWalk::CheckDate(const std::string& zone_name, const plan::GroupKey& key,
                            const Path& unit_path, const Path& zone_path) {
  if (*key.unit < plan::TimeUnit::kDay) {
    violations_.Add(unit_path, absl::StrCat(key.column->field->name(),
                                            " is a date: the shortest unit is TIME_UNIT_DAY"));
  }
  if (zone_name.empty()) return;
  violations_.Add(zone_path, absl::StrCat(key.column->field->name(),
                                          " is a date, the same in every zone: leave it out"));
}

}  // namespace tenantry::methods
