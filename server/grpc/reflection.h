// Server reflection, v1 and v1alpha, with which clients such as grpcurl and buf learn the services.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/grpc/raw_service.h"
#include "server/grpc/reflection_source.h"
#include "server/grpc/stream_set.h"

namespace tenantry::rpc {

inline constexpr char kReflectionV1[] = "grpc.reflection.v1.ServerReflection";
inline constexpr char kReflectionV1Alpha[] = "grpc.reflection.v1alpha.ServerReflection";

class ReflectionService final : public RawService {
 public:
  // `services`: the full names that are listed. The pool and `streams` must outlive the service.
  ReflectionService(const google::protobuf::DescriptorPool& schema_pool,
                    std::vector<std::string> services, StreamSet& streams);

 private:
  ReflectionSource source_;
};

}  // namespace tenantry::rpc
