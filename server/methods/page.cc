#include "server/methods/page.h"

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

}  // namespace tenantry::methods
