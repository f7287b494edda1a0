#include "tests/support/saas_schema.h"

#include <cstdio>
#include <cstdlib>

#include "google/protobuf/text_format.h"

namespace tenantry::testing {
namespace {

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

const schema::Schema& Load(const schema::Source& source) {
  auto schema = schema::Schema::Load(source);
  if (!schema.ok()) Die(std::string(schema.status().message()));
  return *schema->release();  // lives as long as the binary
}

}  // namespace

std::string SourceDir() {
  const char* dir = std::getenv("TENANTRY_SOURCE_DIR");
  return dir == nullptr ? "." : dir;
}

const schema::Schema& SaasSchema() {
  static const schema::Schema& schema =
      Load({SourceDir() + "/proto", SourceDir() + "/sql/functions"});
  return schema;
}

const schema::Schema& LedgerSchema() {
  static const schema::Schema& schema = Load({SourceDir() + "/tests/support/schemas"});
  return schema;
}

const schema::Method& MethodNamed(const schema::Schema& schema, std::string_view rpc) {
  for (const schema::Method& method : schema.methods()) {
    if (method.descriptor->name() == rpc) return method;
  }
  Die("no rpc " + std::string(rpc));
}

std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type) {
  static auto& factory = *new google::protobuf::DynamicMessageFactory();
  return std::unique_ptr<google::protobuf::Message>(factory.GetPrototype(&type)->New());
}

std::unique_ptr<google::protobuf::Message> MakeRequest(const schema::Method& method,
                                                       std::string_view text) {
  auto request = NewMessage(*method.descriptor->input_type());
  if (!google::protobuf::TextFormat::ParseFromString(std::string(text), request.get())) {
    Die("request does not parse: " + std::string(text));
  }
  return request;
}

}  // namespace tenantry::testing
