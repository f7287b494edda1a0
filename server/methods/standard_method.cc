#include "server/methods/standard_method.h"

namespace tenantry::methods {

std::unique_ptr<StandardMethod> MakeStandardMethod(const schema::Method& method,
                                                   const MethodContext& context) {
  switch (method.kind) {
    case v1::METHOD_KIND_GET:
      return MakeGet(method, context);
    case v1::METHOD_KIND_LIST:
      return MakeList(method, context);
    case v1::METHOD_KIND_CREATE:
      return MakeCreate(method, context);
    case v1::METHOD_KIND_UPDATE:
      return MakeUpdate(method, context);
    case v1::METHOD_KIND_DELETE:
      return MakeDelete(method, context);
    case v1::METHOD_KIND_UPSERT:
      return MakeUpsert(method, context);
    case v1::METHOD_KIND_BATCH_GET:
      return MakeBatchGet(method, context);
    case v1::METHOD_KIND_BATCH_CREATE:
      return MakeBatchCreate(method, context);
    case v1::METHOD_KIND_AGGREGATE:
      return MakeAggregate(method, context);
    default:
      return nullptr;
  }
}

}  // namespace tenantry::methods
