// A query becomes SQL. Pure, and the only place where the SQL of a call is written.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/sql.h"
#include "server/plan/query.h"

namespace tenantry::plan {

// The text is named by its hash, so that the same query made again finds its prepared statement.
// Its results are the columns that the query names, in that order.
std::shared_ptr<const SqlText> Print(const Query& query, const Ending& ending = {});

// Ends a transaction that is only to be tried (kTriedState), behind all other statements of it.
std::shared_ptr<const SqlText> TakeBack();

// The rows that were kept of the request whose id is the parameter: for each statement the
// request's fingerprint, a layout (LayoutOf) and the rows, an array of records.
std::shared_ptr<const SqlText> KeptRows();

// Turns an expression of the type in which values travel into the column's own type. The column's
// precision or varchar(n) is not cast to: the value was checked, and a cast would round or cut
// silently. `array`: the expression is an array of such values.
std::string CastFromTransport(absl::string_view expression, const schema::Column& column,
                              bool array);

}  // namespace tenantry::plan
