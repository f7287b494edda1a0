#include "server/call/handlers.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "server/base/strings.h"

namespace tenantry::call {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;

[[noreturn]] void Refuse(std::string_view name, std::string_view why) {
  throw std::logic_error(absl::StrCat("hand-written method ", ToAbsl(name), ": ", ToAbsl(why)));
}

const MethodDescriptor& Find(std::string_view name, const Descriptor& request) {
  std::string full_name(name);
  const std::size_t slash = full_name.find('/');
  if (slash == std::string::npos) Refuse(name, "a name is package.Service/Method");
  full_name[slash] = '.';
  const MethodDescriptor* method = request.file()->pool()->FindMethodByName(full_name);
  if (method == nullptr) Refuse(name, "no .proto file that is compiled in has it");
  return *method;
}

void Require(std::string_view name, const char* what, const Descriptor& declared,
             const Descriptor& given) {
  if (&declared == &given) return;
  Refuse(name, absl::StrCat("its ", what, " is ", declared.full_name(), ", and the function's is ",
                            given.full_name()));
}

}  // namespace

std::string Handlers::AddPath(std::string_view name, const Descriptor& request,
                              const Descriptor& reply) {
  const MethodDescriptor& method = Find(name, request);
  Require(name, "request", *method.input_type(), request);
  Require(name, "reply", *method.output_type(), reply);
  if (method.client_streaming() || method.server_streaming()) Refuse(name, "it is a stream");
  std::string path = absl::StrCat("/", ToAbsl(name));
  if (!paths_.insert(path).second) Refuse(name, "it was added twice");
  services_.insert(method.service()->full_name());
  return path;
}

}  // namespace tenantry::call
