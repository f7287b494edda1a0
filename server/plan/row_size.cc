#include "server/plan/row_size.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Table;
using schema::Type;

// The tag and the length of a field.
constexpr std::size_t kFieldHeaderMax = 10;
constexpr std::size_t kUtf8Max = 4;  // bytes of a character
// How much longer JSON text and the text of an array may become in a reply: `1, ` is eleven bytes
// of a Struct.
constexpr int kTextGrowthMax = 4;

// The most bytes that an element can have, without tag and length. No value when there is no limit.
std::optional<std::size_t> ElementMax(const Column& column) {
  const std::size_t fixed = schema::InfoOf(column.type).reply_bytes_max;
  if (fixed > 0) return fixed;
  if (column.length_max == 0) return std::nullopt;
  return static_cast<std::size_t>(column.length_max) * kUtf8Max;
}

// The most bytes that a field can have. No value when there is no limit.
std::optional<std::size_t> FieldMax(const Column& column) {
  const std::optional<std::size_t> element = ElementMax(column);
  if (column.array || !element) return std::nullopt;
  return *element + kFieldHeaderMax;
}

bool HasFixedSize(Type type) {
  return schema::InfoOf(type).reply_bytes_max > 0 && type != Type::kNumeric;
}

std::string Sized(const std::string& name) {
  return absl::StrCat("coalesce(octet_length(", name, "), 0)::bigint");
}

bool IsMeasuredAsText(const Column& column) { return column.array || column.type == Type::kJson; }

// A size that is never less than the field's bytes in a reply. It is quick, because the length of a
// text is known without reading the text.
std::string RoughSize(const Column& column) {
  const std::string name = absl::StrCat("t.", column.sql_name);
  if (IsMeasuredAsText(column)) return absl::StrCat(kTextGrowthMax, " * ", Sized(name + "::text"));
  return Sized(column.type == Type::kNumeric ? name + "::text" : name);
}

// The same, but closer to the true size. A value in JSON or in an array becomes at most
// kSeparatorGrowthMax bytes longer than its text and the comma or bracket before it. So these
// characters are counted, also those within strings.
std::string NearSize(const Column& column) {
  if (!IsMeasuredAsText(column)) return RoughSize(column);
  const std::string text = absl::StrCat("t.", column.sql_name, "::text");
  const std::string size = Sized(text);
  const std::string without = Sized(absl::StrCat("translate(", text, ", ',[{', '')"));
  // The text of bytes is hexadecimal.
  const char* half = column.type == Type::kBytes ? " / 2" : "";
  return absl::StrCat(size, half, " + ", kSeparatorGrowthMax, " * (", size, " - ", without, ")");
}

// Whether values are so long that they count one by one.
bool MayBeLong(const Column& column) {
  constexpr std::size_t kLong = 2048;
  const std::optional<std::size_t> field = FieldMax(column);
  return !field || (*field >= kLong && !HasFixedSize(column.type));
}

void AddLongKeys(const Grouping& grouping, std::vector<std::string>& sizes) {
  for (const GroupKey& key : grouping.keys) {
    if (MayBeLong(*key.column)) sizes.push_back(Sized(KeyCell(key.position)));
  }
  for (const Grouping::Child& child : grouping.children) AddLongKeys(child.row, sizes);
}

}  // namespace

std::size_t RowGrowth(const Table& table) {
  std::size_t bytes = 0;
  for (const Column& column : table.columns) {
    if (column.managed != v1::MANAGED_UNSPECIFIED || !column.default_sql.empty() ||
        !column.generated_sql.empty() || column.is_computed()) {
      // A default that is JSON grows as JSON does.
      bytes += FieldMax(column).value_or(kFieldHeaderMax + 6 * column.default_sql.size());
    }
    if (column.type == Type::kNumeric) bytes += static_cast<std::size_t>(column.scale) + 1;
  }
  return bytes;
}

std::string LongValuesSize(const Table& table, const std::string& alias) {
  std::vector<std::string> sizes;
  for (const Column& column : table.columns) {
    if (!column.is_readable() || !column.stored || !MayBeLong(column)) continue;
    const std::string name = absl::StrCat(alias, ".", column.sql_name);
    if (!column.array && (column.type == Type::kText || column.type == Type::kBytes)) {
      sizes.push_back(Sized(name));
    } else {
      // The size as it is stored. A compressed value is taken to be four times as large.
      sizes.push_back(absl::StrCat("coalesce(pg_column_size(", name,
                                   ") * CASE WHEN pg_column_compression(", name,
                                   ") IS NULL THEN 1 ELSE 4 END, 0)::bigint"));
    }
  }
  return absl::StrJoin(sizes, " + ");
}

std::string LongValuesSize(const Aggregate& aggregate) {
  std::vector<std::string> sizes;
  AddLongKeys(aggregate.grouping, sizes);
  for (std::size_t i = 0; i < aggregate.measures.size(); ++i) {
    const Measure& measure = aggregate.measures[i];
    const bool is_value = measure.column != nullptr && ResultOf(measure) == measure.column->type;
    if (is_value && MayBeLong(*measure.column)) sizes.push_back(Sized(MeasureCell(i)));
  }
  return absl::StrJoin(sizes, " + ");
}

std::string RowSize(const Columns& columns) {
  std::size_t rest = 0;
  std::vector<std::string> sizes;
  for (const Column* column : columns) {
    const bool measured = column->stored && !HasFixedSize(column->type);
    rest += measured ? kFieldHeaderMax : FieldMax(*column).value_or(kFieldHeaderMax);
    if (measured) sizes.push_back(NearSize(*column));
  }
  sizes.push_back(std::to_string(rest));
  return absl::StrJoin(sizes, " + ");
}

std::string RowSizeCheck(const Table& table, std::size_t bytes_max) {
  // A column whose longest value is shorter than this counts with that length.
  const std::size_t short_max = bytes_max / 2048;
  std::size_t rest = 0;
  std::size_t longest = 0;
  bool bounded = true;
  std::vector<std::string> rough, near;
  for (const Column& column : table.columns) {
    if (!column.is_readable()) continue;
    const std::optional<std::size_t> field = FieldMax(column);
    bounded = bounded && field.has_value();
    longest += field.value_or(0);
    if (field && (*field <= short_max || HasFixedSize(column.type) || !column.stored)) {
      rest += *field;
      continue;
    }
    rest += kFieldHeaderMax;
    rough.push_back(RoughSize(column));
    near.push_back(NearSize(column));
  }
  if ((bounded && longest <= bytes_max) || rough.empty()) return "";
  // Short columns are rarely full. Half of the room that rows leave in a reply (serve/options.cc)
  // is theirs, so that a row which could be inserted can be updated.
  const std::size_t taken = rest - std::min(rest, bytes_max / 128);
  const std::size_t left = bytes_max - std::min(bytes_max, taken);
  return absl::StrCat("CASE WHEN ", absl::StrJoin(rough, " + "), " > ", left, " THEN CASE WHEN ",
                      absl::StrJoin(near, " + "), " > ", left,
                      " THEN tenantry.row_too_large() END END");
}

}  // namespace tenantry::plan
