#include "server/pg/statement_values.h"

#include <bit>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/base/ids.h"

namespace tenantry::pg {
namespace {

// src/include/catalog/pg_type.dat: these numbers never change.
enum Type : std::uint32_t {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kJson = 114,
  kFloat4 = 700,
  kFloat8 = 701,
  kBpchar = 1042,
  kVarchar = 1043,
  kTimestamp = 1114,
  kTimestamptz = 1184,
  kUuid = 2950,
  kJsonb = 3802,
  kFirstOfDatabase = 16384,  // FirstNormalObjectId: types that were created since initdb
};

constexpr std::int64_t kPostgresEpochSeconds = 946684800;  // 2000-01-01 in Unix time

std::uint64_t BigEndian(Cell cell) {
  std::uint64_t value = 0;
  for (char byte : cell.view()) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

void AddParam(SqlParams& params, std::string_view value) {
  // libpq reads text up to the first zero byte. PostgreSQL refuses one, which the caller should
  // see.
  if (value.find('\0') == std::string_view::npos) {
    params.AddText(value);
  } else {
    params.AddBinary(value);
  }
}

void AddParam(SqlParams& params, Bytes value) { params.AddBinary(value.view); }

void AddParam(SqlParams& params, double value) {
  char text[32];  // 17 digits give back every double
  std::snprintf(text, sizeof text, "%.17g", value);
  params.AddText(text);
}

void AddParam(SqlParams& params, absl::Time value) {
  if (value == absl::InfiniteFuture()) return params.AddText("infinity");
  if (value == absl::InfinitePast()) return params.AddText("-infinity");
  params.AddText(absl::FormatTime(absl::RFC3339_full, value, absl::UTCTimeZone()));
}

void AddParam(SqlParams& params, const identity::TenantId& value) {
  params.AddText(value.ToString());
}

bool ReadColumn(std::uint32_t type, Cell cell, bool& value) {
  if (type != kBool || cell.size != 1) return false;
  value = *cell.data != 0;
  return true;
}

bool ReadColumn(std::uint32_t type, Cell cell, std::int64_t& value) {
  if (cell.null()) return false;
  switch (type) {
    case kInt2:
      value = static_cast<std::int16_t>(BigEndian(cell));
      return true;
    case kInt4:
      value = static_cast<std::int32_t>(BigEndian(cell));
      return true;
    case kInt8:
      value = static_cast<std::int64_t>(BigEndian(cell));
      return true;
    default:
      return false;
  }
}

bool ReadColumn(std::uint32_t type, Cell cell, std::int32_t& value) {
  std::int64_t wide = 0;
  if (!ReadColumn(type, cell, wide)) return false;
  value = static_cast<std::int32_t>(wide);
  return value == wide;
}

bool ReadColumn(std::uint32_t type, Cell cell, double& value) {
  if (cell.null()) return false;
  if (type == kFloat8) {
    value = std::bit_cast<double>(BigEndian(cell));
    return true;
  }
  if (type == kFloat4) {
    value = std::bit_cast<float>(static_cast<std::uint32_t>(BigEndian(cell)));
    return true;
  }
  return false;
}

bool ReadColumn(std::uint32_t type, Cell cell, std::string& value) {
  if (cell.null()) return false;
  switch (type) {
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
    case kJson:
    case kBytea:
      value = cell.view();
      return true;
    case kJsonb:
      value = cell.view().substr(1);  // the version of the format
      return true;
    case kUuid:
      value.resize(36);
      FormatUuid(reinterpret_cast<const std::uint8_t*>(cell.data), value.data());
      return true;
    default:
      value = cell.view();
      return type >= kFirstOfDatabase;
  }
}

bool ReadColumn(std::uint32_t type, Cell cell, absl::Time& value) {
  if (cell.null() || (type != kTimestamptz && type != kTimestamp)) return false;
  const auto micros = static_cast<std::int64_t>(BigEndian(cell));
  if (micros == std::numeric_limits<std::int64_t>::max()) {
    value = absl::InfiniteFuture();
  } else if (micros == std::numeric_limits<std::int64_t>::min()) {
    value = absl::InfinitePast();
  } else {
    value = absl::FromUnixSeconds(kPostgresEpochSeconds) + absl::Microseconds(micros);
  }
  return true;
}

absl::Status WrongColumnCount(const ResultRows& rows, std::size_t wanted) {
  return absl::InternalError(absl::StrCat("a statement returns ", rows.column_count(),
                                          " columns, and the code reads ", wanted));
}

absl::Status WrongColumn(const ResultRows& rows, int row, int column) {
  const bool null = rows.at(row, column).null();
  return absl::InternalError(absl::StrCat(
      "column ", column + 1, " of a statement, of the type with OID ", rows.type(column),
      null ? ", is NULL, and the code reads it as a type without NULL"
           : ", is not of the type that the code reads it as; cast it in the statement"));
}

}  // namespace tenantry::pg
