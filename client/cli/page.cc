#include "client/cli/page.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Null when there is no such field.
const FieldDescriptor* FieldOf(const Descriptor& reply, const char* name,
                               FieldDescriptor::CppType type) {
  const FieldDescriptor* field = reply.FindFieldByName(name);
  return field != nullptr && !field->is_repeated() && field->cpp_type() == type ? field : nullptr;
}

const FieldDescriptor* PreviousTokenOf(const Descriptor& reply) {
  return FieldOf(reply, "previous_page_token", FieldDescriptor::CPPTYPE_STRING);
}

std::string TextOf(const Message& reply, const FieldDescriptor* field) {
  return field == nullptr ? std::string() : reply.GetReflection()->GetString(reply, field);
}

}  // namespace

const FieldDescriptor* NextTokenOf(const Descriptor& reply) {
  return FieldOf(reply, "next_page_token", FieldDescriptor::CPPTYPE_STRING);
}

void TellPage(const Message& reply, std::ostream& out) {
  const Descriptor& type = *reply.GetDescriptor();
  const FieldDescriptor* total = FieldOf(type, "total_size", FieldDescriptor::CPPTYPE_INT64);
  if (total != nullptr && reply.GetReflection()->HasField(reply, total)) {
    out << "total: " << reply.GetReflection()->GetInt64(reply, total) << "\n";
  }
  const std::string before = TextOf(reply, PreviousTokenOf(type));
  if (!before.empty()) out << "before: --page-token " << before << "\n";
  const std::string after = TextOf(reply, NextTokenOf(type));
  if (!after.empty()) out << "more: --page-token " << after << "  or --all\n";
}

void ClearTokens(Message& reply) {
  for (const auto* token :
       {NextTokenOf(*reply.GetDescriptor()), PreviousTokenOf(*reply.GetDescriptor())}) {
    if (token != nullptr) reply.GetReflection()->ClearField(&reply, token);
  }
}

}  // namespace tenantry::cli
