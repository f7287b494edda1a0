// Entity-relationship diagrams of a schema, in Mermaid's language.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/schema/schema.h"

namespace tenantry::migrate {

// One for each of the schema's files, by its name without `.proto`: the tables of that file with
// their columns, and those of other files that they refer to by name alone. The tenant column and
// the reference to the tenant are in every table, so that they are in no diagram.
std::map<std::string, std::string> Diagrams(const schema::Schema& schema);

// `PK`, `FK`, `UK`: which keys the column is in.
std::vector<std::string> KeyMarks(const schema::Table& table, const schema::Column& column);
// Whether there is at most one row for each row referred to.
bool IsOneToOne(const schema::Table& table, const schema::Relation& relation);

}  // namespace tenantry::migrate
