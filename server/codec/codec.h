// Turns values into PostgreSQL's binary parameters, and binary rows into protobuf's wire bytes.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "server/base/ids.h"
#include "server/base/rows.h"
#include "server/base/sql.h"
#include "server/identity/identity.h"
#include "server/plan/plan.h"

namespace tenantry::codec {

// Appends the values of one of the call's statements, each the parameter of its slot. `ids` makes
// the identifiers that the request does not bring; those that several statements need are kept in
// the call. The call was validated, so this cannot fail.
void BindParameters(plan::Call& call, const plan::Statement& statement,
                    const identity::TenantId& tenant, IdGenerator& ids, SqlParams& params);

// INVALID_ARGUMENT when the call would insert a row, or answer rows, that are larger than a reply
// may be. `params_bytes`: the size of the parameters of all its statements. To be asked before the
// call goes to the database. Statements that update rows measure them themselves
// (plan/row_size.h).
struct ReplyLimits {
  std::size_t bytes_max;      // of a reply
  std::size_t row_bytes_max;  // of a row in it; below bytes_max by what may stand around the row
};
absl::Status CheckWrittenSize(const plan::Call& call, std::size_t params_bytes, ReplyLimits limits);
// Bytes of the rows that the call inserts and that its reply holds whole, however large they are.
// The row of a call that makes one row is not among them: its large values may be left out.
std::size_t WrittenRowsBytes(const plan::Call& call);

// A field that the reply does not have, as if it were NULL or empty, or that has not all that the
// row has.
struct LeftOutField {
  enum class Why {
    kUnreadable,  // the API cannot say the value: an array with a NULL in it, an infinite time
    // A label of an enum that the schema does not have, as one that a migration has added before
    // this server is replaced. The zero value stands for it.
    kUnknownLabel,
    kTooLarge,  // the row was too large for any reply, and this was one of its largest values
  };
  int row;                           // of the call's own statement
  const schema::Table* table;        // whose field it is: the statement's, or that of a relation
  const schema::Column* column;      // null when it is a relation
  const schema::Relation* relation;  // to many; null when it is a column
  Why why;
};

// Writes the reply message's wire bytes into `reply`, which is empty. `results` has one for each of
// the call's statements, in their order.
//
// A page ends before its reply is larger than `bytes_max`. Any other read fails as soon as it is:
// RESOURCE_EXHAUSTED with reason ROW_TOO_LARGE or REPLY_TOO_LARGE. A write has been committed by
// now and does not fail. NOT_FOUND says that there is no row, or not all rows of a batch. A value
// that the API cannot say is left out alone and added to `left_out`, also in the rows of relations.
absl::Status EncodeReply(const plan::Call& call, absl::Span<const Rows* const> results,
                         std::size_t bytes_max, std::string& reply,
                         std::vector<LeftOutField>& left_out);

// The primary key, as text for the log, of a row of the call's own statement.
std::string KeyText(const plan::Call& call, const Rows& rows, int row);

// Why `bytes` did not parse as `type`. INVALID_ARGUMENT names the fields whose text is not UTF-8,
// at most `violations_max` of them, or says that the bytes are no such message.
absl::Status DiagnoseUndecodable(std::string_view bytes, const google::protobuf::Descriptor& type,
                                 std::size_t violations_max);

}  // namespace tenantry::codec
