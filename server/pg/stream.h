// Streams: tenant transactions that last for as long as their callers take rows or send them, on
// connections of their own (Route::kStreams), behind the same context as all others.
#pragma once

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/pg/executor.h"
#include "server/pg/interactive.h"

namespace tenantry::pg {

class Interaction;

// Transactions of one caller that change rows, one after the other on one connection.
class WriteStream {
 public:
  explicit WriteStream(Interaction& interaction) : interaction_(interaction) {}
  WriteStream(const WriteStream&) = delete;
  WriteStream& operator=(const WriteStream&) = delete;

  // Runs a statement in the transaction, and begins one where none is under way. After one that
  // failed, all others of the transaction fail alike.
  absl::StatusOr<ResultRows> Run(const Statement& statement);
  // Ends the transaction, if one is under way.
  enum class How { kCommit, kRollBack };
  absl::Status End(How how);

 private:
  Interaction& interaction_;
};

// Blocks the calling thread, so it is used on a worker.
class StreamRunner {
 public:
  using EachRows = absl::FunctionRef<absl::Status(const Rows&)>;

  virtual ~StreamRunner() = default;

  // Runs one statement in a transaction that changes nothing, and gives its rows to `each` as they
  // come. It sees the rows as they were when it began, all of them at one moment. While `each` does
  // not return, the database waits: nobody holds more than a few rows. When `each` fails, that is
  // the outcome, and the connection is closed.
  //
  // `deadline` of the terms ends the statement, however long it is away.
  // Errors are those of TenantTransaction::Done and CANCELLED. A lost connection is UNAVAILABLE,
  // and `each` may have had rows by then.
  virtual absl::Status Read(const InteractiveTerms& terms, const Statement& statement,
                            EachRows each) = 0;

  // Lends a connection to `body`, for as long as it runs. What it leaves under way is rolled back.
  // In addition OUTCOME_UNKNOWN: the connection was lost under a commit.
  virtual absl::Status Write(const InteractiveTerms& terms,
                             absl::FunctionRef<absl::Status(WriteStream&)> body) = 0;
};

// Draws from the executor's pool, which must outlive it.
std::unique_ptr<StreamRunner> MakeStreamRunner(Executor& executor);

}  // namespace tenantry::pg
