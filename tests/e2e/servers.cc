#include "tests/e2e/servers.h"

#include "google/protobuf/text_format.h"

namespace tenantry::e2e {

std::string Value(const Message& message, std::string_view path) {
  const std::size_t dot = path.find('.');
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr) return "no such field";
  const auto* r = message.GetReflection();
  if (field->has_presence() && !r->HasField(message, field)) return "unset";
  if (dot != std::string_view::npos) {
    return Value(r->GetMessage(message, field), path.substr(dot + 1));
  }
  if (field->is_repeated()) return std::to_string(r->FieldSize(message, field));
  if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return r->GetString(message, field);
  }
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, field, -1, &text);
  return text;
}

}  // namespace tenantry::e2e
