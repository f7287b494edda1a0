#include "client/cli/json.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/names.h"
#include "client/cli/shape.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

absl::Status Bad(const std::string& what, const std::string& problem) {
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", problem));
}

const FieldDescriptor* FindMember(const Descriptor& type, const std::string& name) {
  if (const auto* field = type.FindFieldByName(name)) return field;
  if (const auto* field = type.FindFieldByCamelcaseName(name)) return field;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == name) return type.field(i);
  }
  return nullptr;
}

// Replaces a short enum value by its full name.
absl::Status FixEnum(const EnumDescriptor& type, const std::string& path, const std::string& what,
                     Json& value) {
  if (!value.is_string()) return absl::OkStatus();
  const auto* named = FindEnumValue(type, value.get<std::string>());
  if (named == nullptr) {
    return Bad(what, absl::StrCat(path, " must be one of ", ListValues(type)));
  }
  value = named->name();
  return absl::OkStatus();
}

absl::Status FixMessage(const Descriptor& type, const std::string& path, const std::string& what,
                        Json& value);

absl::Status FixOne(const FieldDescriptor& field, const std::string& path, const std::string& what,
                    Json& value) {
  if (field.enum_type() != nullptr) return FixEnum(*field.enum_type(), path, what, value);
  if (IsLeaf(field) || value.is_null()) return absl::OkStatus();
  return FixMessage(*field.message_type(), path, what, value);
}

absl::Status FixField(const FieldDescriptor& field, const std::string& path,
                      const std::string& what, Json& value) {
  if (!field.is_repeated() || field.is_map()) return FixOne(field, path, what, value);
  if (value.is_null()) return absl::OkStatus();
  if (!value.is_array()) return Bad(what, absl::StrCat(path, " must be an array"));
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string element = absl::StrCat(path, "[", i, "]");
    if (auto status = FixOne(field, element, what, value[i]); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status FixMessage(const Descriptor& type, const std::string& path, const std::string& what,
                        Json& value) {
  if (!value.is_object()) {
    return Bad(what, absl::StrCat(path.empty() ? "the value" : path, " must be an object"));
  }
  for (auto& [name, member] : value.items()) {
    const FieldDescriptor* field = FindMember(type, name);
    const std::string member_path = path.empty() ? name : absl::StrCat(path, ".", name);
    if (field == nullptr) {
      std::vector<std::string> names;
      for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
      return Bad(what, absl::StrCat("no field ", member_path, DidYouMean(name, names)));
    }
    if (auto status = FixField(*field, member_path, what, member); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Puts members into the order of the fields: protobuf prints what is set before what is not.
Json InFieldOrder(const Json& value, const Descriptor& type) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& element : value) out.push_back(InFieldOrder(element, type));
    return out;
  }
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto member = value.find(field.name());
    if (member == value.end()) continue;
    out[field.name()] = IsLeaf(field) ? *member : InFieldOrder(*member, *field.message_type());
  }
  return out;
}

}  // namespace

absl::StatusOr<Json> ParseJson(const std::string& text, const std::string& what) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error ..."
    const std::string message = error.what();
    const std::string::size_type at = message.find("at line");
    return Bad(what,
               absl::StrCat("not JSON, ", at == std::string::npos ? message : message.substr(at)));
  }
}

absl::Status FromJson(Json json, const std::string& what, google::protobuf::Message& message) {
  message.Clear();
  const Descriptor& type = *message.GetDescriptor();
  if (!type.full_name().starts_with("google.protobuf.")) {
    if (auto status = FixMessage(type, "", what, json); !status.ok()) return status;
  }
  const auto status = google::protobuf::util::JsonStringToMessage(json.dump(), &message);
  if (status.ok()) return absl::OkStatus();
  return Bad(what, std::string(status.message().data(), status.message().size()));
}

std::string ToJson(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  // A false or a zero is a value; leaving it out would make every reader of the JSON guess.
  options.always_print_primitive_fields = true;
  std::string out;
  const auto status = google::protobuf::util::MessageToJsonString(message, &out, options);
  if (!status.ok()) return "{}";
  const Descriptor& type = *message.GetDescriptor();
  if (type.full_name().starts_with("google.protobuf.")) return out;
  const Json parsed = Json::parse(out, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() ? InFieldOrder(parsed, type).dump(pretty ? 2 : -1) : out;
}

}  // namespace tenantry::cli
