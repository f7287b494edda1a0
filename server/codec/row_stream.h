// Rows that come one after the other become the messages of a stream.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/base/rows.h"
#include "server/codec/codec.h"
#include "server/codec/row_writer.h"
#include "server/plan/plan.h"

namespace tenantry::codec {

struct StreamLimits {
  std::size_t bytes = 128 << 10;    // a message with this many has enough
  int rows_max = 10'000;            // of one message
  std::size_t bytes_max = 4 << 20;  // that none may have more than
};

// Writes one message after the other. Each has rows in field 1, and in field 2 the token that goes
// on behind them.
class RowStream {
 public:
  // `call` is one whose plan has the form kStream. It must outlive the stream.
  RowStream(const plan::Call& call, StreamLimits limits);

  enum class Added {
    kYes,
    kFull,  // the row has no room beside the others: take the message, and add the row again
  };
  // Adds a row. A row that has no room in a message of its own loses its largest values, which
  // `left_out` is told of. RESOURCE_EXHAUSTED when that is not enough.
  absl::StatusOr<Added> Add(const Rows& rows, int row, std::vector<LeftOutField>& left_out);

  bool empty() const { return rows_ == 0; }
  // It is time to send the message.
  bool has_enough() const { return out_.size() >= limits_.bytes || rows_ >= limits_.rows_max; }
  // The message, which has rows. The next one begins.
  std::string Take();

 private:
  bool Append(const Rows& rows, int row, std::size_t value_max,
              std::vector<LeftOutField>& left_out);
  std::size_t TokenSize(const Rows& rows, int row) const;
  void KeepPosition(const Rows& rows, int row);

  const plan::Call& call_;
  const plan::Plan& plan_;
  const StreamLimits limits_;
  std::string out_;
  int rows_ = 0;           // in the message
  plan::Cursor position_;  // of the last of them
};

}  // namespace tenantry::codec
