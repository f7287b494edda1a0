// Views, in migrations. They hold no data: one that changes its columns is dropped and made again,
// in one transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/migrate/diff_context.h"
#include "server/migrate/statement.h"
#include "server/schema/schema.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// Roles are those of the database, with `role_prefix`.
v1::View ViewModel(const schema::Table& table, std::string_view role_prefix);

// Creates the views and says who may read them. The statements set the search_path meanwhile, for
// as long as the transaction that they are part of.
void EmitViews(const v1::Snapshot& snapshot, Statements& out);

// Those that others read come before those others. What a query says is told by its words, so a
// view may count as read that only has the name of a column.
std::vector<const v1::View*> InOrderOfUse(const v1::Snapshot& snapshot);
// Whether the query has the table's or view's name in it.
bool Reads(const v1::View& view, const std::string& name);

// Of a whole query, as PostgreSQL prints that of a view which EmitViews has made, the one that the
// schema gave. Any other query as it is.
std::string QueryWithin(const std::string& printed);

// `from` is the snapshot before any rename: queries speak of it.
void CompareViews(const v1::Snapshot& from, DiffContext& context);

}  // namespace tenantry::migrate
