// The reply of an aggregate.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/base/rows.h"
#include "server/codec/codec.h"
#include "server/plan/plan.h"

namespace tenantry::codec {

// As EncodeReply, of groups. Those that the reply has no room for are left out, and has_more says
// so.
absl::Status EncodeGroups(const plan::Call& call, const Rows& rows, std::size_t bytes_max,
                          std::string& reply, std::vector<LeftOutField>& left_out);

}  // namespace tenantry::codec
