// SQL conditions that users write in options (index, check, policy).
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tenantry::schema {

// Why the text cannot be put between parentheses as one expression: a semicolon, a comment,
// unbalanced brackets or quotes. PostgreSQL judges the rest when the migration runs.
std::optional<std::string> WhyNoExpression(absl::string_view sql);

}  // namespace tenantry::schema
