// The rows that calls choose from, found or made through the API before measuring.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/load/options.h"
#include "grpcpp/channel.h"

namespace tenantry::load {

struct TenantRows {
  std::string tenant_id;
  std::vector<std::string> ids;  // contacts; may be empty when no method needs any
};

using Dataset = std::vector<TenantRows>;

// Lists each tenant's contacts and makes the missing ones, `options.rows` in all; products too,
// where they are searched.
absl::StatusOr<Dataset> PrepareDataset(const Options& options,
                                       const std::shared_ptr<grpc::Channel>& channel);

}  // namespace tenantry::load
