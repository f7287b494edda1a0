// Which relations a write takes rows of.
#pragma once

#include "server/schema/schema.h"

namespace tenantry::schema {

// Whether a Create takes new rows of the relation: those that will refer to the new row, or the one
// that it will refer to. The other table must have Create, so that nothing is made here that could
// not be made there, and callers must be able to set the columns of both sides: one of them is
// filled from the other.
bool IsCreatable(const Relation& relation);

// Whether an Update of the table takes changes to the rows of the relation: rows that refer to the
// table's by columns of its key, which the Update's request holds. The other table must have the
// methods that make, change or delete its rows one by one.
bool IsUpdatable(const Table& table, const Relation& relation);

}  // namespace tenantry::schema
