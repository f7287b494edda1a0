#include "server/methods/batch.h"

#include "absl/strings/str_cat.h"
#include "server/methods/repeated_keys.h"
#include "server/schema/methods.h"

namespace tenantry::methods {

int BatchEntries::Count(const google::protobuf::Message& request,
                        plan::Violations& violations) const {
  const int count = request.GetReflection()->FieldSize(request, field);
  const plan::Path root;
  const plan::Path path(root, field->name());
  if (count == 0) violations.Add(path, "must not be empty");
  if (count <= entries_max) return count;
  violations.Add(path, absl::StrCat("must have at most ", entries_max, " entries, has ", count));
  return 0;
}

void CheckEntry(const google::protobuf::Message& entry, const plan::Path& path,
                absl::string_view select_remedy, plan::Violations& violations) {
  const auto leave = [&](int number, absl::string_view remedy) {
    const auto* field = entry.GetDescriptor()->FindFieldByNumber(number);
    if (field == nullptr || !entry.GetReflection()->HasField(entry, field)) return;
    violations.Add(plan::Path(path, field->name()),
                   absl::StrCat("is not possible for one entry of a batch: ", remedy));
  };
  leave(schema::field_number::kSelect, select_remedy);
  leave(schema::field_number::kRequire, "send the entry as a call of its own");
  leave(schema::field_number::kValidateOnly, "set it beside the entries");
  leave(schema::field_number::kRequestId, "set it beside the entries");
}

void RefuseRepeatedKeys(const google::protobuf::FieldDescriptor& field, int count,
                        absl::FunctionRef<void(int entry, std::string& bytes)> append,
                        plan::Violations& violations) {
  const RepeatedKeys repeated = FindRepeatedKeys(count, append);
  const plan::Path root;
  for (std::size_t i = 0; i < repeated.row_of.size(); ++i) {
    const int first = repeated.first[static_cast<std::size_t>(repeated.row_of[i])];
    if (first == static_cast<int>(i)) continue;
    violations.Add(
        plan::Path(root, field.name(), static_cast<int>(i)),
        absl::StrCat("has the key of ", field.name(), "[", first, "]: a batch has each row once"));
  }
}

std::optional<plan::Slot> AddEtags(plan::Call& call, plan::Violations& violations) {
  if (call.rows.empty()) return std::nullopt;
  const auto* field = call.rows[0]->GetDescriptor()->FindFieldByNumber(schema::field_number::kEtag);
  if (field == nullptr) return std::nullopt;
  const std::string& entries =
      call.request->GetDescriptor()->FindFieldByNumber(schema::field_number::kBatchEntries)->name();
  bool any = false;
  const plan::Path root;
  for (std::size_t i = 0; i < call.rows.size(); ++i) {
    const plan::Value etag{call.rows[i], field};
    if (!IsPresent(etag)) continue;
    any = true;
    const plan::Path entry(root, entries, static_cast<int>(i));
    CheckCompared(plan::TextType(), etag, plan::Path(entry, field->name()), violations);
  }
  if (!any) return std::nullopt;
  return call.Add(plan::RowsValue{.column = &plan::TextType(), .field = field});
}

}  // namespace tenantry::methods
