// A row's key as text.

#include "server/codec/codec.h"
#include "server/codec/value_codec.h"

namespace tenantry::codec {

std::string KeyText(const plan::Call& call, const Rows& rows, int row) {
  std::string text;
  for (const schema::Column* key : call.plan->method->table->primary_key) {
    if (!text.empty()) text += ",";
    const plan::Columns& columns = call.plan->outputs.columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] != key) continue;
      const Cell cell = rows.at(row, static_cast<int>(i));
      if (!cell.null()) text += CodecOf(*key).describe(cell);
    }
  }
  return text;
}

}  // namespace tenantry::codec
