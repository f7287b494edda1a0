#include "client/cli/fields.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/names.h"
#include "google/protobuf/descriptor.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;

std::string BaseType(const FieldDescriptor& field) {
  switch (FormatOf(field)) {
    case tenantry::v1::FORMAT_UUID:
      return "uuid";
    case tenantry::v1::FORMAT_ULID:
      return "ulid";
    case tenantry::v1::FORMAT_NUMERIC:
      return "numeric";
    case tenantry::v1::FORMAT_DATE:
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

// A format of text by its name: `email`, `time zone`. Empty for those that are types (BaseType).
std::string FormatWords(tenantry::v1::Format format) {
  if (format < tenantry::v1::FORMAT_EMAIL) return "";
  std::string name = absl::AsciiStrToLower(tenantry::v1::Format_Name(format));
  return absl::StrReplaceAll(name, {{"format_", ""}, {"_", " "}});
}

void AddDeclared(const tenantry::v1::ValueOptions& options, std::vector<std::string>& parts) {
  const auto add = [&](const char* words, const std::string& what, const char* after = "") {
    if (!what.empty()) parts.push_back(absl::StrCat(words, what, after));
  };
  const auto number = [](int items) { return items == 0 ? "" : absl::StrCat(items); };
  add("", FormatWords(options.format()));
  add("more than ", options.gt());
  add("from ", options.gte());
  add("less than ", options.lt());
  add("up to ", options.lte());
  add("matches ", options.pattern());
  add("one of ", absl::StrJoin(options.in(), " "));
  add("at least ", number(options.min_items()), " elements");
  add("at most ", number(options.max_items()), " elements");
}

}  // namespace

bool HasBehavior(const FieldDescriptor& field, google::api::FieldBehavior behavior) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

bool IsRelation(const FieldDescriptor& field) {
  return field.message_type() != nullptr &&
         field.message_type()->options().HasExtension(tenantry::v1::resource) &&
         field.containing_type()->options().HasExtension(tenantry::v1::resource);
}

tenantry::v1::Format FormatOf(const FieldDescriptor& field) {
  return field.options().GetExtension(tenantry::v1::value).format();
}

std::string LimitsOf(const FieldDescriptor& field) {
  const auto& options = field.options().GetExtension(tenantry::v1::value);
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
  AddDeclared(options, parts);
  return absl::StrJoin(parts, ", ");
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
