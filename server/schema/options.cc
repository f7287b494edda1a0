#include "server/schema/options.h"

namespace tenantry::schema {
namespace {

// Parses the options again where the generated extensions are known.
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

std::optional<v1::FunctionOptions> FunctionOf(const google::protobuf::MethodDescriptor& method) {
  return Find<v1::FunctionOptions>(method.options(), v1::function);
}

std::optional<std::string> LabelOf(const google::protobuf::EnumValueDescriptor& value) {
  return Find<std::string>(value.options(), v1::label);
}

std::vector<google::api::FieldBehavior> BehaviorOf(const google::protobuf::FieldDescriptor& field) {
  std::vector<google::api::FieldBehavior> behavior;
  const auto known = Known(field.options());
  for (int i = 0; i < known.ExtensionSize(google::api::field_behavior); ++i) {
    behavior.push_back(known.GetExtension(google::api::field_behavior, i));
  }
  return behavior;
}

v1::ValueOptions ValuesOf(const google::protobuf::FieldDescriptor& field) {
  return Find<v1::ValueOptions>(field.options(), v1::value).value_or(v1::ValueOptions());
}

bool IsGenerated(const google::protobuf::FileDescriptorProto& file) {
  return Find<bool>(file.options(), v1::generated).value_or(false);
}

}  // namespace tenantry::schema
