// ToJson: protobuf's JSON mapping, without the depth at which protobuf's own printer gives up.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/fields.h"
#include "client/cli/json.h"
#include "client/cli/select.h"
#include "client/cli/shape.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"

namespace tenantry::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Where in the reply we are, and what could not be printed there.
class Printer {
 public:
  // `select` is what the rows of the reply were selected by, or null.
  explicit Printer(const Message* select) : rows_select_(select) {}

  // Fields in the order of their declaration. A false or a zero is a value; leaving it out would
  // make every reader of the JSON guess. What was not selected has no value.
  Json Fields(const Message& message, const std::string& path, const Message* select) {
    Json out = Json::object();
    const Reflection& reflection = *message.GetReflection();
    const auto& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (select != nullptr && !IsSelected(field, *select)) continue;
      // A method that reads no relations leaves theirs empty, which says nothing about the rows.
      const bool empty = field.is_repeated() && reflection.FieldSize(message, &field) == 0;
      const bool beside = IsRelation(field) || &field == AggregatesOf(type);
      if (empty && select == nullptr && beside) continue;
      const std::string at = path.empty() ? field.name() : absl::StrCat(path, ".", field.name());
      const Message* below = select == nullptr ? nullptr : SelectOf(field, *select);
      if (field.is_map()) {
        out[field.name()] = Map(message, field, at);
      } else if (field.is_repeated()) {
        Json& list = out[field.name()] = Json::array();
        for (int k = 0; k < reflection.FieldSize(message, &field); ++k) {
          list.push_back(Value(message, field, k, absl::StrCat(at, "[", k, "]"), below));
        }
      } else if (!field.has_presence() || reflection.HasField(message, &field)) {
        out[field.name()] = Value(message, field, -1, at, below);
      }
    }
    return out;
  }

  // A message of any type.
  Json Any(const Message& message, const std::string& path, const Message* select = nullptr) {
    const std::string& name = message.GetDescriptor()->full_name();
    if (!name.starts_with("google.protobuf.")) {
      const bool row = message.GetDescriptor()->options().HasExtension(tenantry::v1::resource);
      return Fields(message, path, select == nullptr && row ? rows_select_ : select);
    }
    if (name == "google.protobuf.Struct") return Struct(message, path);
    if (name == "google.protobuf.ListValue") return List(message, path);
    if (name == "google.protobuf.Value") return StructValue(message, path);
    return WellKnown(message, path);
  }

  const absl::Status& status() const { return status_; }

 private:
  void Fail(const std::string& path, const std::string& why) {
    if (!status_.ok()) return;
    status_ = absl::DataLossError(
        absl::StrCat(path.empty() ? "the reply" : path, " cannot be printed: ", why));
  }

  // `index` counts in a repeated field and is -1 in a singular one.
  Json Value(const Message& message, const FieldDescriptor& field, int index,
             const std::string& path, const Message* select = nullptr) {
    const Reflection& r = *message.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return one ? r.GetBool(message, &field) : r.GetRepeatedBool(message, &field, index);
      case FieldDescriptor::CPPTYPE_INT32:
        return one ? r.GetInt32(message, &field) : r.GetRepeatedInt32(message, &field, index);
      case FieldDescriptor::CPPTYPE_UINT32:
        return one ? r.GetUInt32(message, &field) : r.GetRepeatedUInt32(message, &field, index);
      case FieldDescriptor::CPPTYPE_INT64:  // text: JSON's numbers are doubles
        return absl::StrCat(one ? r.GetInt64(message, &field)
                                : r.GetRepeatedInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_UINT64:
        return absl::StrCat(one ? r.GetUInt64(message, &field)
                                : r.GetRepeatedUInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return Number(one ? r.GetFloat(message, &field)
                          : r.GetRepeatedFloat(message, &field, index));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return Number(one ? r.GetDouble(message, &field)
                          : r.GetRepeatedDouble(message, &field, index));
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int number =
            one ? r.GetEnumValue(message, &field) : r.GetRepeatedEnumValue(message, &field, index);
        const auto* value = field.enum_type()->FindValueByNumber(number);
        return value == nullptr ? Json(number) : Json(value->name());
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text =
            one ? r.GetString(message, &field) : r.GetRepeatedString(message, &field, index);
        return field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Any(
            one ? r.GetMessage(message, &field) : r.GetRepeatedMessage(message, &field, index),
            path, select);
    }
    return nullptr;
  }

  // The shortest text that reads as the same number, whole ones without a point.
  template <typename Float>
  static Json Number(Float number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, number);
    return Json::parse(text, end.ptr);
  }

  // In the order of the keys, which protobuf's maps have none of.
  Json Map(const Message& message, const FieldDescriptor& field, const std::string& path) {
    std::map<std::string, Json> entries;
    const auto& entry = *field.message_type();
    const Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const Message& one = reflection.GetRepeatedMessage(message, &field, i);
      const Json key = Value(one, *entry.map_key(), -1, path);
      const std::string name = key.is_string() ? key.get<std::string>() : key.dump();
      entries[name] = Value(one, *entry.map_value(), -1, absl::StrCat(path, ".", name));
    }
    Json out = Json::object();
    for (auto& [name, value] : entries) out[name] = std::move(value);
    return out;
  }

  Json Struct(const Message& message, const std::string& path) {
    return Map(message, *message.GetDescriptor()->FindFieldByNumber(1), path);
  }

  Json List(const Message& message, const std::string& path) {
    Json out = Json::array();
    const FieldDescriptor& values = *message.GetDescriptor()->FindFieldByNumber(1);
    const int size = message.GetReflection()->FieldSize(message, &values);
    for (int i = 0; i < size; ++i) {
      out.push_back(Value(message, values, i, absl::StrCat(path, "[", i, "]")));
    }
    return out;
  }

  Json StructValue(const Message& message, const std::string& path) {
    const auto* kind = message.GetReflection()->GetOneofFieldDescriptor(
        message, message.GetDescriptor()->oneof_decl(0));
    if (kind == nullptr || kind->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return nullptr;
    Json value = Value(message, *kind, -1, path);
    if (kind->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE && value.is_string()) {
      Fail(path, absl::StrCat("JSON has no number ", value.get<std::string>()));
    }
    return value;
  }

  // Timestamps, masks, wrappers and the like.
  Json WellKnown(const Message& message, const std::string& path) {
    std::string text;
    const auto status = google::protobuf::util::MessageToJsonString(message, &text);
    Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (status.ok() && !value.is_discarded()) return value;
    Fail(path, std::string(status.message().data(), status.message().size()));
    return nullptr;
  }

  const Message* const rows_select_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::string> ToJson(const Message& message, bool pretty, const std::string& path,
                                   const Message* select) {
  Printer printer(select);
  const Json json = printer.Any(message, path);
  if (!printer.status().ok()) return printer.status();
  return json.dump(pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tenantry::cli
