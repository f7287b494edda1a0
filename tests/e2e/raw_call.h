// One gRPC call written by hand, frame by frame: for headers that gRPC's own clients would not
// send.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tenantry::e2e {

using Headers = std::vector<std::pair<std::string, std::string>>;

// What the server sent for a call of `path` with an empty request: true and the reply's bytes, or
// false when it ended the call without a reply. `address` is host:port. Names and values are at
// most 126 bytes long.
std::pair<bool, std::string> CallWithHeaders(const std::string& address, const std::string& path,
                                             const Headers& headers);

}  // namespace tenantry::e2e
