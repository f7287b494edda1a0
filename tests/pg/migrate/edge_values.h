// Values at the limits of every column type, as text that PostgreSQL casts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/schema/schema.h"

namespace tenantry::migrate {

using Texts = std::vector<std::string>;

// Seconds from the Unix epoch to 2000-01-01, from which PostgreSQL counts.
inline constexpr std::int64_t kEpochOfPostgres = 946684800;

// Values of the column's element type, right and wrong ones.
Texts Candidates(const schema::Column& column);
// Arrays that no list of elements says.
Texts OddArrays(const schema::Column& column);

}  // namespace tenantry::migrate
