// Values -> Postgres binary parameters; Postgres binary rows -> protobuf wire bytes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "server/base/ids.h"
#include "server/base/rows.h"
#include "server/base/sql.h"
#include "server/identity/identity.h"
#include "server/plan/plan.h"

namespace tenantry::codec {

// Appends the call's parameters in the plan's order. Identifiers that the request leaves to us are
// drawn from `ids`. The call was validated, so this cannot fail.
void BindParameters(const plan::Call& call, const identity::TenantId& tenant, IdGenerator& ids,
                    SqlParams& params);

// The reply message's wire bytes, appended to `reply`. NOT_FOUND where the plan says that no row
// (or a missing one of a batch) means it; INTERNAL when a value does not decode.
absl::Status EncodeReply(const plan::Call& call, const Rows& rows, std::string& reply);

// Why `bytes` did not parse as `type`: INVALID_ARGUMENT naming the field whose text is not UTF-8,
// or saying that the bytes are no message at all. At most `violations_max` fields are named.
absl::Status DiagnoseUndecodable(std::string_view bytes, const google::protobuf::Descriptor& type,
                                 std::size_t violations_max);

}  // namespace tenantry::codec
