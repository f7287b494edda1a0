// Several commands as one transaction: a file with one command on each line.
//
//   # an order of a new contact
//   contact create --name Ada
//   order create --contact-id @1.id --total-cents 500
//   order get @2.id --select total_cents,contact.name
//
// Words are quoted as in a shell, and `#` begins a comment. A value @N.FIELD is that of a field of
// the N-th command's request, counted from 1, also an identifier that the server makes for it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/arguments.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/server.h"

namespace tenantry::cli {

// The words of each line that has some, with the number of the line. INVALID_ARGUMENT names the
// line whose quotes do not close.
struct Line {
  int number;
  std::vector<std::string> words;
};
absl::StatusOr<std::vector<Line>> SplitLines(const std::string& text);

struct TransactOptions {
  Server& server;  // whose catalog was read
  const Input& input;
  const Arguments& arguments;
  const TableStyle& table;
  std::ostream& out;
  std::ostream& err;
};

// `words`: what stands behind `transact`: FILE, or - for standard input, and the flags --isolation
// LEVEL, --request-id UUID and --validate-only. Prints the replies, each below its command. Returns
// the exit code (failure.h).
int RunTransact(const std::vector<std::string>& words, const TransactOptions& options);

}  // namespace tenantry::cli
