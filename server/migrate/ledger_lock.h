// The advisory lock that one run of `migrate` at a time holds on a database.
#pragma once

namespace tenantry::migrate {

// "tenantry" in ASCII.
inline constexpr char kLedgerLock[] = "8387794213840552569";

}  // namespace tenantry::migrate
