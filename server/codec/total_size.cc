#include "server/codec/total_size.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/strings.h"
#include "server/codec/pg_binary.h"

namespace tenantry::codec {

std::optional<std::int64_t> CountedRows(const Rows& rows) {
  if (rows.row_count() != 1 || rows.at(0, 0).size != 8) return std::nullopt;
  return ReadBigEndian<std::int64_t>(rows.at(0, 0).data);
}

// The plan of the statement itself comes first in the text, before those that it is made of.
std::optional<std::int64_t> EstimatedRows(const Rows& rows) {
  constexpr std::string_view kName = "\"Plan Rows\": ";
  if (rows.row_count() == 0 || rows.at(0, 0).null()) return std::nullopt;
  const std::string_view text = rows.at(0, 0).view();
  const std::size_t name = text.find(kName);
  if (name == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(name + kName.size());
  std::int64_t estimate = 0;
  if (!absl::SimpleAtoi(ToAbsl(rest.substr(0, rest.find_first_not_of("0123456789"))), &estimate)) {
    return std::nullopt;
  }
  return estimate;
}

}  // namespace tenantry::codec
