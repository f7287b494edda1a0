// The ways by which a request of a standard method reaches the server.
#pragma once

#include <functional>
#include <string>

#include "tests/support/dynamic_client.h"

namespace tenantry::isolation {

enum class Way {
  kPlain,
  kTransact,  // as the one step of a Transact
  kNamed,     // a write with a request_id
};
inline constexpr Way kWays[] = {Way::kPlain, Way::kTransact, Way::kNamed};

// Makes the call. The result is that of the method, whichever way it came. `new_id` gives the
// request_id of Way::kNamed.
test::CallResult CallBy(Way way, const test::DynamicClient& client, const schema::Method& method,
                        const google::protobuf::Message& request, const test::CallOptions& options,
                        const std::function<std::string()>& new_id);

}  // namespace tenantry::isolation
