#include "server/call/references.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace tenantry::call {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A field that holds one value, in the message that has it.
struct Place {
  Message* message = nullptr;
  const FieldDescriptor* field = nullptr;  // null: there is no such place
};

// `requests[2]` is the field `requests` and 2; without brackets the index is -1. False: it is no
// such part.
bool Split(absl::string_view part, absl::string_view& name, int& index) {
  index = -1;
  name = part;
  if (!absl::ConsumeSuffix(&part, "]")) return true;
  const std::size_t open = part.find('[');
  if (open == absl::string_view::npos) return false;
  name = part.substr(0, open);
  return absl::SimpleAtoi(part.substr(open + 1), &index) && index >= 0;
}

Place Find(std::string_view path, Message& root) {
  Message* message = &root;
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(path), '.');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    absl::string_view name;
    int index = -1;
    if (!Split(parts[i], name, index)) return {};
    const auto* field = message->GetDescriptor()->FindFieldByName(std::string(name));
    if (field == nullptr || field->is_repeated() != (index >= 0)) return {};
    const auto* reflection = message->GetReflection();
    const bool last = i + 1 == parts.size();
    if (last != (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)) return {};
    if (last) return index >= 0 ? Place{} : Place{message, field};
    if (index >= 0 && index >= reflection->FieldSize(*message, field)) return {};
    message = index >= 0 ? reflection->MutableRepeatedMessage(message, field, index)
                         : reflection->MutableMessage(message, field);
  }
  return {};
}

// Both fields have the same type.
void Copy(const Place& from, const Place& to) {
  const auto* read = from.message->GetReflection();
  const auto* write = to.message->GetReflection();
  switch (from.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return write->SetInt32(to.message, to.field, read->GetInt32(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_INT64:
      return write->SetInt64(to.message, to.field, read->GetInt64(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return write->SetUInt32(to.message, to.field, read->GetUInt32(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return write->SetUInt64(to.message, to.field, read->GetUInt64(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return write->SetDouble(to.message, to.field, read->GetDouble(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return write->SetFloat(to.message, to.field, read->GetFloat(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return write->SetBool(to.message, to.field, read->GetBool(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return write->SetEnumValue(to.message, to.field,
                                 read->GetEnumValue(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_STRING:
      return write->SetString(to.message, to.field, read->GetString(*from.message, from.field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;  // Find gives none
  }
}

bool IsSet(const Place& place) {
  if (place.field->has_presence() || place.field->type() == FieldDescriptor::TYPE_STRING) {
    return place.message->GetReflection()->HasField(*place.message, place.field);
  }
  return true;
}

absl::Status Wrong(std::string field, std::string why) {
  return InvalidArgument({{std::move(field), std::move(why)}});
}

}  // namespace

References::References(const schema::Schema& schema, IdGenerator& ids) : ids_(ids) {
  for (const schema::Table& table : schema.tables()) {
    for (const schema::Column& column : table.columns) {
      if (column.managed == v1::MANAGED_ID && column.api != nullptr) made_[column.api] = &column;
    }
  }
}

absl::Status References::Take(std::string_view to, Message& request, std::string_view from,
                              Message& earlier, const schema::Method& method) const {
  const Place target = Find(to, request), source = Find(from, earlier);
  if (target.field == nullptr) {
    return Wrong("field",
                 absl::StrCat("must be the path of one value in a ",
                              request.GetDescriptor()->name(), ", as in order_item.order_id"));
  }
  if (source.field == nullptr) {
    return Wrong("from",
                 absl::StrCat("must be the path of one value in the ",
                              earlier.GetDescriptor()->name(), " of the step, as in order.id"));
  }
  if (target.field->type() != source.field->type() ||
      target.field->enum_type() != source.field->enum_type()) {
    return Wrong("from", absl::StrCat("is a ", source.field->type_name(), ", and the field is a ",
                                      target.field->type_name()));
  }
  if (!IsSet(source)) {
    if (!MakesIdentifier(*source.field, method)) {
      return Wrong("from",
                   "is not set by that step's request, and the server does not make it before the "
                   "step runs");
    }
    source.message->GetReflection()->SetString(source.message, source.field,
                                               NewIdentifier(*source.field));
  }
  Copy(source, target);
  return absl::OkStatus();
}

// An upsert may find a row, which has an identifier already.
bool References::MakesIdentifier(const FieldDescriptor& field, const schema::Method& method) const {
  return (method.kind == v1::METHOD_KIND_CREATE || method.kind == v1::METHOD_KIND_BATCH_CREATE) &&
         made_.contains(&field);
}

std::string References::NewIdentifier(const FieldDescriptor& field) const {
  if (made_.at(&field)->type == schema::Type::kUuid) return FormatUuid(ids_.UuidV7());
  std::string ulid(26, '\0');
  ids_.Ulid(ulid.data());
  return ulid;
}

}  // namespace tenantry::call
