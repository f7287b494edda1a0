// SQL that users write in options: conditions (index, check, policy), and the queries of views.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tenantry::schema {

// Why the text cannot be put between parentheses as one expression: a semicolon, a comment,
// unbalanced brackets or quotes. PostgreSQL judges the rest when the migration runs.
std::optional<std::string> WhyNoExpression(absl::string_view sql);

// Why the text is no query that names its columns: the same, a beginning other than SELECT or WITH,
// or a `*` that stands for all columns.
std::optional<std::string> WhyNoQuery(absl::string_view sql);

}  // namespace tenantry::schema
