// How a column gets another type.
#pragma once

#include <optional>
#include <string>

#include "server/migrate/hazard.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct Cast {
  std::string expression;  // of USING; empty: PostgreSQL finds the cast itself
  Hazards hazards;         // besides the lock
  bool rewrites = true;    // false: only the catalog changes
};

// From one type of a column to another, as snapshots write them. `column` is quoted. Nothing when
// no rule says what a value becomes. `labels_from` and `labels_to`: the enum types that they are,
// or null.
std::optional<Cast> CastOf(const std::string& from, const std::string& to,
                           const std::string& column, const v1::EnumType* enum_from,
                           const v1::EnumType* enum_to);

}  // namespace tenantry::migrate
