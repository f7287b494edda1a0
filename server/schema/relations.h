// Builds the relations between tables when all tables are known.
#pragma once

#include <deque>

#include "absl/container/flat_hash_map.h"
#include "server/schema/reporter.h"
#include "server/schema/tables.h"

namespace tenantry::schema {

// When `complete` is false, some files were left out, and unknown targets are not reported.
void BuildRelations(std::deque<TableDraft>& drafts, bool complete, Reporter& reporter);

}  // namespace tenantry::schema
