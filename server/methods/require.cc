#include "server/methods/require.h"

#include "server/schema/methods.h"

namespace tenantry::methods {

Require::Require(const schema::Method& method, const MethodContext& context)
    : table_(*method.table),
      field_(method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kRequire)),
      filters_(context.filters) {}

bool Require::IsIn(const google::protobuf::Message& request) const {
  return field_ != nullptr && request.GetReflection()->HasField(request, field_);
}

void Require::Take(plan::Call& call, std::vector<plan::Expr>& require,
                   plan::Violations& violations) const {
  if (!IsIn(*call.request)) return;
  const plan::Path root;
  filters_.Take(table_, call.request->GetReflection()->GetMessage(*call.request, field_),
                plan::Path(root, field_->name()), call, require, violations);
}

}  // namespace tenantry::methods
