// What the codec does with a single value: one table, with an entry for each column type.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "server/base/rows.h"
#include "server/codec/wire.h"
#include "server/plan/plan.h"
#include "server/plan/value.h"
#include "server/schema/schema.h"

namespace tenantry::codec {

// What became of a value or a row.
enum class Written {
  kYes,
  kUnreadable,
  kUnknownLabel,  // of an enum: the zero value stands for it
  kTooLarge,
};

struct ValueCodec {
  schema::Type type;
  // Appends a value that is present as its parameter.
  void (*bind)(const schema::Column& column, const plan::Value& value, const plan::JsonTexts& json,
               std::string& out);
  // Appends it as an element of an array's text (PostgreSQL manual, "Array Input and Output
  // Syntax").
  void (*bind_element)(const schema::Column& column, const plan::Value& value, std::string& out);
  // Of the field in a reply.
  WireType wire_type;
  // Appends a cell as the field's value, without its tag. It has at most about `bytes_max` bytes.
  Written (*write)(const schema::Column& column, const Cell& cell, std::size_t bytes_max,
                   std::string& out);
  // A cell of a key, for the log.
  std::string (*describe)(const Cell& cell);
};

extern const std::array<ValueCodec, 14> kValueCodecs;  // in the order of schema::Type

inline const ValueCodec& CodecOf(const schema::Column& column) {
  return kValueCodecs[static_cast<std::size_t>(column.type)];
}

}  // namespace tenantry::codec
