// Literals of `default_value` as SQL expressions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The literal as an expression of the column's type, as in `'individual'::"saas"."contact_type"`.
// The column's type, bounds and lengths must be set. The status message says what is wrong with it.
absl::StatusOr<std::string> DefaultExpression(const Column& column, const std::string& literal);

}  // namespace tenantry::schema
