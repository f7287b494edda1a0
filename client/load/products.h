// Products, which searches look through.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/load/options.h"
#include "client/load/random.h"
#include "grpcpp/channel.h"

namespace tenantry::load {

// A word of the names and descriptions.
absl::string_view ProductWord(Random& random);

// Makes the products that the tenant lacks to `options.rows`.
absl::Status PrepareProducts(const Options& options, const std::string& tenant,
                             const std::shared_ptr<grpc::Channel>& channel);

}  // namespace tenantry::load
