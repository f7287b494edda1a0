#include "server/plan/request_path.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace tenantry::plan {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Whether `part` is in `message`; then `path`, which is that of the message, becomes that of the
// part.
bool Find(const Message& message, const Message& part, std::string& path) {
  if (&message == &part) return true;
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  const std::size_t size = path.size();
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&path, size == 0 ? "" : ".", field->name());
      if (field->is_repeated()) absl::StrAppend(&path, "[", i, "]");
      const Message& inner = field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                  : reflection.GetMessage(message, field);
      if (Find(inner, part, path)) return true;
      path.resize(size);
    }
  }
  return false;
}

}  // namespace

std::string PathOf(const Message& request, const Message& part) {
  std::string path;
  return Find(request, part, path) ? path : "";
}

}  // namespace tenantry::plan
