#include "server/schema/reserved.h"

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "server/schema/naming.h"

namespace tenantry::schema {

namespace {

std::string WhyTaken(absl::string_view name, std::initializer_list<absl::string_view> own,
                     absl::string_view messages) {
  for (absl::string_view taken : own) {
    if (JsonName(name) != JsonName(taken)) continue;
    return absl::StrCat("the name `", name, "` is taken: derived ", messages, " have a field `",
                        taken, "` of their own. Rename it");
  }
  return "";
}

}  // namespace

std::string WhyReservedForRelation(const Relation& relation) {
  // Only relations to one row are fields of orders.
  if (!relation.many) {
    std::string taken = WhyTaken(relation.name, {"field", "direction", "nulls"}, "orders");
    if (!taken.empty()) return taken;
    taken = WhyTaken(relation.name, {"unit", "time_zone"}, "groups of aggregates");
    if (!taken.empty()) return taken;
  }
  return WhyReserved(relation.name, relation.number);
}

std::string WhyReserved(absl::string_view name, int number) {
  std::string taken = WhyTaken(name, {"all_of", "any_of", "none_of"}, "filters");
  if (!taken.empty()) return taken;
  taken = WhyTaken(name, {"aggregates"}, "selects and resources");
  if (!taken.empty()) return taken;
  if (number >= kFirstDerivedNumber) {
    return absl::StrCat("number ", number, " is taken: those from ", kFirstDerivedNumber,
                        " on are for fields that derived messages add. Choose a smaller one");
  }
  return "";
}

}  // namespace tenantry::schema
