// Whether a database's column is enough for a schema's column.
//
// "Migrate first, then replace": while servers are replaced, the old ones run on the new tables. So
// a column need not be equal to the schema's. It must hold whatever the server writes, and give
// back what the server can read.
#pragma once

#include <string>

#include "server/schema/schema.h"

namespace tenantry::migrate {

struct TypeName {
  std::string schema, name;
  std::string modifier;  // `50` of varchar(50), `10,2` of numeric(10,2), empty for none
  friend bool operator==(const TypeName&, const TypeName&) = default;
  std::string ToString() const;
};

// As the catalog has it.
struct DatabaseColumn {
  TypeName type;
  bool not_null = false;
  bool has_default = false;  // or is an identity column
  bool generated = false;    // computed by the database
};

// The type of a schema's column, as the catalog names it.
TypeName CatalogType(const schema::Column& column);

// Whether `found` holds every value of `wanted`, in a form that the server reads as `wanted`.
bool Holds(const TypeName& found, const TypeName& wanted);

// What `found` lacks for the server, as the end of a sentence that begins with the column's name;
// empty when it is enough.
// `generated`: the schema's column is computed by the database.
std::string WhyNotEnough(const DatabaseColumn& found, const TypeName& wanted, bool not_null,
                         bool generated);

}  // namespace tenantry::migrate
