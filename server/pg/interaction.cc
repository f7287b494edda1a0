#include "server/pg/interaction.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/pg/conflict.h"
#include "server/pg/context.h"
#include "server/pg/failure.h"
#include "server/pg/system.h"

namespace tenantry::pg {
namespace {

constexpr int kBinaryResults = 1;

// While it waits for the database, it looks this often whether its caller still waits.
constexpr int kLookMs = 50;
// How long a request to cancel may take. The answer to the statement is waited for beside it.
constexpr absl::Duration kCancelTimeMax = absl::Seconds(2);

// Rounded up. PostgreSQL ends a statement then; the watchdog follows later.
std::int64_t MillisecondsUntil(absl::Time time) {
  return absl::ToInt64Milliseconds(absl::Ceil(time - absl::Now(), absl::Milliseconds(1)));
}

// The one parameter of a statement that sets the time a statement may take.
constexpr char kSetTimeout[] = "SELECT pg_catalog.set_config('statement_timeout', $1, true)";

// PostgreSQL looks this often whether its client is still there (client_connection_check_interval).
constexpr char kCheckConnection[] = "SET client_connection_check_interval = '1s'";

const char* BeginSql(Isolation isolation) {
  switch (isolation) {
    case Isolation::kReadCommitted:
      break;
    case Isolation::kRepeatableRead:
      return "BEGIN ISOLATION LEVEL REPEATABLE READ";
    case Isolation::kSerializable:
      return "BEGIN ISOLATION LEVEL SERIALIZABLE";
  }
  return "BEGIN";
}

// A statement that was sent last gives its rows as they come. From version 17 on libpq can give
// several in one result, which costs it less than one each. They are few, since rows may be large.
constexpr int kRowsAtOnce = 8;
bool GiveRowsAsTheyCome(PGconn* connection) {
#ifdef LIBPQ_HAS_CHUNK_MODE
  return PQsetChunkedRowsMode(connection, kRowsAtOnce) == 1;
#else
  return PQsetSingleRowMode(connection) == 1;
#endif
}

void LogNotice(void*, const PGresult*) {}

void AwaitSocket(int socket, int events, int ms) {
  pollfd ready{socket, static_cast<short>(events), 0};
  while (poll(&ready, 1, ms) < 0 && errno == EINTR) {
  }
}

}  // namespace

absl::Status RunHandler(std::string_view request_id, absl::FunctionRef<absl::Status()> code) {
  std::string what = "not a std::exception";
  try {
    return code();
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  Log(LogLevel::kError, "a handler threw an exception",
      {{"what", what}, {"request_id", request_id}});
  return absl::InternalError("internal error");
}

// --- what the transactions of server/pg/transaction.h stand on ---

const identity::Identity& ReadTransaction::identity() const {
  return interaction_.terms().identity;
}
absl::Time ReadTransaction::deadline() const { return interaction_.deadline(); }
bool ReadTransaction::cancelled() const { return interaction_.cancelled(); }

absl::StatusOr<ResultRows> ReadTransaction::Run(SqlLiteral sql, const SqlParams& params) {
  return interaction_.Run(sql.text(), params);
}

// --- one transaction ---

Interaction::Interaction(TenantConnection& opened, const InteractiveTerms& terms, Access access,
                         absl::Time deadline)
    : opened_(opened),
      terms_(terms),
      access_(access),
      deadline_(deadline),
      connection_(std::move(opened.connection).release_raw_connection()) {
  // The receiver that libpqxx set points into its own object.
  PQsetNoticeReceiver(connection_, LogNotice, nullptr);
  PQenterPipelineMode(connection_);
}

Interaction::~Interaction() { Release(); }

absl::Status Interaction::Begin(Isolation isolation) {
  failure_ = absl::OkStatus();
  fresh_ = true;
  conflicted_ = false;
  const ContextValues context(terms_.identity, MillisecondsUntil(deadline_));
  return Exchange("context", {{BeginSql(isolation), {}},
                              {ContextSql(access_, opened_.session.pooled), context.values()}})
      .status();
}

absl::Status Interaction::RunBody(absl::FunctionRef<absl::Status(ReadTransaction&)> body) {
  ReadTransaction transaction(*this);
  return OutcomeOf([&] { return body(transaction); });
}

absl::Status Interaction::RunBody(absl::FunctionRef<absl::Status(WriteTransaction&)> body) {
  WriteTransaction transaction(*this);
  return OutcomeOf([&] { return body(transaction); });
}

absl::Status Interaction::OutcomeOf(absl::FunctionRef<absl::Status()> body) {
  absl::Status outcome = RunHandler(terms_.request_id, body);
  // Code that goes on after a failed statement has nothing that could be committed.
  return outcome.ok() ? failure_ : outcome;
}

absl::StatusOr<ResultRows> Interaction::Run(const char* sql, const SqlParams& params) {
  if (!failure_.ok()) return failure_;
  absl::StatusOr<ResultRows> result = [&]() -> absl::StatusOr<ResultRows> {
    if (cancelled()) return Cancelled();
    if (absl::Now() >= deadline_) return DeadlineExceeded();
    BoundParams bound;
    if (std::exchange(fresh_, false)) return Exchange(sql, {{sql, bound.Bind(params)}});
    const std::string left =
        std::to_string(std::max<std::int64_t>(1, MillisecondsUntil(deadline_)));
    const char* timeout = left.c_str();
    const int length = static_cast<int>(left.size());
    const int text = 0;
    return Exchange(sql, {{kSetTimeout, {1, &timeout, &length, &text}}, {sql, bound.Bind(params)}});
  }();
  if (result.ok() && PQtransactionStatus(connection_) != PQTRANS_INTRANS) {
    Log(LogLevel::kError, "a handler's statement ended its transaction",
        {{"statement", sql}, {"request_id", terms_.request_id}});
    lost_ = true;
    result = absl::InternalError("internal error");
  }
  if (!result.ok()) failure_ = result.status();
  return result;
}

// A database on a system that cannot tell (no Linux, BSD or macOS) refuses the setting: it sees the
// end at the next row that it sends. Behind a pooler the setting would stay for others.
void Interaction::WatchForItsEnd() {
  if (opened_.session.pooled) return;
  Exchange("check of the connection", {{kCheckConnection, {}}}).IgnoreError();
}

absl::Status Interaction::Stream(const char* sql, const SqlParams& params, EachRows each) {
  if (!failure_.ok()) return failure_;
  fresh_ = false;
  BoundParams bound;
  failure_ = lost_ || !Send({{sql, bound.Bind(params)}}) || !GiveRowsAsTheyCome(connection_)
                 ? Lost()
                 : CollectEach(sql, each);
  return failure_;
}

absl::Status Interaction::Commit() {
  if (access_ == Access::kReadOnly) return absl::OkStatus();
  if (cancelled()) return Cancelled();
  if (!failure_.ok()) return failure_;
  committing_ = true;
  failure_ = Exchange("COMMIT", {{"COMMIT", {}}}).status();
  committing_ = false;
  return failure_;
}

absl::Status Interaction::RollBack() { return Exchange("ROLLBACK", {{"ROLLBACK", {}}}).status(); }

bool Interaction::under_way() const {
  return !lost_ && PQtransactionStatus(connection_) != PQTRANS_IDLE;
}

absl::StatusOr<ResultRows> Interaction::Run(const Statement& statement) {
  text_ = statement.text.get();
  absl::StatusOr<ResultRows> result = Run(text_->sql.c_str(), statement.params);
  text_ = nullptr;
  return result;
}

void Interaction::Release() {
  if (connection_ == nullptr) return;
  // A request to cancel may still be on its way, and would hit the next transaction.
  if (asked_to_cancel_) lost_ = true;
  asked_to_cancel_ = true;  // the end of the transaction is not to be cancelled
  if (!lost_ && PQtransactionStatus(connection_) != PQTRANS_IDLE) {
    Exchange("ROLLBACK", {{"ROLLBACK", {}}}).IgnoreError();
  }
  PGconn* connection = std::exchange(connection_, nullptr);
  const bool usable = !lost_ && !found_read_only_ && PQstatus(connection) == CONNECTION_OK &&
                      PQtransactionStatus(connection) == PQTRANS_IDLE &&
                      PQexitPipelineMode(connection) == 1;
  if (!usable) return PQfinish(connection);
  const absl::Status taken =
      CatchPqxx([&] { opened_.connection = pqxx::connection::seize_raw_connection(connection); });
  if (!taken.ok()) PQfinish(connection);
}

bool Interaction::Send(std::initializer_list<Message> messages) {
  for (const Message& message : messages) {
    const Values& values = message.values;
    if (PQsendQueryParams(connection_, message.sql, values.count, nullptr, values.data,
                          values.lengths, values.formats, kBinaryResults) != 1) {
      return false;
    }
  }
  return PQpipelineSync(connection_) == 1;
}

absl::StatusOr<ResultRows> Interaction::Exchange(const char* name,
                                                 std::initializer_list<Message> messages) {
  if (lost_ || !Send(messages)) return Lost();
  return Collect(name);
}

// Each message is answered by its result and a null pointer, and the Sync by a result of its own
// (libpq's manual, "Pipeline Mode").
absl::StatusOr<ResultRows> Interaction::Collect(const char* name) {
  absl::Status status;
  ResultHandle last;
  while (true) {
    if (!AwaitResult()) return status.ok() ? Lost() : status;
    ResultHandle result(PQgetResult(connection_));
    switch (result ? PQresultStatus(result.get()) : PGRES_EMPTY_QUERY) {
      case PGRES_PIPELINE_SYNC:
        if (!status.ok()) return status;
        return ResultRows(last.release());
      case PGRES_EMPTY_QUERY:       // the end of one message's answers
      case PGRES_PIPELINE_ABORTED:  // a message before it failed
        break;
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        last = std::move(result);
        break;
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        lost_ = true;  // within a pipeline there is no way out of it
        return absl::InternalError("COPY cannot run in an interactive transaction");
      default:
        status.Update(Failed(result.get(), name));
        if (lost_) return status;
    }
  }
}

absl::Status Interaction::CollectEach(const char* name, EachRows each) {
  absl::Status status;
  while (true) {
    if (!AwaitResult()) return status.ok() ? Lost() : status;
    ResultHandle result(PQgetResult(connection_));
    switch (result ? PQresultStatus(result.get()) : PGRES_EMPTY_QUERY) {
      case PGRES_PIPELINE_SYNC:
        return status;
      case PGRES_EMPTY_QUERY:  // the end of the statement's answers
      case PGRES_TUPLES_OK:    // the end of its rows
        break;
#ifdef LIBPQ_HAS_CHUNK_MODE
      case PGRES_TUPLES_CHUNK:
#endif
      case PGRES_SINGLE_TUPLE:
        status = each(ResultRows(result.release()));
        if (status.ok()) break;
        // The rows that are on their way are not wanted: a new connection costs less than to read
        // them all.
        AskToCancel();
        lost_ = true;
        return status;
      default:
        status.Update(Failed(result.get(), name));
        if (lost_) return status;
    }
  }
}

bool Interaction::AwaitResult() {
  while (PQisBusy(connection_)) {
    if (!asked_to_cancel_ && !committing_ && cancelled()) AskToCancel();
    AwaitSocket(PQsocket(connection_), POLLIN, kLookMs);
    if (PQconsumeInput(connection_) != 1) return false;
  }
  return PQstatus(connection_) == CONNECTION_OK;
}

// The statement ends with 57014, and so does its transaction. Without libpq 17 it runs to its end
// or its deadline, since an older libpq would wait for the database without limit.
void Interaction::AskToCancel() {
  asked_to_cancel_ = true;
#ifdef LIBPQ_HAS_ASYNC_CANCEL
  const absl::Time until = absl::Now() + kCancelTimeMax;
  PGcancelConn* request = PQcancelCreate(connection_);
  if (PQcancelStart(request) == 1) {
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
      if (absl::Now() >= until) break;
      AwaitSocket(PQcancelSocket(request), next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                  kLookMs);
      next = PQcancelPoll(request);
    }
  }
  PQcancelFinish(request);
#endif
}

absl::Status Interaction::Failed(const PGresult* result, const char* name) {
  const Failure failure = ReadFailure(result);
  if (failure.fatal) lost_ = true;
  if (asked_to_cancel_ && failure.error.sqlstate == kCancelledSqlState) return Cancelled();
  if (failure.error.sqlstate.empty()) return Lost();
  LogFailure(failure, terms_.request_id, name);
  conflicted_ = IsConflict(failure.error.sqlstate) && !failure.fatal;
  if (committing_ && failure.fatal) return OutcomeUnknown();
  if (access_ == Access::kReadWrite && failure.error.sqlstate == kReadOnlySqlState) {
    found_read_only_ = true;
  }
  return StatusOf(failure.error, access_, text_);
}

absl::Status Interaction::Lost() {
  lost_ = true;
  Log(LogLevel::kWarn, "connection lost under an interactive transaction",
      {{"why", ToStd(absl::StripTrailingAsciiWhitespace(PQerrorMessage(connection_)))},
       {"request_id", terms_.request_id}});
  return committing_ ? OutcomeUnknown() : DatabaseUnavailable();
}

}  // namespace tenantry::pg
