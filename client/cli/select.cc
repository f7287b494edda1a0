#include "client/cli/select.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/names.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields of what selects a to-many relation (tenantry/v1/api.proto).
constexpr int kSelect = 1;
constexpr int kLimit = 4;
// What relations to many come to, in selects and in rows.
constexpr int kAggregates = 536870911;

// A select has booleans and relations; that of a to-many relation has a select of its own.
bool IsList(const Descriptor& select) {
  const FieldDescriptor* inner = select.FindFieldByNumber(kSelect);
  const FieldDescriptor* limit = select.FindFieldByNumber(kLimit);
  return inner != nullptr && inner->message_type() != nullptr && inner->name() == "select" &&
         limit != nullptr && limit->cpp_type() == FieldDescriptor::CPPTYPE_INT32;
}

absl::Status Unknown(const std::string& name, const std::string& path, const Descriptor& select) {
  std::vector<std::string> names;
  for (int i = 0; i < select.field_count(); ++i) {
    if (select.field(i)->number() != kAggregates) names.push_back(select.field(i)->name());
  }
  const std::string hint = DidYouMean(Snake(name), names);
  return absl::InvalidArgumentError(
      absl::StrCat("--select ", path, ": no field ", name,
                   hint.empty() ? "; there are " + absl::StrJoin(names, ", ") : hint));
}

// `items:5` -> `items` and 5; 0 without a number.
absl::StatusOr<int> TakeLimit(std::string& name, const std::string& path) {
  const std::string::size_type colon = name.find(':');
  if (colon == std::string::npos) return 0;
  int limit = 0;
  if (!absl::SimpleAtoi(name.substr(colon + 1), &limit) || limit <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--select ", path, ": behind `:` stands how many, as in items:5"));
  }
  name.resize(colon);
  return limit;
}

// Down into a relation: its own select.
absl::StatusOr<Message*> Enter(const FieldDescriptor& relation, int limit, const std::string& path,
                               Message& select) {
  Message* below = select.GetReflection()->MutableMessage(&select, &relation);
  if (!IsList(*relation.message_type())) {
    if (limit == 0) return below;
    return absl::InvalidArgumentError(
        absl::StrCat("--select ", path, ": ", relation.name(), " is one row and has no limit"));
  }
  const Descriptor& type = *relation.message_type();
  if (limit > 0) below->GetReflection()->SetInt32(below, type.FindFieldByNumber(kLimit), limit);
  return below->GetReflection()->MutableMessage(below, type.FindFieldByNumber(kSelect));
}

void NameAllColumns(Message& select) {
  const Descriptor& type = *select.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() != nullptr) continue;
    select.GetReflection()->SetBool(&select, type.field(i), true);
  }
}

absl::Status AddPath(const std::string& path, Message& select) {
  Message* at = &select;
  std::vector<std::string> names = absl::StrSplit(path, '.');
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto limit = TakeLimit(names[i], path);
    if (!limit.ok()) return limit.status();
    const Descriptor& type = *at->GetDescriptor();
    const FieldDescriptor* field = type.FindFieldByName(Snake(names[i]));
    if (field != nullptr && field->number() == kAggregates) field = nullptr;  // --measure
    if (field == nullptr) return Unknown(names[i], path, type);
    const bool last = i + 1 == names.size();
    if (field->message_type() == nullptr) {
      if (!last || *limit != 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("--select ", path, ": ", field->name(), " is a column, no relation"));
      }
      at->GetReflection()->SetBool(at, field, true);
      return absl::OkStatus();
    }
    auto below = Enter(*field, *limit, path, *at);
    if (!below.ok()) return below.status();
    at = *below;
    // A relation by itself: all of its columns, also where another path goes on from it.
    if (last) NameAllColumns(*at);
  }
  return absl::OkStatus();
}

bool NamesAnyColumn(const Message& select) {
  std::vector<const FieldDescriptor*> set;
  select.GetReflection()->ListFields(select, &set);
  return std::any_of(set.begin(), set.end(),
                     [](const FieldDescriptor* field) { return field->message_type() == nullptr; });
}

bool IsKey(const FieldDescriptor& field) {
  const auto& resource = field.containing_type()->options().GetExtension(tenantry::v1::resource);
  if (resource.keys().empty()) return false;
  const auto& fields = resource.keys(0).fields();
  return std::find(fields.begin(), fields.end(), field.name()) != fields.end();
}

}  // namespace

absl::Status AddToSelect(const std::vector<std::string>& paths, Message& select) {
  for (const std::string& path : paths) {
    if (auto status = AddPath(path, select); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<Message*> EnterSelect(const std::string& name, const std::string& flag,
                                     Message& select) {
  const FieldDescriptor* field = select.GetDescriptor()->FindFieldByName(Snake(name));
  if (field == nullptr || field->message_type() == nullptr || field->number() == kAggregates) {
    return absl::InvalidArgumentError(absl::StrCat(flag, ": no relation ", name));
  }
  return Enter(*field, 0, name, select);
}

const FieldDescriptor* AggregatesOf(const Descriptor& type) {
  const FieldDescriptor* field = type.FindFieldByNumber(kAggregates);
  return field == nullptr || field->message_type() == nullptr ? nullptr : field;
}

std::vector<std::string> SelectFields(const Descriptor& select, const std::string& begun) {
  const std::size_t dot = begun.rfind('.');
  const std::string before = dot == std::string::npos ? "" : begun.substr(0, dot + 1);
  const Descriptor* at = &select;
  for (const absl::string_view part : absl::StrSplit(before, '.', absl::SkipEmpty())) {
    const std::string name(part.substr(0, part.find(':')));  // without the limit
    const FieldDescriptor* relation = at->FindFieldByName(Snake(name));
    if (relation == nullptr || relation->message_type() == nullptr) return {};
    at = relation->message_type();
    if (IsList(*at)) at = at->FindFieldByNumber(kSelect)->message_type();
  }
  std::vector<std::string> names;
  for (int i = 0; i < at->field_count(); ++i) {
    if (at->field(i)->number() == kAggregates) continue;
    const bool relation = at->field(i)->message_type() != nullptr;
    names.push_back(absl::StrCat(before, at->field(i)->name(), relation ? "." : ""));
  }
  return names;
}

bool IsSelected(const FieldDescriptor& field, const Message& select) {
  const FieldDescriptor* mark = select.GetDescriptor()->FindFieldByNumber(field.number());
  if (mark == nullptr) return false;
  if (mark->message_type() != nullptr) return select.GetReflection()->HasField(select, mark);
  return IsKey(field) || !NamesAnyColumn(select) || select.GetReflection()->GetBool(select, mark);
}

bool IsNamed(const FieldDescriptor& field, const Message& select) {
  const FieldDescriptor* mark = select.GetDescriptor()->FindFieldByNumber(field.number());
  if (mark == nullptr) return false;
  if (mark->message_type() != nullptr) return select.GetReflection()->HasField(select, mark);
  return select.GetReflection()->GetBool(select, mark);
}

const Message* SelectOf(const FieldDescriptor& relation, const Message& select) {
  const FieldDescriptor* field = select.GetDescriptor()->FindFieldByNumber(relation.number());
  if (field == nullptr || field->message_type() == nullptr) return nullptr;
  const Message& below = select.GetReflection()->GetMessage(select, field);
  if (relation.number() == kAggregates) return nullptr;
  if (!IsList(*below.GetDescriptor())) return &below;
  return &below.GetReflection()->GetMessage(below,
                                            below.GetDescriptor()->FindFieldByNumber(kSelect));
}

}  // namespace tenantry::cli
