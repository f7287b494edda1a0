// The rules of a column as options of protovalidate.
#pragma once

#include <optional>

#include "buf/validate/validate.pb.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// What clients can check of the field before they send it. Never more than the server asks for: a
// request that keeps the server's rules keeps these too. Left out is what their rules cannot say,
// as bounds of decimals and dates, and what is not asked of every request, as that a field is
// there. Nothing when no rule is left.
std::optional<buf::validate::FieldRules> ValidateRulesOf(const Column& column);

}  // namespace tenantry::schema
