// Makes names from names: those of the proto files, of the database and of the derived services.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace tenantry::schema {

// PostgreSQL silently cuts identifiers after this many bytes (NAMEDATALEN - 1).
inline constexpr std::size_t kIdentifierBytesMax = 63;

// OrderItem becomes order_item, and HTTPServer http_server. Digits stay with what is before them.
std::string SnakeCase(absl::string_view camel);
// OrderItem becomes ORDER_ITEM.
std::string UpperSnakeCase(absl::string_view camel);
// order_item becomes OrderItem.
std::string CamelCase(absl::string_view snake);
// The name in protobuf's JSON: full_name becomes fullName, and line_1 line1.
std::string JsonName(absl::string_view snake);
// Puts the last word of a snake_case or CamelCase name into the English plural: OrderItem becomes
// OrderItems, category categories, Address Addresses, Person People.
std::string Plural(absl::string_view name);
// The words of a name, for comments: `order item` of OrderItem, `order items` of order_items.
std::string Words(absl::string_view name);

// Whether the name is [a-z_][a-z0-9_]*. Such a name means the same in SQL with and without quotes,
// unless it is a keyword.
bool IsSnakeIdentifier(absl::string_view name);
// Whether the name is [A-Z][A-Za-z0-9]*.
bool IsCamelIdentifier(absl::string_view name);

// Returns the name when it is not too long. A name that is too long becomes its beginning and a
// hash of all of it, so that two long names stay different.
std::string FitIdentifier(std::string name);

// Puts the name into double quotes, and doubles those in it.
std::string QuoteIdentifier(absl::string_view name);
// "schema"."name".
std::string QuoteQualified(absl::string_view schema, absl::string_view name);
// Puts the text into single quotes, and doubles those in it. This is right under
// standard_conforming_strings, which is PostgreSQL's default.
std::string QuoteLiteral(absl::string_view text);

}  // namespace tenantry::schema
