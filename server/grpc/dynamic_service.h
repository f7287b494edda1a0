// The derived services: one raw unary method per schema::Method.
#pragma once

#include <deque>

#include "google/protobuf/dynamic_message.h"
#include "server/grpc/call.h"
#include "server/grpc/raw_service.h"
#include "server/schema/schema.h"

namespace tenantry::rpc {

class DynamicService final : public RawService {
 public:
  // `schema` and `environment` must outlive the service, and the service its server.
  DynamicService(const schema::Schema& schema, CallEnvironment& environment,
                 MetricRegistry& metrics);

 private:
  google::protobuf::DynamicMessageFactory factory_;
  std::deque<MethodEntry> entries_;
};

}  // namespace tenantry::rpc
