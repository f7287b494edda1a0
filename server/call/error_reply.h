// What a status becomes in a reply, whatever the transport.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "server/base/log.h"

namespace tenantry::call {

// The code, a message for people, and as details ErrorInfo, with the request id in its metadata,
// and for bad input BadRequest, with as many violations as fit into a trailer. The messages of
// INTERNAL and UNKNOWN stay in the log. `status` is not OK.
google::rpc::Status ToErrorReply(const absl::Status& status, std::string_view request_id);

// How much a failed call of this code matters to the server's operator.
LogLevel LogLevelOf(absl::StatusCode code);

}  // namespace tenantry::call
