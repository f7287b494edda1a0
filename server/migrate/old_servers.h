// What servers of the old schema cannot do any more once something is new or gone: they are still
// running while a roll-out is under way.
#pragma once

#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// Whether a row that an old server writes may be refused by something new. `before` is the table
// with its new names.
bool MayRefuseOldRows(const v1::Table& before, const v1::Index& unique_key);
bool MayRefuseOldRows(const v1::Table& before, const v1::Check& check);
// The same for a row that an old server writes, or deletes, at the other end.
bool MayRefuseOldRows(const v1::Table& before, const v1::ForeignKey& key);

// Whether an Upsert by `unique_key` still finds an index in the new table: of the same columns, and
// for the same rows at least.
bool KeepsConflictTarget(const v1::Table& after, const v1::Index& unique_key);

}  // namespace tenantry::migrate
