// The files of shapes that settings name.
#pragma once

#include "absl/status/statusor.h"
#include "server/base/config.h"
#include "server/plan/shapes.h"

namespace tenantry::serve {

// Reads shapes-enforce, and opens shapes-record, to which each shape is added that is not there
// yet. The message of an error begins with the setting.
absl::StatusOr<plan::ShapeRules> ShapeRulesOf(const Config& config);

}  // namespace tenantry::serve
