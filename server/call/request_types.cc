#include "server/call/request_types.h"

namespace tenantry::call {
namespace {

// Bytes of a name that is told back to who sent it.
constexpr std::size_t kTypeBytesMax = 200;

std::string_view TypeOf(const google::protobuf::Any& message) {
  const std::string_view url = message.type_url();
  return url.substr(url.rfind('/') + 1);
}

}  // namespace

RequestTypes::RequestTypes(const schema::Schema& schema) : factory_(&schema.api()) {
  for (const schema::Method& method : schema.methods()) {
    methods_[method.descriptor->input_type()->full_name()] = &method;
  }
}

const schema::Method* RequestTypes::Find(const google::protobuf::Any& request) const {
  const auto found = methods_.find(std::string(TypeOf(request)));
  return found == methods_.end() ? nullptr : found->second;
}

std::unique_ptr<google::protobuf::Message> RequestTypes::NewRequest(
    const schema::Method& method) const {
  return std::unique_ptr<google::protobuf::Message>(
      factory_.GetPrototype(method.descriptor->input_type())->New());
}

std::string TypeToTell(const google::protobuf::Any& message) {
  const std::string_view type = TypeOf(message);
  return type.size() <= kTypeBytesMax ? std::string(type) : "this type";
}

}  // namespace tenantry::call
