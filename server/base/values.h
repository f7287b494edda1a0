// Values that travel as text: decimal numbers and dates. (Identifiers are in ids.h.)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/civil_time.h"

namespace tenantry {

// A number in plain decimal notation. Points into the text that was parsed.
struct Decimal {
  bool negative = false;
  std::string_view whole;     // digits before the point, without leading zeros
  std::string_view fraction;  // digits after the point, as they were written

  // The fraction without trailing zeros.
  std::string_view significant_fraction() const;
};

// `-12.50`, `+3`, `.5`; nothing for anything else: no exponents, no NaN, no infinity, no blanks.
std::optional<Decimal> ParseDecimal(std::string_view text);

// Exactly, however many digits there are: below zero when the decimal is less than the number, zero
// when they are equal, above zero when it is more.
int Compare(const Decimal& decimal, std::int64_t number);
int Compare(const Decimal& a, const Decimal& b);

// A date written YYYY-MM-DD that the calendar has; the year can be 0000.
std::optional<absl::CivilDay> ParseDate(std::string_view text);

}  // namespace tenantry
