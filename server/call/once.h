// Writes that are done once, however often they are sent: those with a request_id.
//
// Before the call's own statements runs one that claims the id, and each of its statements keeps,
// within the same transaction, the rows that the reply is made of. A request that was done before
// is refused by the first statement (TN010). Its reply is then made again from the rows that were
// kept, in a second round trip.
#pragma once

#include <memory>
#include <string>
#include <vector>

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

// The statement that claims it.
pg::Statement ClaimStatement(const RequestClaim& claim);

// Lets the statements of `call` keep their rows. `claim` must outlive the call. `first` is the
// number of its first statement among those of the transaction that keep rows; afterwards it is the
// number of the next call's.
void KeepRows(plan::Call& call, const RequestClaim& claim, std::int64_t& first);

// The statement that reads what was kept.
pg::Statement KeptRowsStatement(const RequestClaim& claim);

// What the caller of a request that was done before is told, where its reply cannot be made again.
inline constexpr std::string_view kRequestDone = "REQUEST_DONE";
absl::Status RequestDone();

// The rows that were kept, for each statement of the calls. Empty when they are those of other
// statements, as after a change of the schema, or not there any more. `kept` must outlive them.
std::vector<std::unique_ptr<codec::KeptRows>> ReadKept(absl::Span<plan::Call* const> calls,
                                                       const Rows& kept);

}  // namespace tenantry::call
