#include "server/methods/standard_method.h"

namespace tenantry::methods {
namespace {

struct Row {
  v1::MethodKind kind;
  std::unique_ptr<StandardMethod> (*make)(const schema::Method&, const MethodContext&);
};

constexpr Row kRows[] = {
    {v1::METHOD_KIND_GET, MakeGet},
    {v1::METHOD_KIND_LIST, MakeList},
    {v1::METHOD_KIND_CREATE, MakeCreate},
    {v1::METHOD_KIND_UPDATE, MakeUpdate},
    {v1::METHOD_KIND_DELETE, MakeDelete},
    {v1::METHOD_KIND_UPSERT, MakeUpsert},
    {v1::METHOD_KIND_BATCH_GET, MakeBatchGet},
    {v1::METHOD_KIND_BATCH_CREATE, MakeBatchCreate},
    {v1::METHOD_KIND_AGGREGATE, MakeAggregate},
    {v1::METHOD_KIND_UNDELETE, MakeUndelete},
    {v1::METHOD_KIND_BATCH_UPDATE, MakeBatchUpdate},
    {v1::METHOD_KIND_BATCH_DELETE, MakeBatchDelete},
    {v1::METHOD_KIND_BATCH_UPSERT, MakeBatchUpsert},
    {v1::METHOD_KIND_UPDATE_MANY, MakeUpdateMany},
    {v1::METHOD_KIND_DELETE_MANY, MakeDeleteMany},
    {v1::METHOD_KIND_EXPORT, MakeExport},
    {v1::METHOD_KIND_IMPORT, MakeImport},
    {v1::METHOD_KIND_FUNCTION, MakeFunction},
};

}  // namespace

std::unique_ptr<StandardMethod> MakeStandardMethod(const schema::Method& method,
                                                   const MethodContext& context) {
  for (const Row& row : kRows) {
    if (row.kind == method.kind) return row.make(method, context);
  }
  return nullptr;
}

}  // namespace tenantry::methods
