// Some typed calls to a server with the demo data, shown as they happen.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"

namespace tenantry::dev {

// Calls `address` as the tenants acme and globex, and prints requests, replies and times on stdout.
// `pool` is the schema's, which has the messages. It is an error when a call does not end as it
// must: that of the wrong tenant with NOT_FOUND, all others with OK.
absl::Status ShowSampleCalls(const std::string& address,
                             const google::protobuf::DescriptorPool& pool);

}  // namespace tenantry::dev
