// One interactive transaction on one connection: what its statements go through. It speaks libpq
// itself, since libpqxx tells of a failed statement only its SQLSTATE, and not which table and
// constraint it was about.
//
// Messages go in pipeline mode, [BEGIN][context][Sync], then [statement][Sync] for each statement:
// the context costs no round trip of its own.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/pg/executor.h"
#include "server/pg/interactive.h"
#include "server/pg/open.h"
#include "server/pg/transaction.h"
#include "server/pg/wire.h"

namespace tenantry::pg {

class Interaction {
 public:
  // Takes the handle out of `opened` until Release. `terms` must outlive the interaction.
  Interaction(TenantConnection& opened, const InteractiveTerms& terms, Access access,
              absl::Time deadline);
  ~Interaction();
  Interaction(const Interaction&) = delete;
  Interaction& operator=(const Interaction&) = delete;

  const InteractiveTerms& terms() const { return terms_; }
  absl::Time deadline() const { return deadline_; }
  bool cancelled() const { return terms_.cancelled != nullptr && terms_.cancelled(); }

  // Begins the transaction and sets the context.
  absl::Status Begin(Isolation isolation = Isolation::kReadCommitted);
  // Runs the code of the transaction. What it throws ends here.
  absl::Status RunBody(absl::FunctionRef<absl::Status(ReadTransaction&)> body);
  absl::Status RunBody(absl::FunctionRef<absl::Status(WriteTransaction&)> body);
  absl::StatusOr<ResultRows> Run(const char* sql, const SqlParams& params);
  // The same of a statement whose text is known, so that what fails is told apart.
  absl::StatusOr<ResultRows> Run(const Statement& statement);
  // Runs a statement and gives its rows to `each` as they come, one result at a time, so that no
  // more are held here. When `each` fails, the statement is given up, and with it the connection.
  using EachRows = absl::FunctionRef<absl::Status(const ResultRows&)>;
  absl::Status Stream(const char* sql, const SqlParams& params, EachRows each);
  // The database ends a statement soon after this connection is gone, also one that sends no rows.
  void WatchForItsEnd();
  // Commits a transaction that may change rows. Another has its results already, and ends with
  // Release.
  absl::Status Commit();
  // Takes the transaction back. Another may begin.
  absl::Status RollBack();
  // A transaction has begun and not ended.
  bool under_way() const;
  // Ends the transaction if it has not ended, and gives the handle back. The connection is closed
  // afterwards when it cannot be used again, or leads to a server that takes no changes.
  void Release();

  bool lost() const { return lost_; }
  // The database rolled the transaction back for a conflict (conflict.h).
  bool conflicted() const { return conflicted_; }

 private:
  struct Message {
    const char* sql;
    Values values;
  };

  // Sends the messages and a Sync, and waits for all answers. The result is that of the last.
  // `name`: what it is, for the log.
  absl::StatusOr<ResultRows> Exchange(const char* name, std::initializer_list<Message> messages);
  bool Send(std::initializer_list<Message> messages);
  absl::StatusOr<ResultRows> Collect(const char* name);
  absl::Status CollectEach(const char* name, EachRows each);
  // Waits until libpq can give a result. False: the connection is lost.
  bool AwaitResult();
  void AskToCancel();
  absl::Status Failed(const PGresult* result, const char* name);
  absl::Status Lost();
  absl::Status OutcomeOf(absl::FunctionRef<absl::Status()> body);

  TenantConnection& opened_;
  const InteractiveTerms& terms_;
  const Access access_;
  const absl::Time deadline_;
  PGconn* connection_;
  const SqlText* text_ = nullptr;  // of the statement that runs, where it is known
  absl::Status failure_;           // of the first statement that failed
  bool fresh_ = true;              // no statement has run since the context
  bool committing_ = false;
  bool asked_to_cancel_ = false;
  bool found_read_only_ = false;
  bool lost_ = false;
  bool conflicted_ = false;
};

}  // namespace tenantry::pg
