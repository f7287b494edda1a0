#include "server/methods/require.h"

#include "server/schema/methods.h"

namespace tenantry::methods {

using google::protobuf::Message;

namespace {

bool Has(const Message& request, const google::protobuf::FieldDescriptor* field) {
  return field != nullptr && request.GetReflection()->HasField(request, field);
}

}  // namespace

Require::Require(const schema::Method& method, const MethodContext& context)
    : table_(*method.table),
      field_(method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kRequire)),
      etag_(method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kEtag)),
      filters_(context.filters) {}

bool Require::IsIn(const Message& request) const {
  return Has(request, field_) || Has(request, etag_);
}

std::optional<plan::Slot> Require::TakeEtag(plan::Call& call, plan::Violations& violations) const {
  if (!Has(*call.request, etag_)) return std::nullopt;
  const plan::Value etag{call.request, etag_};
  const plan::Path root;
  CheckCompared(plan::TextType(), etag, plan::Path(root, etag_->name()), violations);
  return call.Add(plan::FieldValue{&plan::TextType(), etag});
}

void Require::TakeFilter(plan::Call& call, std::vector<plan::Expr>& require,
                         plan::Violations& violations) const {
  if (!Has(*call.request, field_)) return;
  const plan::Path root;
  filters_.Take(table_, call.request->GetReflection()->GetMessage(*call.request, field_),
                plan::Path(root, field_->name()), call, require, violations, Filters::Use::kCheck);
}

}  // namespace tenantry::methods
