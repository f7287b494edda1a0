#include "server/base/values.h"

#include <algorithm>
#include <string>

#include "server/base/strings.h"

namespace tenantry {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AreDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

// -1, 0 or 1, as the magnitude is less than, equal to or more than the number of these digits.
int CompareMagnitude(const Decimal& decimal, std::string_view digits) {
  if (decimal.whole.size() != digits.size()) {
    return decimal.whole.size() < digits.size() ? -1 : 1;
  }
  if (const int order = decimal.whole.compare(digits); order != 0) return order < 0 ? -1 : 1;
  return decimal.significant_fraction().empty() ? 0 : 1;
}

}  // namespace

std::string_view Decimal::significant_fraction() const {
  // Nothing but zeros: npos + 1 is 0.
  return fraction.substr(0, fraction.find_last_not_of('0') + 1);
}

std::optional<Decimal> ParseDecimal(std::string_view text) {
  Decimal decimal;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    decimal.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  decimal.whole = text.substr(0, point);
  if (point < text.size()) decimal.fraction = text.substr(point + 1);
  if (decimal.whole.empty() && decimal.fraction.empty()) return std::nullopt;
  if (!AreDigits(decimal.whole) || !AreDigits(decimal.fraction)) return std::nullopt;
  decimal.whole.remove_prefix(std::min(decimal.whole.find_first_not_of('0'), decimal.whole.size()));
  return decimal;
}

int Compare(const Decimal& decimal, std::int64_t number) {
  const bool zero = decimal.whole.empty() && decimal.significant_fraction().empty();
  const bool negative = decimal.negative && !zero;
  if (negative != (number < 0)) return negative ? -1 : 1;
  // Not negated as a number: the least one has no positive counterpart.
  std::string digits = std::to_string(number);
  if (negative) digits.erase(0, 1);
  if (digits == "0") digits.clear();
  const int order = CompareMagnitude(decimal, digits);
  return negative ? -order : order;
}

int Compare(const Decimal& a, const Decimal& b) {
  const auto sign = [](const Decimal& decimal) {
    if (decimal.whole.empty() && decimal.significant_fraction().empty()) return 0;
    return decimal.negative ? -1 : 1;
  };
  if (sign(a) != sign(b)) return sign(a) < sign(b) ? -1 : 1;
  int order = a.whole.size() < b.whole.size() ? -1 : a.whole.size() > b.whole.size() ? 1 : 0;
  if (order == 0) order = a.whole.compare(b.whole);
  // Digits behind the point count from the left: `.5` is more than `.45`, as the texts are.
  if (order == 0) order = a.significant_fraction().compare(b.significant_fraction());
  order = order < 0 ? -1 : order > 0 ? 1 : 0;
  return sign(a) < 0 ? -order : order;
}

std::optional<absl::CivilDay> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  for (int i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!IsDigit(text[i])) return std::nullopt;
  }
  // A CivilDay made from numbers would carry 2026-02-30 into March; parsing refuses it.
  absl::CivilDay day;
  if (!absl::ParseCivilTime(ToAbsl(text), &day)) return std::nullopt;
  return day;
}

}  // namespace tenantry
