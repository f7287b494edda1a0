// Names made from names: the proto's, the database's, the derived services'.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace tenantry::schema {

// PostgreSQL cuts identifiers after this many bytes (NAMEDATALEN - 1), silently.
inline constexpr std::size_t kIdentifierBytesMax = 63;

// OrderItem -> order_item, HTTPServer -> http_server. Digits stay with what precedes them.
std::string SnakeCase(absl::string_view camel);
// OrderItem -> ORDER_ITEM.
std::string UpperSnakeCase(absl::string_view camel);
// order_item -> OrderItem.
std::string CamelCase(absl::string_view snake);
// The name as protobuf's JSON writes it: full_name -> fullName, line_1 -> line1.
std::string JsonName(absl::string_view snake);
// English plural of the last word of a snake_case or CamelCase name: OrderItem -> OrderItems,
// category -> categories, Address -> Addresses, Person -> People.
std::string Plural(absl::string_view name);
// OrderItem -> `order item`, order_items -> `order items`: for comments.
std::string Words(absl::string_view name);

// A lower_snake_case identifier: [a-z_][a-z0-9_]*. Such a name means the same in SQL with and
// without quotes, unless it is a keyword.
bool IsSnakeIdentifier(absl::string_view name);
// [A-Z][A-Za-z0-9]*.
bool IsCamelIdentifier(absl::string_view name);

// The name, or where it is too long its beginning and a hash of it all: two long names stay two.
std::string FitIdentifier(std::string name);

// "name", quotes doubled.
std::string QuoteIdentifier(absl::string_view name);
// "schema"."name".
std::string QuoteQualified(absl::string_view schema, absl::string_view name);
// 'text', quotes doubled; right under standard_conforming_strings, PostgreSQL's default.
std::string QuoteLiteral(absl::string_view text);

}  // namespace tenantry::schema
