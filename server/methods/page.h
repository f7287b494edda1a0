// How many rows are asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"

namespace tenantry::methods {

// 64, 256, 1024, ...: more than `rows`. It is what the database's planner is told, so that pages of
// many sizes share a plan.
inline int RowsMax(std::int64_t rows) {
  int max = 64;
  while (max <= rows) max *= 4;
  return max;
}

// How many rows `field` of `holder` says to pass over. `path` is that of the holder.
std::int64_t SkipOf(const google::protobuf::Message& holder,
                    const google::protobuf::FieldDescriptor& field, const plan::Path& path,
                    plan::Violations& violations);
// The slot of that, which a page has where rows are passed over.
std::optional<plan::Slot> AddSkip(std::int64_t skip, plan::Call& call);

// Sets the call's cursor to what `field` of its request says, a token of rows in this order. It
// belongs to the call's fingerprint. `token`, `article` and `rows` are what the caller knows them
// as: a page token, of a list.
void TakeToken(const google::protobuf::FieldDescriptor& field, absl::string_view token,
               absl::string_view article, absl::string_view rows,
               const std::vector<plan::OrderTerm>& order, plan::Call& call,
               plan::Violations& violations);
// The slots of the cursor, for plan::Page::after.
std::vector<std::optional<plan::Slot>> AddCursor(plan::Call& call);

}  // namespace tenantry::methods
