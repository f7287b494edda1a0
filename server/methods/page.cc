#include "server/methods/page.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/plan/page_token.h"

namespace tenantry::methods {

std::int64_t SkipOf(const google::protobuf::Message& holder,
                    const google::protobuf::FieldDescriptor& field, const plan::Path& path,
                    plan::Violations& violations) {
  const std::int64_t skip = plan::Value{&holder, &field}.as_int();
  if (skip < 0) violations.Add(plan::Path(path, field.name()), "must not be negative");
  return skip;
}

std::optional<plan::Slot> AddSkip(std::int64_t skip, plan::Call& call) {
  if (skip <= 0) return std::nullopt;
  return call.Add(plan::IntegerValue{skip});
}

void TakeToken(const google::protobuf::FieldDescriptor& field, absl::string_view token,
               absl::string_view article, absl::string_view rows,
               const std::vector<plan::OrderTerm>& order, plan::Call& call,
               plan::Violations& violations) {
  std::string scratch;
  const std::string& text = plan::Value{call.request, &field}.as_string(scratch);
  if (text.empty()) return;
  const plan::Path root;
  const plan::Path path(root, field.name());
  std::optional<plan::PageToken> position = plan::DecodePageToken(text);
  if (!position) {
    violations.Add(path, absl::StrCat("is not a ", token, " of this service"));
  } else if (position->fingerprint != call.fingerprint) {
    violations.Add(path, absl::StrCat("belongs to ", article, " ", rows,
                                      " with another filter, search, order or show_deleted"));
  } else if (!plan::CursorFits(position->cursor, order)) {
    violations.Add(path, absl::StrCat("is not a ", token, " of this ", rows));
  } else {
    call.cursor = std::move(position->cursor);
    call.backward = position->backward;
    call.including = position->including;
  }
}

std::vector<std::optional<plan::Slot>> AddCursor(plan::Call& call) {
  std::vector<std::optional<plan::Slot>> slots(call.cursor.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (call.cursor[i].has_value()) slots[i] = call.Add(plan::CursorValue{static_cast<int>(i)});
  }
  return slots;
}

}  // namespace tenantry::methods
