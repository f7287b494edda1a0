#include "client/cli/order.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/names.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields of an order (tenantry/v1/api.proto).
constexpr int kRank = 536870908;
constexpr int kField = 536870909;
constexpr int kDirection = 536870910;
constexpr int kNulls = 536870911;

absl::Status Usage(const std::string& entry, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("--order ", entry, ": ", what));
}

absl::Status Set(const std::string& entry, const std::string& text, int number, Message& order) {
  const FieldDescriptor& field = *order.GetDescriptor()->FindFieldByNumber(number);
  const EnumDescriptor& type = *field.enum_type();
  if (const auto* value = FindEnumValue(type, text)) {
    order.GetReflection()->SetEnum(&order, &field, value);
    return absl::OkStatus();
  }
  if (number != kField) {
    return Usage(entry, "behind `:` stands asc, desc, nulls-first or nulls-last");
  }
  const std::vector<std::string> names = OrderFields(*order.GetDescriptor());
  const std::string hint = DidYouMean(Kebab(text), names);
  return Usage(entry,
               absl::StrCat("no column ", text, " to order by",
                            hint.empty() ? "; there are " + absl::StrJoin(names, ", ") : hint));
}

absl::Status SetModifier(const std::string& entry, const std::string& modifier, Message& order) {
  const std::string key = Kebab(modifier);
  if (key == "nulls-first") return Set(entry, "first", kNulls, order);
  if (key == "nulls-last") return Set(entry, "last", kNulls, order);
  return Set(entry, key, kDirection, order);
}

// What `rank` means where it is no column: how well a row matches --search. Null where it means
// none.
const FieldDescriptor* RankOf(const Descriptor& order, const std::string& name) {
  const FieldDescriptor* rank = order.FindFieldByNumber(kRank);
  const bool is_rank =
      rank != nullptr && Snake(name) == rank->name() &&
      FindEnumValue(*order.FindFieldByNumber(kField)->enum_type(), name) == nullptr;
  return is_rank ? rank : nullptr;
}

absl::Status AddEntry(const std::string& entry, const FieldDescriptor& field, Message& request) {
  std::vector<std::string> parts = absl::StrSplit(entry, ':');
  const bool descending = parts[0].starts_with("-");
  if (descending || parts[0].starts_with("+")) parts[0].erase(0, 1);
  Message* order = request.GetReflection()->AddMessage(&request, &field);
  std::vector<std::string> names = absl::StrSplit(parts[0], '.');
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    const FieldDescriptor* relation = order->GetDescriptor()->FindFieldByName(Snake(names[i]));
    if (relation == nullptr || relation->message_type() == nullptr) {
      return Usage(entry, absl::StrCat("no relation ", names[i], " to one row"));
    }
    order = order->GetReflection()->MutableMessage(order, relation);
  }
  if (const FieldDescriptor* rank = RankOf(*order->GetDescriptor(), names.back())) {
    order->GetReflection()->SetBool(order, rank, true);
  } else if (auto status = Set(entry, names.back(), kField, *order); !status.ok()) {
    return status;
  }
  if (descending) {
    if (auto status = Set(entry, "desc", kDirection, *order); !status.ok()) return status;
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (auto status = SetModifier(entry, parts[i], *order); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddOrder(const std::vector<std::string>& entries, const FieldDescriptor& field,
                      Message& request) {
  for (const std::string& entry : entries) {
    if (auto status = AddEntry(entry, field, request); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::vector<std::string> OrderFields(const Descriptor& order, const std::string& begun) {
  const std::size_t dot = begun.rfind('.');
  const std::string before = dot == std::string::npos ? "" : begun.substr(0, dot + 1);
  const Descriptor* at = &order;
  for (const absl::string_view name : absl::StrSplit(before, '.', absl::SkipEmpty())) {
    const FieldDescriptor* relation = at->FindFieldByName(Snake(std::string(name)));
    if (relation == nullptr || relation->message_type() == nullptr) return {};
    at = relation->message_type();
  }
  std::vector<std::string> names;
  const EnumDescriptor& columns = *at->FindFieldByNumber(kField)->enum_type();
  for (int i = 0; i < columns.value_count(); ++i) {
    if (columns.value(i)->number() == 0) continue;
    names.push_back(absl::StrCat(before, ShortName(*columns.value(i))));
  }
  if (before.empty() && RankOf(*at, "rank") != nullptr) names.push_back("rank");
  for (int i = 0; i < at->field_count(); ++i) {
    if (at->field(i)->message_type() == nullptr) continue;
    names.push_back(absl::StrCat(before, at->field(i)->name(), "."));
  }
  return names;
}

bool IsOrder(const Descriptor& message) {
  for (int number : {kField, kDirection, kNulls}) {
    const FieldDescriptor* field = message.FindFieldByNumber(number);
    if (field == nullptr || field->enum_type() == nullptr) return false;
  }
  return true;
}

}  // namespace tenantry::cli
