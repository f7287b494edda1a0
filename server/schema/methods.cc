#include "server/schema/methods.h"

#include <optional>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace tenantry::schema {
namespace {

// Whether an Update has anything to write.
bool HasMutableColumn(const Table& table) {
  return absl::c_any_of(table.columns, [](const Column& column) {
    return !column.immutable && column.is_settable();
  });
}

std::optional<std::string> WhyUnfit(const Table& table, v1::MethodKind kind) {
  switch (kind) {
    case v1::METHOD_KIND_GET:
    case v1::METHOD_KIND_LIST:
    case v1::METHOD_KIND_BATCH_GET:
    case v1::METHOD_KIND_AGGREGATE:
      return std::nullopt;
    case v1::METHOD_KIND_CREATE:
    case v1::METHOD_KIND_DELETE:
    case v1::METHOD_KIND_BATCH_CREATE:
      if (table.tenant_root) return "a tenant neither makes nor removes tenants";
      return std::nullopt;
    case v1::METHOD_KIND_UPDATE:
      if (!HasMutableColumn(table)) return "no column may change";
      return std::nullopt;
    case v1::METHOD_KIND_UPSERT:
      if (table.tenant_root) return "a tenant neither makes nor removes tenants";
      if (!HasMutableColumn(table)) return "no column may change";
      return std::nullopt;
    default:
      return "unknown method kind";
  }
}

}  // namespace

std::vector<v1::MethodKind> ChooseMethods(const Table& table, const v1::TableOptions& options,
                                          Reporter& reporter) {
  std::set<v1::MethodKind> chosen;
  for (int number : options.methods()) {
    auto kind = static_cast<v1::MethodKind>(number);
    std::string name = v1::MethodKind_Name(kind);
    if (name.empty()) name = absl::StrCat(number);
    if (auto why = WhyUnfit(table, kind)) {
      reporter.Report(*table.message, absl::StrCat("methods: ", name, " does not fit: ", *why));
    } else if (!chosen.insert(kind).second) {
      reporter.Report(*table.message, absl::StrCat("methods: ", name, " is named twice"));
    }
  }
  if (options.methods().empty()) {
    for (int number = v1::MethodKind_MIN + 1; number <= v1::MethodKind_MAX; ++number) {
      auto kind = static_cast<v1::MethodKind>(number);
      if (v1::MethodKind_IsValid(number) && !WhyUnfit(table, kind).has_value()) chosen.insert(kind);
    }
  }
  return {chosen.begin(), chosen.end()};
}

bool IsRead(v1::MethodKind kind) {
  return kind == v1::METHOD_KIND_GET || kind == v1::METHOD_KIND_LIST ||
         kind == v1::METHOD_KIND_BATCH_GET || kind == v1::METHOD_KIND_AGGREGATE;
}

bool IsRead(const Table& table) {
  return absl::c_any_of(table.methods, [](v1::MethodKind kind) { return IsRead(kind); });
}

}  // namespace tenantry::schema
