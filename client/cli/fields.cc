#include "client/cli/fields.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/names.h"
#include "google/protobuf/descriptor.pb.h"
#include "tenantry/v1/options.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;
using tenantry::v1::ColumnOptions;

const ColumnOptions& OptionsOf(const FieldDescriptor& field) {
  return field.options().GetExtension(tenantry::v1::column);
}

bool IsText(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

std::string BaseType(const FieldDescriptor& field) {
  switch (OptionsOf(field).type()) {
    case tenantry::v1::COLUMN_TYPE_UUID:
      return "uuid";
    case tenantry::v1::COLUMN_TYPE_ULID:
      return "ulid";
    case tenantry::v1::COLUMN_TYPE_NUMERIC:
      return "numeric";
    case tenantry::v1::COLUMN_TYPE_DATE:
      return "date";
    default:
      break;
  }
  if (field.enum_type() != nullptr)
    return absl::StrCat("enum(", ListValues(*field.enum_type()), ")");
  if (field.message_type() == nullptr) return field.type_name();
  const std::string& name = field.message_type()->full_name();
  if (name == "google.protobuf.Timestamp") return "timestamp";
  if (name == "google.protobuf.Struct" || name == "google.protobuf.Value") return "json";
  return name;
}

}  // namespace

bool IsRequired(const FieldDescriptor& field) {
  const ColumnOptions& options = OptionsOf(field);
  if (!options.default_value().empty() || options.managed() != 0 || field.is_repeated())
    return false;
  if (field.has_presence()) return options.not_null();
  return IsText(field) || field.enum_type() != nullptr;
}

std::string LimitsOf(const FieldDescriptor& field) {
  const ColumnOptions& options = OptionsOf(field);
  std::vector<std::string> parts;
  if (options.min_length() > 0 && options.min_length() == options.max_length()) {
    parts.push_back(absl::StrCat(options.max_length(), " characters"));
  } else {
    if (options.min_length() > 0) {
      parts.push_back(absl::StrCat("at least ", options.min_length(), " characters"));
    }
    if (options.max_length() > 0) {
      parts.push_back(absl::StrCat("at most ", options.max_length(), " characters"));
    }
  }
  if (options.has_minimum()) parts.push_back(absl::StrCat("from ", options.minimum()));
  if (options.has_maximum()) parts.push_back(absl::StrCat("up to ", options.maximum()));
  return absl::StrJoin(parts, ", ");
}

std::string DefaultOf(const FieldDescriptor& field) {
  const std::string& value = OptionsOf(field).default_value();
  if (field.enum_type() == nullptr || value.empty()) return value;
  const auto* named = field.enum_type()->FindValueByName(value);
  return named == nullptr ? value : ShortName(*named);
}

std::string TypeOf(const FieldDescriptor& field) {
  return absl::StrCat(BaseType(field), field.is_repeated() && !field.is_map() ? "[]" : "");
}

std::string ValueWord(const FieldDescriptor& field) {
  if (field.enum_type() != nullptr) {
    return absl::StrReplaceAll(ListValues(*field.enum_type()), {{", ", "|"}});
  }
  if (field.message_type() != nullptr) {
    return field.message_type()->full_name() == "google.protobuf.Timestamp" ? "TIME" : "JSON";
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      // Where false differs from nothing, it must be possible to say it.
      return field.has_presence() ? "true|false" : "";
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string type = BaseType(field);
      if (type == "bytes") return "BASE64";
      return type == "string" ? "TEXT" : absl::AsciiStrToUpper(type);
    }
    default:
      return "NUMBER";
  }
}

}  // namespace tenantry::cli
