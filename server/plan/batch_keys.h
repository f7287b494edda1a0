// The keys of a BatchGet.
#pragma once

#include "server/plan/statements.h"

namespace tenantry::plan {

// Finds keys that the request has more than once, so that each is asked of the database once: fills
// in the call's `keys` and `row_of`, and takes the repeats out of `rows`. The request is valid.
void FindRepeatedKeys(const schema::Table& table, const RequestFields& fields, Call& call);

}  // namespace tenantry::plan
