#include "server/schema/kinds.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace tenantry::schema {
namespace {

constexpr const Kind* kKinds[] = {
    &kGetKind,         &kListKind,        &kCreateKind,      &kUpdateKind,     &kDeleteKind,
    &kUpsertKind,      &kBatchGetKind,    &kBatchCreateKind, &kAggregateKind,  &kUndeleteKind,
    &kBatchUpdateKind, &kBatchDeleteKind, &kBatchUpsertKind, &kUpdateManyKind, &kDeleteManyKind,
    &kExportKind,      &kImportKind,
};

}  // namespace

std::string Kind::MethodName(const Table& table) const {
  return absl::StrCat(verb, plural ? table.plural : table.message->name());
}

absl::Span<const Kind* const> Kinds() { return kKinds; }

const Kind* FindKind(v1::MethodKind number) {
  for (const Kind* kind : kKinds) {
    if (kind->number == number) return kind;
  }
  return nullptr;
}

std::optional<std::string> WhyRowsStay(const Table& table) {
  if (table.tenant_root) return "a tenant neither makes nor removes tenants";
  return std::nullopt;
}

std::optional<std::string> WhyNoChange(const Table& table) {
  const bool changes = absl::c_any_of(table.columns, [](const Column& column) {
    return !column.immutable && column.is_settable();
  });
  if (!changes) return "no column may change";
  return std::nullopt;
}

std::optional<std::string> WhyNoUpsert(const Table& table) {
  const std::optional<std::string> stay = WhyRowsStay(table);
  return stay.has_value() ? stay : WhyNoChange(table);
}

}  // namespace tenantry::schema
