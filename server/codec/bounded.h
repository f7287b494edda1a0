// Results that the database ends when they are large (plan::Plan::bounded).
#pragma once

#include "server/base/rows.h"
#include "server/plan/plan.h"

namespace tenantry::codec {

// Whether it ended the result before the rows that there are. The last row says so.
inline bool EndedForItsSize(const plan::Plan& plan, const Rows& rows) {
  if (!plan.bounded || rows.row_count() == 0) return false;
  const Cell ended = rows.at(rows.row_count() - 1, plan.cells);
  return ended.size == 1 && ended.data[0] != 0;
}

}  // namespace tenantry::codec
