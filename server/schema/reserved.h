// The names and numbers that derived messages need for fields which stand for no column and no
// relation.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The first of the last twelve numbers that a field can have. Derived fields use these.
inline constexpr int kFirstDerivedNumber = 536870900;

// Why no column can have this name or this number. Empty when a column can.
std::string WhyReserved(absl::string_view name, int number);
// The same for a relation.
std::string WhyReservedForRelation(const Relation& relation);

}  // namespace tenantry::schema
