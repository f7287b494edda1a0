// One difference of two models, for people.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace tenantry::migrate {

struct Change {
  enum class Kind { kNew, kRenamed, kChanged, kDropped };
  Kind kind;
  std::string object;  // `saas.contacts.phone`
  std::string what;    // `new column`

  std::string ToString() const { return absl::StrCat(object, ": ", what); }
};

}  // namespace tenantry::migrate
