// How many files, sockets among them, this process may have open.
#pragma once

namespace tenantry {

// Raises the soft limit to the hard one, for this process and those that it starts. Returns the
// limit that holds then.
int RaiseOpenFileLimit();

// How many are open now.
int CountOpenFiles();

}  // namespace tenantry
