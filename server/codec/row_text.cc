// A row's key as text.

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/codec/codec.h"
#include "server/codec/pg_binary.h"

namespace tenantry::codec {
namespace {

using schema::Column;
using schema::Type;

constexpr std::size_t kValueBytesMax = 64;

std::string UuidText(const char* bytes) {
  std::string text(36, '\0');
  FormatUuid(reinterpret_cast<const std::uint8_t*>(bytes), text.data());
  return text;
}

std::string ValueText(const Column& column, const Cell& cell) {
  switch (column.type) {
    case Type::kBool:
      return cell.size == 1 && cell.data[0] != 0 ? "true" : "false";
    case Type::kInt32:
      return cell.size == 4 ? absl::StrCat(ReadBigEndian<std::int32_t>(cell.data)) : "?";
    case Type::kInt64:
      return cell.size == 8 ? absl::StrCat(ReadBigEndian<std::int64_t>(cell.data)) : "?";
    case Type::kUuid:
      if (cell.size != 16) return "?";
      return UuidText(cell.data);
    case Type::kTimestamp:
      if (cell.size != 8) return "?";
      return absl::FormatTime(absl::FromUnixSeconds(kPostgresEpochSeconds) +
                                  absl::Microseconds(ReadBigEndian<std::int64_t>(cell.data)),
                              absl::UTCTimeZone());
    case Type::kFloat:
    case Type::kDouble:
    case Type::kBytes:
      return absl::BytesToHexString(
          absl::string_view(cell.data, std::min<std::size_t>(cell.size, kValueBytesMax / 2)));
    default:
      return std::string(cell.view().substr(0, kValueBytesMax));
  }
}

}  // namespace

std::string KeyText(const plan::Call& call, const Rows& rows, int row) {
  std::string text;
  for (const Column* key : call.plan->method->table->primary_key) {
    if (!text.empty()) text += ",";
    const plan::Columns& columns = call.plan->outputs.columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] != key) continue;
      const Cell cell = rows.at(row, static_cast<int>(i));
      if (!cell.null()) text += ValueText(*key, cell);
    }
  }
  return text;
}

}  // namespace tenantry::codec
