// What is fixed for each column type: one table. What depends on more than the type (precision,
// length, the enum) is the column's own. A new type is an entry here and one in the table of
// codec/value_codec.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenantry::v1 {
enum Format : int;
}

namespace tenantry::schema {

struct Column;
struct Rule;

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

// How protobuf holds values.
enum class Form {
  kBool,
  kInteger,  // 32 or 64 bits
  kReal,     // float or double
  kEnum,
  kString,
  kBytes,
  kTimestamp,
  kStruct,
};

struct TypeInfo {
  Type type;
  absl::string_view name;          // in messages and DDL, without modifiers; enums have their own
  absl::string_view catalog_name;  // pg_type.typname; enums have their own
  Transport transport;
  absl::string_view transport_type;  // SQL type in which a parameter travels
  std::uint32_t transport_oid;       // and its oid (pg_type.dat)
  int binary_size = 0;               // bytes of a value in binary format; 0: it varies

  Form form;
  v1::Format format{};              // what a string of the API holds
  std::size_t reply_bytes_max = 0;  // of a value in a reply, without tag and length; 0: it varies
  // Messages of tenantry/v1/query.proto, of one value and of a list; enums have their own.
  absl::string_view filter, array_filter;

  bool is_number = false;  // it may have a minimum and a maximum
  bool is_key = true;      // a primary key may hold it
  // The literal of a `default_value` as an expression of the column's type, as in
  // `'individual'::"saas"."contact_type"`. The status message says what is wrong with it.
  absl::StatusOr<std::string> (*default_expression)(const Column& column,
                                                    const std::string& literal);
  // Adds the rules that values of such a column keep. Null: none.
  void (*add_rules)(const Column& column, std::vector<Rule>& rules) = nullptr;
};

extern const std::array<TypeInfo, 14> kTypes;  // in the order of Type

inline const TypeInfo& InfoOf(Type type) { return kTypes[static_cast<std::size_t>(type)]; }

}  // namespace tenantry::schema
