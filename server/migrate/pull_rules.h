// The rules of a column, read back from the check that a schema makes of them (schema/rules.h).
#pragma once

#include <string>
#include <vector>

namespace tenantry::migrate {

enum class RuledType { kText, kNumber, kDate, kTime, kOther };

// The options of tenantry.v1.column that the condition stands for, beyond what the type alone
// makes: `pattern: "[a-z]+"`, `gte: "2020-01-01"`. `check` is as pg_get_constraintdef writes it.
std::vector<std::string> RuleOptions(const std::string& check, RuledType type, bool repeated);

}  // namespace tenantry::migrate
