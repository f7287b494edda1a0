// The derived services, served without generated code: one raw unary callback per schema::Method.
#pragma once

#include <deque>

#include "google/protobuf/dynamic_message.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "server/rpc/call.h"
#include "server/schema/schema.h"

namespace tenantry::rpc {

class DynamicService final : public grpc::Service {
 public:
  // `schema` and `environment` must outlive the service, and the service its server.
  DynamicService(const schema::Schema& schema, CallEnvironment& environment,
                 MetricRegistry& metrics);

 private:
  google::protobuf::DynamicMessageFactory factory_;
  std::deque<MethodEntry> entries_;
};

}  // namespace tenantry::rpc
