// Writes that are done once, however often they are sent: those with a request_id.
//
// Each statement of the call keeps, within its transaction, the rows that the reply is made of. A
// request that was done before is refused there (TN010), or already by what it meets of its own
// first time: its key is taken, its row is gone. So after a refusal a second round trip looks for
// what was kept, and the reply is made again from that.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "server/base/rows.h"
#include "server/codec/kept_rows.h"
#include "server/identity/identity.h"
#include "server/pg/executor.h"
#include "server/plan/plan.h"

namespace tenantry::call {

// Which request this is: its id, and what it asks for.
struct RequestClaim {
  std::string id;           // 16 bytes
  std::string fingerprint;  // 32 bytes
};

// `path`: of the method. The fingerprint is the same for requests that mean the same to every
// server: fields are written in the order of their numbers, and the entries of maps in that of
// their keys.
RequestClaim ClaimOf(std::string id, std::string_view path,
                     const google::protobuf::Message& request, const identity::Identity& identity);

// Lets the statements of `call` keep their rows. `claim` must outlive the call. `first` is the
// number of its first statement among those of the transaction that keep rows; afterwards it is the
// number of the next call's.
void KeepRows(plan::Call& call, const RequestClaim& claim, std::int64_t& first);

// The statement that reads what was kept.
pg::Statement KeptRowsStatement(const RequestClaim& claim);

// Whether a request with this outcome may have been done before. It was not OK.
bool MayHaveBeenDone(const absl::Status& outcome);

// The rows that were kept, for each statement of the calls, which `kept` must outlive: those of the
// statement that reads them. `refused`: what the request was refused with, which is the error where
// nothing was kept. Other errors: REQUEST_ID_REUSED; REQUEST_DONE where the rows are those of other
// statements, as after a change of the schema.
using KeptResults = std::vector<std::unique_ptr<codec::KeptRows>>;
absl::StatusOr<KeptResults> ReadKept(const RequestClaim& claim, absl::Span<plan::Call* const> calls,
                                     const Rows& kept, const absl::Status& refused);

}  // namespace tenantry::call
