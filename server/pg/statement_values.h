// C++ values as parameters of statements that are written by hand, and columns of their results as
// C++ values. PostgreSQL checks the former; the latter are checked against the column's type.
//
// Parameters go as text, so that they fit any type the statement asks for; a string that holds a
// zero byte and Bytes go in binary form. std::nullopt and an empty optional are NULL.
//
//   C++                 columns
//   bool                boolean
//   int32_t, int64_t    smallint, integer, bigint
//   double              real, double precision
//   std::string         text, varchar, char, name, uuid, json, jsonb, bytea (its bytes), enums and
//                       other types of the database's own whose binary form is text
//   absl::Time          timestamptz, timestamp (as UTC)
//   std::optional<T>    the same as T, or NULL, which no other type takes
// For anything else cast in the statement: `price::text`.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/sql.h"
#include "server/identity/identity.h"
#include "server/pg/executor.h"

namespace tenantry::pg {

struct Bytes {
  std::string_view view;
};

void AddParam(SqlParams& params, std::string_view value);
void AddParam(SqlParams& params, Bytes value);
void AddParam(SqlParams& params, double value);
void AddParam(SqlParams& params, absl::Time value);
void AddParam(SqlParams& params, const identity::TenantId& value);
inline void AddParam(SqlParams& params, std::nullopt_t) { params.AddNull(); }
inline void AddParam(SqlParams& params, bool value) { params.AddText(value ? "t" : "f"); }
inline void AddParam(SqlParams& params, const char* value) {
  AddParam(params, std::string_view(value));
}
inline void AddParam(SqlParams& params, const std::string& value) {
  AddParam(params, std::string_view(value));
}
void AddParam(SqlParams& params, std::integral auto value) {
  params.AddText(std::to_string(value));
}
template <typename T>
void AddParam(SqlParams& params, const std::optional<T>& value) {
  value ? AddParam(params, *value) : params.AddNull();
}

// False when a column of this type, or this value of it, is not a T.
bool ReadColumn(std::uint32_t type, Cell cell, bool& value);
bool ReadColumn(std::uint32_t type, Cell cell, std::int32_t& value);
bool ReadColumn(std::uint32_t type, Cell cell, std::int64_t& value);
bool ReadColumn(std::uint32_t type, Cell cell, double& value);
bool ReadColumn(std::uint32_t type, Cell cell, std::string& value);
bool ReadColumn(std::uint32_t type, Cell cell, absl::Time& value);
template <typename T>
bool ReadColumn(std::uint32_t type, Cell cell, std::optional<T>& value) {
  return cell.null() || ReadColumn(type, cell, value.emplace());
}

// INTERNAL, as mistakes of the code that wrote the statement are.
absl::Status WrongColumnCount(const ResultRows& rows, std::size_t wanted);
absl::Status WrongColumn(const ResultRows& rows, int row, int column);

// All rows of a result, whose columns are exactly these.
template <typename... Columns>
absl::StatusOr<std::vector<std::tuple<Columns...>>> ReadRows(const ResultRows& result) {
  std::vector<std::tuple<Columns...>> rows;
  if (result.column_count() != static_cast<int>(sizeof...(Columns))) {
    return WrongColumnCount(result, sizeof...(Columns));
  }
  rows.resize(static_cast<std::size_t>(result.row_count()));
  for (int i = 0; i < result.row_count(); ++i) {
    int column = 0;
    const bool fits = std::apply(
        [&](auto&... values) {
          return ((ReadColumn(result.type(column), result.at(i, column), values) && ++column) &&
                  ...);
        },
        rows[static_cast<std::size_t>(i)]);
    if (!fits) return WrongColumn(result, i, column);
  }
  return rows;
}

// The row of a result that has one at most; nothing when it has none.
template <typename... Columns>
absl::StatusOr<std::optional<std::tuple<Columns...>>> ReadRow(const ResultRows& result) {
  absl::StatusOr<std::vector<std::tuple<Columns...>>> rows = ReadRows<Columns...>(result);
  if (!rows.ok()) return rows.status();
  if (rows->size() > 1) return absl::InternalError("a statement found more than one row");
  std::optional<std::tuple<Columns...>> row;
  if (!rows->empty()) row = std::move(rows->front());
  return row;
}

}  // namespace tenantry::pg
