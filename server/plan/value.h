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

// Columns of no table. They are the types of values that belong to no column: the length of a list,
// a pattern, the name of a member of a JSON object.
const schema::Column& IntegerType();
const schema::Column& TextType();

}  // namespace tenantry::plan
