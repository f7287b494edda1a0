// Names and numbers that derived messages need for fields of their own, beside the fields that
// stand for columns and relations.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The last twelve numbers that a field can have.
inline constexpr int kFirstDerivedNumber = 536870900;

// Why no column can have the name or the number; empty when one can.
std::string WhyReserved(absl::string_view name, int number);
// The same of a relation.
std::string WhyReservedForRelation(const Relation& relation);

}  // namespace tenantry::schema
