// Which standard methods a table has.
#pragma once

#include <vector>

#include "server/schema/reporter.h"
#include "server/schema/schema.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::schema {

// Those that `options` ask for, or all that fit, in MethodKind order. Reports the ones that do not
// fit. The table's columns, keys and tenant must be set.
std::vector<v1::MethodKind> ChooseMethods(const Table& table, const v1::TableOptions& options,
                                          Reporter& reporter);

bool IsRead(v1::MethodKind kind);
// Whether some method reads the table's rows. Where none does, no relation of another table leads
// to them either, neither in a select nor in a filter.
bool IsRead(const Table& table);

// Numbers of the fields that derivation gives to requests and replies. They are the same for every
// table and are what tells the fields apart: their names can be those of a table or of a column.
namespace field_number {

// Requests of Get and Delete: the columns of the primary key, in its order, from this number on.
inline constexpr int kFirstKey = 1;

inline constexpr int kListPageSize = 1;
inline constexpr int kListPageToken = 2;
inline constexpr int kListFilter = 3;
inline constexpr int kListOrderBy = 4;
inline constexpr int kListShowDeleted = 5;
inline constexpr int kListSkip = 6;
inline constexpr int kListTotal = 7;
inline constexpr int kListSelect = 8;
inline constexpr int kListSearch = 9;  // only where the table can be searched

// Requests of Export; what List has too has the same number there.
inline constexpr int kExportResumeToken = kListPageToken;
inline constexpr int kExportFilter = kListFilter;
inline constexpr int kExportShowDeleted = kListShowDeleted;
inline constexpr int kExportSelect = kListSelect;
inline constexpr int kExportSearch = kListSearch;

// Messages of Import, and its reply.
inline constexpr int kImportRows = 1;
inline constexpr int kImportMode = 2;
inline constexpr int kImportLast = 3;
inline constexpr int kImported = 1;
inline constexpr int kRejected = 2;
inline constexpr int kRejectedRows = 3;

// Requests of Create, Update and Upsert: the row.
inline constexpr int kResource = 1;
inline constexpr int kUpdateMask = 2;
inline constexpr int kIncrement = 3;  // Update
inline constexpr int kChildren = 4;   // Update
inline constexpr int kUpsertConflictKey = 2;
inline constexpr int kUpsertMask = 3;

// In `children`, of each relation: rows to make, entries like the requests of Update, and keys.
inline constexpr int kChangesCreate = 1;
inline constexpr int kChangesUpdate = 2;
inline constexpr int kChangesDelete = 3;

// Requests of batches: the keys, or the requests of the single method.
inline constexpr int kBatchEntries = 1;
inline constexpr int kBatchSelect = 2;

// Requests that name one row. Beyond the columns of any key (at most 32, PostgreSQL's
// INDEX_MAX_KEYS).
inline constexpr int kSelect = 100;
inline constexpr int kRequire = 101;       // Update, Delete and Undelete
inline constexpr int kEtag = 102;          // the same
inline constexpr int kValidateOnly = 103;  // all writes, also of batches
inline constexpr int kRequestId = 104;     // all writes, also of batches

// Requests of UpdateMany and DeleteMany, and their replies.
inline constexpr int kManyFilter = 1;
inline constexpr int kManyMaxAffected = 2;
inline constexpr int kManyResource = 3;
inline constexpr int kManyUpdateMask = 4;
inline constexpr int kManyIncrement = 5;
inline constexpr int kAffected = 1;

// Requests of Aggregate, its replies and their groups.
inline constexpr int kAggregateGroupBy = 1;
inline constexpr int kAggregateMeasures = 2;
inline constexpr int kAggregateFilter = 3;
inline constexpr int kAggregateOrderBy = 4;
inline constexpr int kAggregateShowDeleted = 5;
inline constexpr int kAggregateHaving = 6;
inline constexpr int kAggregateLimit = 7;
inline constexpr int kAggregateSearch = 8;  // only where the table can be searched
inline constexpr int kAggregateGroups = 1;
inline constexpr int kAggregateHasMore = 2;
inline constexpr int kGroupKey = 1;
inline constexpr int kGroupValues = 2;

// In an entry of `group_by`: what is not a relation.
inline constexpr int kGroupByField = 536870909;
inline constexpr int kGroupByUnit = 536870910;
inline constexpr int kGroupByTimeZone = 536870911;

// In a measure.
inline constexpr int kMeasureName = 1;
inline constexpr int kMeasureFunction = 2;
inline constexpr int kMeasureField = 3;
inline constexpr int kMeasureFilter = 4;

// Replies of List, of batches and of Export.
inline constexpr int kRows = 1;
inline constexpr int kNextPageToken = 2;
inline constexpr int kPreviousPageToken = 3;
inline constexpr int kTotalSize = 4;
inline constexpr int kResumeToken = 2;  // of Export

// In the order of a table: what is not a relation.
inline constexpr int kOrderRank = 536870908;  // only where the table can be searched
inline constexpr int kOrderField = 536870909;
inline constexpr int kOrderDirection = 536870910;
inline constexpr int kOrderNulls = 536870911;

// In a select and in the rows that it answers with: what relations to many come to.
inline constexpr int kAggregates = 536870911;

// What selects the rows of a to-many relation.
inline constexpr int kRelationSelect = 1;
inline constexpr int kRelationFilter = 2;
inline constexpr int kRelationOrderBy = 3;
inline constexpr int kRelationLimit = 4;
inline constexpr int kRelationSkip = 5;
inline constexpr int kRelationShowDeleted = 6;

}  // namespace field_number

}  // namespace tenantry::schema
