// Turns the binary cells of a row into the wire bytes of its message.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "server/base/rows.h"
#include "server/codec/codec.h"
#include "server/codec/value_codec.h"
#include "server/plan/plan.h"

namespace tenantry::codec {

// Appends rows to a reply that may have `bytes_max` bytes. Fields that it cannot write are left out
// and added to `left_out`.
class RowWriter {
 public:
  static constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

  // `measure_names` is that of the call.
  RowWriter(std::size_t bytes_max, const std::vector<std::string>& measure_names, std::string& out,
            std::vector<LeftOutField>& left_out)
      : bytes_max_(bytes_max), measure_names_(measure_names), out_(out), left_out_(left_out) {}

  // Appends the fields of a row's message. `of` is the row of the call's own statement to whose
  // message it belongs. Values and relations to many that have more than `value_max` bytes are left
  // out. With kAny nothing is left out for its size, and false says that the row alone is larger
  // than a reply may be.
  bool Append(const plan::Outputs& outputs, const Rows& rows, int row, int of,
              std::size_t value_max);

  // What a measure comes to, an entry of the map `field_number` of AggregateValue. The measure is
  // of a column of `table`; the others as above.
  bool AppendMeasure(const plan::MeasureOutput& measure, const schema::Table& table,
                     int field_number, const Cell& cell, int of, std::size_t value_max);

 private:
  template <typename Cells>
  Written AppendFields(const plan::Outputs& outputs, Cells& cells, std::size_t value_max);
  template <typename Cells>
  Written AppendMessage(const plan::Outputs::Child& child, Cells& cells, std::size_t value_max);
  template <typename Cells>
  Written AppendOne(const plan::Outputs::Child& child, Cells& cells, std::size_t value_max);
  template <typename Cells>
  Written AppendMany(const schema::Table& table, const plan::Outputs::Child& child, Cells& cells,
                     std::size_t value_max);
  template <typename Cells>
  Written AppendMeasured(const schema::Table& table, const plan::Outputs::Child& child,
                         Cells& cells, std::size_t value_max);
  Written AppendMeasures(const plan::Outputs::Child& child, const Cell& cell,
                         std::size_t value_max);
  Written AppendRecords(const plan::Outputs::Child& child, const Cell& cell, std::size_t value_max);
  // Writes the field of this cell, or leaves it out. False when the row is too large with it.
  template <typename Write>
  bool Try(const Cell& cell, std::size_t value_max, const LeftOutField& field, Write write);

  const std::size_t bytes_max_;
  const std::vector<std::string>& measure_names_;
  std::string& out_;
  std::vector<LeftOutField>& left_out_;
  int row_ = 0;  // of the call's own statement
};

}  // namespace tenantry::codec
