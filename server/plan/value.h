// A value inside a request, found by reflection: one field, or one element of a repeated field.
#pragma once

#include <string>

#include "google/protobuf/message.h"
#include "server/schema/schema.h"

namespace tenantry::plan {

struct Value {
  const google::protobuf::Message* message;
  const google::protobuf::FieldDescriptor* field;
  int index = -1;  // element of a repeated field, -1 = the field itself

  bool as_bool() const;
  std::int64_t as_int() const;                               // int32, int64
  int as_enum() const;                                       // number
  double as_double() const;                                  // float, double
  const std::string& as_string(std::string& scratch) const;  // string, bytes
  const google::protobuf::Message& as_message() const;
  int size() const;  // elements of a repeated field
};

// Whether the request holds the value at all (options.proto, "Required on Create").
bool IsPresent(const Value& value);

// A google.protobuf.Timestamp, dynamic or generated.
struct TimestampParts {
  std::int64_t seconds;
  std::int32_t nanos;
};
TimestampParts TimestampOf(const google::protobuf::Message& timestamp);

// A column of no table. It is the type of values that belong to no column: the length of a list, a
// pattern, the name of a member of a JSON object, what a measure comes to. Not for enums.
const schema::Column& ColumnOf(schema::Type type);
inline bool IsOfNoTable(const schema::Column& column) { return column.field == nullptr; }

inline const schema::Column& IntegerType() { return ColumnOf(schema::Type::kInt32); }
inline const schema::Column& TextType() { return ColumnOf(schema::Type::kText); }

}  // namespace tenantry::plan
