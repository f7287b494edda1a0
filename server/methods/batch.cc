#include "server/methods/batch.h"

#include "absl/strings/str_cat.h"
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
  leave(schema::field_number::kValidateOnly, "set it beside the entries");
  leave(schema::field_number::kRequestId, "set it beside the entries");
}

}  // namespace tenantry::methods
