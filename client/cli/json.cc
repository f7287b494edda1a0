#include "client/cli/json.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/names.h"
#include "client/cli/shape.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "server/base/limits.h"

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

// Objects and lists within each other, counted up to one more than are allowed.
std::size_t DepthOf(const Json& value, std::size_t left = limits::kJsonDepthMax) {
  if (!value.is_structured()) return 0;
  std::size_t deepest = 0;
  if (left == 0) return 1;
  for (const Json& member : value) deepest = std::max(deepest, DepthOf(member, left - 1));
  return deepest + 1;
}

absl::Status CheckDepth(const Json& value, const std::string& path, const std::string& what) {
  if (DepthOf(value) <= limits::kJsonDepthMax) return absl::OkStatus();
  return Bad(what,
             absl::StrCat(path.empty() ? "the value" : path, " must not be nested deeper than ",
                          limits::kJsonDepthMax, " objects and lists"));
}

absl::Status FixOne(const FieldDescriptor& field, const std::string& path, const std::string& what,
                    Json& value) {
  if (field.enum_type() != nullptr) return FixEnum(*field.enum_type(), path, what, value);
  if (IsLeaf(field)) return CheckDepth(value, path, what);
  if (value.is_null()) return absl::OkStatus();
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

}  // namespace

absl::Status CheckTextDepth(const std::string& text, const std::string& what) {
  // Deeper text could not even be copied: that takes a call for each level.
  constexpr int kTextDepthMax = 1000;
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  if (deepest <= kTextDepthMax) return absl::OkStatus();
  return Bad(what, absl::StrCat("must not be nested deeper than ", limits::kJsonDepthMax,
                                " objects and lists"));
}

absl::StatusOr<Json> ParseJson(const std::string& text, const std::string& what) {
  if (auto status = CheckTextDepth(text, what); !status.ok()) return status;
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error ..."
    const std::string message = error.what();
    const std::string::size_type at = message.find("at line");
    return Bad(what,
               absl::StrCat("not JSON, ", at == std::string::npos ? message : message.substr(at)));
  } catch (const Json::out_of_range& error) {
    // "[json.exception.out_of_range.406] number overflow parsing '8E335'"
    const std::string message = error.what();
    return Bad(what, absl::StrCat("holds a number that is too large",
                                  message.substr(std::min(message.find(" '"), message.size()))));
  }
}

absl::Status FromJson(Json json, const std::string& what, google::protobuf::Message& message) {
  message.Clear();
  const Descriptor& type = *message.GetDescriptor();
  const bool leaf = type.full_name().starts_with("google.protobuf.");
  const absl::Status fixed = leaf ? CheckDepth(json, "", what) : FixMessage(type, "", what, json);
  if (!fixed.ok()) return fixed;
  const auto status = google::protobuf::util::JsonStringToMessage(json.dump(), &message);
  if (status.ok()) return absl::OkStatus();
  return Bad(what, std::string(status.message().data(), status.message().size()));
}

}  // namespace tenantry::cli
