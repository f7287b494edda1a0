// The files of sql/bootstrap, built in: a server installed alone can set a database up.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tenantry::migrate {

// File name and text: first functions, then tables, each in the order of their names.
const std::vector<std::pair<std::string, std::string>>& BootstrapSql();

// What a file's function is called in the schema tenantry, as in `refuse(text, integer)`. Empty for
// a file that makes a table. The catalog spells it as TENANTRY_SIGNATURE.
std::string SignatureOf(const std::string& sql);

#define TENANTRY_SIGNATURE "p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')'"

// Functions that statements of the server call, beside those that policies and defaults do. An
// older bootstrap may not have made them.
inline constexpr const char* kCalledFunctions[] = {"refuse(text, integer)",
                                                   "row_too_large()",
                                                   "reference_deleted(text, integer)",
                                                   "keep_rows(uuid, bytea, bigint, bigint, bytea)",
                                                   "kept_rows(uuid)",
                                                   "clear_requests()"};

}  // namespace tenantry::migrate
