// Entity-relationship diagrams of a schema, in Mermaid's language.
#pragma once

#include <map>
#include <string>

#include "server/schema/schema.h"

namespace tenantry::migrate {

// One for each of the schema's files, by its name without `.proto`: the tables of that file with
// their columns, and those of other files that they refer to by name alone. The tenant column and
// the reference to the tenant are in every table, so that they are in no diagram.
std::map<std::string, std::string> Diagrams(const schema::Schema& schema);

}  // namespace tenantry::migrate
