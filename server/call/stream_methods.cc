#include "server/call/stream_methods.h"

#include <memory>

#include "google/protobuf/dynamic_message.h"
#include "server/call/export.h"
#include "server/call/import.h"

namespace tenantry::call {

MethodList StreamMethods(const schema::Schema& schema, Environment& environment,
                         DerivedEnvironment& derived, StreamEnvironment& streams) {
  auto factory = std::make_shared<google::protobuf::DynamicMessageFactory>(&schema.api());
  MethodList methods;
  for (const schema::Method& method : schema.methods()) {
    if (!IsStream(method)) continue;
    methods.push_back(method.descriptor->server_streaming()
                          ? MakeExportMethod(method, factory, environment, derived, streams)
                          : MakeImportMethod(method, factory, environment, derived, streams));
  }
  return methods;
}

}  // namespace tenantry::call
