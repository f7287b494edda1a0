#include "server/schema/reserved.h"

#include "absl/strings/str_cat.h"
#include "server/schema/naming.h"

namespace tenantry::schema {

std::string WhyReserved(absl::string_view name, int number) {
  for (absl::string_view taken : {"all_of", "any_of", "none_of"}) {
    if (JsonName(name) != JsonName(taken)) continue;
    return absl::StrCat("the name `", name, "` is taken: derived filters have a field `", taken,
                        "` of their own. Rename it");
  }
  if (number >= kFirstDerivedNumber) {
    return absl::StrCat("number ", number, " is taken: those from ", kFirstDerivedNumber,
                        " on are for fields that derived messages add. Choose a smaller one");
  }
  return "";
}

}  // namespace tenantry::schema
