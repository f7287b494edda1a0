// Replies for people and for programs.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/arguments.h"
#include "client/cli/catalog.h"
#include "client/cli/table.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

struct OutputStyle {
  Format format = Format::kTable;
  std::vector<std::string> columns;  // of a table; empty = all that say something
  TableStyle table;
  const google::protobuf::Message* select = nullptr;  // what the request selected, if it did
};

// The repeated message field that makes a reply a list, null for any other reply.
const google::protobuf::FieldDescriptor* RowsOf(const google::protobuf::Descriptor& reply);

// A list as a table of rows, anything else as a table of fields; or JSON. INVALID_ARGUMENT when
// `style.columns` names a field that rows do not have; DATA_LOSS names what cannot be printed.
absl::Status PrintReply(const google::protobuf::Message& reply, const OutputStyle& style,
                        std::ostream& out);

// A field's value in a table: short enum names, times without fractions, "" when absent.
// `path` is where in the reply the field stands, for the error that names it. `select` is that of
// the message, or null.
absl::StatusOr<std::string> CellOf(const google::protobuf::Message& message,
                                   const google::protobuf::FieldDescriptor& field,
                                   const std::string& path,
                                   const google::protobuf::Message* select);

}  // namespace tenantry::cli
