// Names and numbers that derived messages need for fields of their own, beside the fields that
// stand for columns and relations.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace tenantry::schema {

// The last twelve numbers that a field can have.
inline constexpr int kFirstDerivedNumber = 536870900;

// Why no column and no relation can have the name or the number; empty when one can.
std::string WhyReserved(absl::string_view name, int number);

}  // namespace tenantry::schema
