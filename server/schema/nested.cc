#include "server/schema/nested.h"

#include <initializer_list>

#include "absl/algorithm/container.h"

namespace tenantry::schema {
namespace {

bool AreSettable(const std::vector<const Column*>& columns) {
  return absl::c_all_of(columns, [](const Column* column) { return column->is_settable(); });
}

}  // namespace

bool IsCreatable(const Relation& relation) {
  return !relation.output_only &&
         absl::c_linear_search(relation.target->methods, v1::METHOD_KIND_CREATE) &&
         AreSettable(relation.columns) && AreSettable(relation.references);
}

bool IsUpdatable(const Table& table, const Relation& relation) {
  const auto has = [](const Table& of, std::initializer_list<v1::MethodKind> kinds) {
    return absl::c_any_of(
        kinds, [&](v1::MethodKind kind) { return absl::c_linear_search(of.methods, kind); });
  };
  const bool by_key = absl::c_all_of(relation.columns, [&](const Column* column) {
    return absl::c_linear_search(table.primary_key, column);
  });
  return relation.many && !relation.output_only && by_key && AreSettable(relation.references) &&
         has(table, {v1::METHOD_KIND_UPDATE}) &&
         has(*relation.target,
             {v1::METHOD_KIND_CREATE, v1::METHOD_KIND_UPDATE, v1::METHOD_KIND_DELETE});
}

}  // namespace tenantry::schema
