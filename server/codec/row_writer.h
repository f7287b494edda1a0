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

  RowWriter(std::size_t bytes_max, std::string& out, std::vector<LeftOutField>& left_out)
      : bytes_max_(bytes_max), out_(out), left_out_(left_out) {}

  // Appends the fields of a row's message. `of` is the row of the call's own statement to whose
  // message it belongs. Values and relations to many that have more than `value_max` bytes are left
  // out. With kAny nothing is left out for its size, and false says that the row alone is larger
  // than a reply may be.
  bool Append(const plan::Outputs& outputs, const Rows& rows, int row, int of,
              std::size_t value_max);

  // One value that is not NULL, as a field that tells zero from none. `of` and `value_max` as
  // above; `left_out` says what is told of it when it is left out.
  bool AppendAlone(schema::Type type, int field_number, const Cell& cell, std::size_t value_max,
                   const LeftOutField& left_out);

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
  Written AppendRecords(const plan::Outputs::Child& child, const Cell& cell, std::size_t value_max);
  // Writes the field of this cell, or leaves it out. False when the row is too large with it.
  template <typename Write>
  bool Try(const Cell& cell, std::size_t value_max, const LeftOutField& field, Write write);

  const std::size_t bytes_max_;
  std::string& out_;
  std::vector<LeftOutField>& left_out_;
  int row_ = 0;  // of the call's own statement
};

}  // namespace tenantry::codec
