// The columns of a table of rows, those of relations among them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/measures.h"
#include "client/cli/table.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

// A field of a row, or one of a row that relations lead to: total_cents, contact.name.
struct RowColumn {
  std::vector<const google::protobuf::FieldDescriptor*> path;
  // Of a field that tells what relations come to: one of them.
  std::optional<Measure> measure{};

  // What the message that holds the last field of the path has.
  absl::StatusOr<std::string> Cell(const google::protobuf::Message& holder, const std::string& at,
                                   const google::protobuf::Message* select) const;

  std::string Title() const;  // "items.product.name", "orders_count"
};

// What a table shows of a row that was read by `select` (null: no relations were read): the columns
// that were selected, and of a relation those alone that were named, so that no key is in the way.
std::vector<RowColumn> ColumnsOf(const google::protobuf::Descriptor& row,
                                 const google::protobuf::Message* select);

// The columns that people name; a relation's name means what was selected of it. INVALID_ARGUMENT
// suggests the nearest name.
absl::StatusOr<std::vector<RowColumn>> NamedColumns(const std::vector<std::string>& names,
                                                    const google::protobuf::Descriptor& row,
                                                    const google::protobuf::Message* select);

// Adds a row to `table`, whose columns these are. The rows of a relation to many stand below each
// other, and beside what they belong to: that is on the first line alone. DATA_LOSS names what
// cannot be printed by `path`, where the row is in the reply.
absl::Status AddRow(const google::protobuf::Message& row, const std::vector<RowColumn>& columns,
                    const std::string& path, Table& table);

// The title row for `columns`, which were read by `select`.
std::vector<Column> TitlesOf(const std::vector<RowColumn>& columns,
                             const google::protobuf::Message* select);

}  // namespace tenantry::cli
