#include "server/schema/options.h"

namespace tenantry::schema {
namespace {

// Parsed anew with the generated extensions in sight.
template <typename Options>
Options Known(const Options& options) {
  Options known;
  known.ParsePartialFromString(options.SerializePartialAsString());
  return known;
}

template <typename Value, typename Options, typename Extension>
std::optional<Value> Find(const Options& options, const Extension& extension) {
  Options known = Known(options);
  if (!known.HasExtension(extension)) return std::nullopt;
  return known.GetExtension(extension);
}

}  // namespace

v1::DatabaseOptions DatabaseOf(const google::protobuf::FileDescriptor& file) {
  return Find<v1::DatabaseOptions>(file.options(), v1::database).value_or(v1::DatabaseOptions());
}

std::optional<v1::TableOptions> TableOf(const google::protobuf::Descriptor& message) {
  return Find<v1::TableOptions>(message.options(), v1::table);
}

v1::ColumnOptions ColumnOf(const google::protobuf::FieldDescriptor& field) {
  return Find<v1::ColumnOptions>(field.options(), v1::column).value_or(v1::ColumnOptions());
}

v1::EnumTypeOptions EnumTypeOf(const google::protobuf::EnumDescriptor& type) {
  return Find<v1::EnumTypeOptions>(type.options(), v1::enum_type).value_or(v1::EnumTypeOptions());
}

std::optional<std::string> LabelOf(const google::protobuf::EnumValueDescriptor& value) {
  return Find<std::string>(value.options(), v1::label);
}

bool HasDerivedMethod(const google::protobuf::FileDescriptorProto& file) {
  for (const auto& service : file.service()) {
    for (const auto& method : service.method()) {
      if (Find<v1::MethodOptions>(method.options(), v1::method).has_value()) return true;
    }
  }
  return false;
}

}  // namespace tenantry::schema
