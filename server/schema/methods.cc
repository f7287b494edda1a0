#include "server/schema/methods.h"

#include <optional>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"

namespace tenantry::schema {
namespace {

// Nothing where the table can have a method of the kind.
std::optional<std::string> WhyUnfit(const Table& table, const Kind* kind) {
  if (kind == nullptr) return "unknown method kind";
  if (table.is_view() && !kind->reads) return "it writes, and a view is only read";
  return kind->why_unfit == nullptr ? std::nullopt : kind->why_unfit(table);
}

}  // namespace

std::vector<v1::MethodKind> ChooseMethods(const Table& table, const v1::TableOptions& options,
                                          Reporter& reporter) {
  std::set<v1::MethodKind> chosen;
  for (int number : options.methods()) {
    auto kind = static_cast<v1::MethodKind>(number);
    std::string name = v1::MethodKind_Name(kind);
    if (name.empty()) name = absl::StrCat(number);
    if (auto why = WhyUnfit(table, FindKind(kind))) {
      reporter.Report(*table.message, absl::StrCat("methods: ", name, " does not fit: ", *why));
    } else if (!chosen.insert(kind).second) {
      reporter.Report(*table.message, absl::StrCat("methods: ", name, " is named twice"));
    }
  }
  if (options.methods().empty()) {
    for (const Kind* kind : Kinds()) {
      if (!WhyUnfit(table, kind).has_value()) chosen.insert(kind->number);
    }
  }
  const bool reads = absl::c_any_of(chosen, [](v1::MethodKind kind) { return IsRead(kind); });
  for (v1::MethodKind kind : chosen) {
    if (reads || !FindKind(kind)->filters) continue;
    reporter.Report(
        *table.message,
        absl::StrCat("methods: ", v1::MethodKind_Name(kind),
                     " does not fit: it takes a filter, which tells what rows hold, and "
                     "no method here reads them"));
  }
  return {chosen.begin(), chosen.end()};
}

bool IsRead(v1::MethodKind number) {
  const Kind* kind = FindKind(number);
  return kind != nullptr && kind->reads;
}

bool IsRead(const Table& table) {
  return absl::c_any_of(table.methods, [](v1::MethodKind kind) { return IsRead(kind); });
}

}  // namespace tenantry::schema
