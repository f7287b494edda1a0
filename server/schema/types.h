// What is fixed for each column type: one table. A new type is a line here; what depends on more
// than the type (precision, length, the enum) is the column's own.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace tenantry::schema {

enum class Type {
  kBool,
  kInt32,
  kInt64,
  kFloat,
  kDouble,
  kText,     // text, varchar(n)
  kUuid,     // string in the proto
  kUlid,     // string in the proto, text in the database
  kNumeric,  // decimal string in the proto
  kDate,     // YYYY-MM-DD string in the proto
  kBytes,
  kTimestamp,  // google.protobuf.Timestamp
  kJson,       // google.protobuf.Struct
  kEnum,
};

// How values travel between us and the database: in their own binary format, or as text where that
// is not what protobuf holds.
enum class Transport {
  kOwn,       // parameters and results
  kTextIn,    // parameters are text that the statement casts
  kTextBoth,  // results are cast to text too
};

struct TypeInfo {
  absl::string_view name;          // in messages and DDL, without modifiers; enums have their own
  absl::string_view catalog_name;  // pg_type.typname; enums have their own
  Transport transport;
  absl::string_view transport_type;  // SQL type in which a parameter travels
  std::uint32_t transport_oid;       // and its oid (pg_type.dat)
  int binary_size;                   // bytes of a value in binary format; 0: it varies
  // Messages of tenantry/v1/query.proto, of one value and of a list; enums have their own.
  absl::string_view filter, array_filter;
};

const TypeInfo& InfoOf(Type type);

}  // namespace tenantry::schema
