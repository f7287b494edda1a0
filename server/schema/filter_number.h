// The numbers of the fields of filters, both those of tenantry/v1/query.proto and those that are
// derived.
#pragma once

namespace tenantry::schema::filter_number {

// Operators on a value.
inline constexpr int kEqual = 1;
inline constexpr int kNotEqual = 2;
inline constexpr int kIn = 3;
inline constexpr int kNotIn = 4;
inline constexpr int kIsNull = 5;
inline constexpr int kLess = 6;
inline constexpr int kLessOrEqual = 7;
inline constexpr int kGreater = 8;
inline constexpr int kGreaterOrEqual = 9;
inline constexpr int kBetween = 10;

// On text.
inline constexpr int kLike = 11;
inline constexpr int kILike = 12;
inline constexpr int kContains = 13;
inline constexpr int kIContains = 14;
inline constexpr int kStartsWith = 15;
inline constexpr int kIStartsWith = 16;
inline constexpr int kEndsWith = 17;
inline constexpr int kIEndsWith = 18;

// On lists and JSON objects.
inline constexpr int kHasAll = 20;  // `contains`
inline constexpr int kOverlaps = 21;
inline constexpr int kContainedBy = 22;
inline constexpr int kIsEmpty = 23;
inline constexpr int kLength = 24;
inline constexpr int kHasKey = 25;
inline constexpr int kHasAnyKey = 26;
inline constexpr int kHasAllKeys = 27;
inline constexpr int kAt = 28;

// On a place within a JSON object, beside kEqual and kNotEqual.
inline constexpr int kExists = 30;
inline constexpr int kPath = 31;

// Of a list of values, and of a range.
inline constexpr int kValues = 1;
inline constexpr int kFrom = 1;
inline constexpr int kTo = 2;

// In the filter of a table: what is not a column or a relation.
inline constexpr int kAllOf = 536870909;
inline constexpr int kAnyOf = 536870910;
inline constexpr int kNoneOf = 536870911;

// In the filter of the rows of a relation.
inline constexpr int kSome = 1;
inline constexpr int kNone = 2;
inline constexpr int kEvery = 3;

}  // namespace tenantry::schema::filter_number
