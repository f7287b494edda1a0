// Literals of `default_value` as SQL expressions, for each type (TypeInfo::default_expression). The
// column's type, bounds and lengths must be set.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

absl::StatusOr<std::string> BoolDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> IntegerDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> FloatDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> TextDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> UuidDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> UlidDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> NumericDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> DateDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> BytesDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> TimestampDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> JsonDefault(const Column& column, const std::string& literal);
absl::StatusOr<std::string> EnumDefault(const Column& column, const std::string& literal);

}  // namespace tenantry::schema
