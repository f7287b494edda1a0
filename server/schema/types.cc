#include "server/schema/types.h"

#include <array>

namespace tenantry::schema {
namespace {

constexpr std::uint32_t kTextOid = 25;
constexpr absl::string_view kStringArray = "StringArrayFilter";

struct Line {
  Type type;
  TypeInfo info;
};

// In the order of the enum.
constexpr std::array kTypes = {
    Line{Type::kBool,
         {"boolean", "bool", Transport::kOwn, "boolean", 16, 1, "BoolFilter", "BoolArrayFilter"}},
    Line{Type::kInt32,
         {"integer", "int4", Transport::kOwn, "integer", 23, 4, "Int32Filter", "Int32ArrayFilter"}},
    Line{Type::kInt64,
         {"bigint", "int8", Transport::kOwn, "bigint", 20, 8, "Int64Filter", "Int64ArrayFilter"}},
    Line{Type::kFloat,
         {"real", "float4", Transport::kOwn, "real", 700, 4, "FloatFilter", "FloatArrayFilter"}},
    Line{Type::kDouble,
         {"double precision", "float8", Transport::kOwn, "double precision", 701, 8, "DoubleFilter",
          "DoubleArrayFilter"}},
    Line{Type::kText,
         {"text", "text", Transport::kOwn, "text", kTextOid, 0, "StringFilter", kStringArray}},
    Line{Type::kUuid,
         {"uuid", "uuid", Transport::kOwn, "uuid", 2950, 16, "UuidFilter", kStringArray}},
    Line{Type::kUlid,
         {"ulid", "text", Transport::kOwn, "text", kTextOid, 0, "UlidFilter", kStringArray}},
    Line{Type::kNumeric,
         {"numeric", "numeric", Transport::kTextBoth, "text", kTextOid, 0, "NumericFilter",
          kStringArray}},
    Line{Type::kDate,
         {"date", "date", Transport::kTextBoth, "text", kTextOid, 0, "DateFilter", kStringArray}},
    Line{Type::kBytes,
         {"bytea", "bytea", Transport::kOwn, "bytea", 17, 0, "BytesFilter", "BytesArrayFilter"}},
    Line{Type::kTimestamp,
         {"timestamptz", "timestamptz", Transport::kOwn, "timestamptz", 1184, 8, "TimestampFilter",
          "TimestampArrayFilter"}},
    Line{Type::kJson,
         {"jsonb", "jsonb", Transport::kTextIn, "text", kTextOid, 0, "JsonFilter", ""}},
    Line{Type::kEnum, {"", "", Transport::kTextIn, "text", kTextOid, 0, "", ""}},
};

constexpr bool IsInOrder() {
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (kTypes[i].type != static_cast<Type>(i)) return false;
  }
  return kTypes.back().type == Type::kEnum;
}
static_assert(IsInOrder());

}  // namespace

const TypeInfo& InfoOf(Type type) { return kTypes[static_cast<std::size_t>(type)].info; }

}  // namespace tenantry::schema
