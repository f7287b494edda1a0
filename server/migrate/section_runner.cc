#include "server/migrate/section_runner.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "server/migrate/sql_text.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

constexpr absl::Duration kTickEvery = absl::Seconds(10);

std::string Elapsed(absl::Time since) {
  return absl::FormatDuration(absl::Trunc(absl::Now() - since, absl::Milliseconds(1)));
}

// Its first line that is no comment.
std::string FirstLine(const std::string& sql) {
  for (absl::string_view line : absl::StrSplit(sql, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty() && !absl::StartsWith(line, "--")) return std::string(line);
  }
  return "";
}

// Says every few seconds that a step still runs.
class Ticker {
 public:
  Ticker(std::function<void(const std::string&)> progress, std::string what)
      : progress_(std::move(progress)), what_(std::move(what)), thread_([this] { Run(); }) {}
  ~Ticker() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  void Run() {
    const absl::Time start = absl::Now();
    std::unique_lock lock(mutex_);
    while (
        !wake_.wait_for(lock, absl::ToChronoMilliseconds(kTickEvery), [this] { return done_; })) {
      if (progress_) progress_(absl::StrCat("  ", Elapsed(start), ": ", what_));
    }
  }

  const std::function<void(const std::string&)> progress_;
  const std::string what_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

struct ConcurrentIndex {
  std::string schema, name;
};

// What CREATE INDEX CONCURRENTLY makes; nothing for any other statement.
std::optional<ConcurrentIndex> IndexOf(const std::string& sql) {
  const std::vector<SqlToken> tokens = SqlTokens(sql);
  std::size_t i = 0;
  auto accept = [&](absl::string_view word) {
    if (i >= tokens.size() || tokens[i].text != word) return false;
    ++i;
    return true;
  };
  if (!accept("create")) return std::nullopt;
  accept("unique");
  if (!accept("index") || !accept("concurrently")) return std::nullopt;
  if (accept("if") && !(accept("not") && accept("exists"))) return std::nullopt;
  if (i + 4 >= tokens.size() || tokens[i + 1].text != "on") return std::nullopt;
  ConcurrentIndex index;
  index.name = tokens[i].text;
  i += 2;
  accept("only");
  // An index is in the namespace of its table.
  if (i + 1 >= tokens.size() || tokens[i + 1].text != ".") return std::nullopt;
  index.schema = tokens[i].text;
  return index;
}

// Statements that wait for whole transactions to end, while they keep nobody from the table.
bool WaitsPatiently(const std::string& sql) {
  for (const SqlToken& token : SqlTokens(sql)) {
    if (token.kind == SqlToken::Kind::kName &&
        (token.text == "concurrently" || token.text == "validate")) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::Status SectionRunner::Run(const Section& section, bool resumed, Record record) {
  return section.in_transaction ? InTransaction(section, record)
                                : Outside(section, resumed, record);
}

absl::Status SectionRunner::WithRetries(const std::string& what,
                                        absl::FunctionRef<absl::Status()> run) {
  for (int tried = 1;; ++tried) {
    absl::Status status = run();
    // A lock that could not be had in time, or a deadlock: nothing of it has happened.
    if (status.code() != absl::StatusCode::kAborted || tried >= options_.lock_tries) return status;
    Progress(absl::StrCat("  try ", tried, " of ", options_.lock_tries, " got no lock: ", what));
    absl::SleepFor(options_.lock_retry_wait);
  }
}

absl::Status SectionRunner::InTransaction(const Section& section, Record record) {
  const std::string what = section.statements.empty() ? "" : FirstLine(section.statements.front());
  Ticker ticker(options_.progress, what);
  return WithRetries(what, [&] {
    return pg::CatchPqxx([&] {
      pqxx::work tx(connection_);
      tx.exec(absl::StrCat("SET LOCAL lock_timeout = ",
                           absl::ToInt64Milliseconds(options_.lock_timeout)));
      if (section.statement_timeout > absl::ZeroDuration()) {
        tx.exec(absl::StrCat("SET LOCAL statement_timeout = ",
                             absl::ToInt64Milliseconds(section.statement_timeout)));
      }
      for (const std::string& sql : section.statements) tx.exec(sql);
      record(tx);
      tx.commit();
    });
  });
}

absl::Status SectionRunner::Outside(const Section& section, bool resumed, Record record) {
  for (const std::string& sql : section.statements) {
    absl::Status status = section.repeated ? Repeat(sql, section) : RunAlone(sql, section, resumed);
    if (!status.ok()) return status;
  }
  return pg::CatchPqxx([&] {
    pqxx::nontransaction tx(connection_);
    record(tx);
  });
}

absl::Status SectionRunner::RunAlone(const std::string& sql, const Section& section, bool resumed) {
  const std::string what = FirstLine(sql);
  absl::StatusOr<bool> built = IsBuilt(sql, resumed);
  if (!built.ok()) return built.status();
  if (*built) {
    Progress(absl::StrCat("  is there: ", what));
    return absl::OkStatus();
  }
  const absl::Time start = absl::Now();
  absl::Status status;
  {
    Ticker ticker(options_.progress, what);
    std::int64_t rows = 0;
    status = WithRetries(what, [&] { return Execute(sql, section, &rows); });
  }
  if (status.ok()) Progress(absl::StrCat("  ", Elapsed(start), ": ", what));
  return status;
}

absl::Status SectionRunner::Execute(const std::string& sql, const Section& section,
                                    std::int64_t* rows) {
  return pg::CatchPqxx([&] {
    pqxx::nontransaction tx(connection_);
    const absl::Duration lock = WaitsPatiently(sql) ? absl::ZeroDuration() : options_.lock_timeout;
    tx.exec(absl::StrCat("SET lock_timeout = ", absl::ToInt64Milliseconds(lock)));
    tx.exec(absl::StrCat("SET statement_timeout = ",
                         absl::ToInt64Milliseconds(section.statement_timeout)));
    auto reset = [&] { tx.exec("RESET lock_timeout; RESET statement_timeout"); };
    try {
      *rows = tx.exec(sql).affected_rows();
    } catch (const pqxx::sql_error&) {
      reset();
      throw;
    }
    reset();
  });
}

absl::Status SectionRunner::Repeat(const std::string& sql, const Section& section) {
  const absl::Time start = absl::Now();
  absl::Time told = start;
  std::int64_t total = 0;
  while (true) {
    std::int64_t rows = 0;
    absl::Status status = WithRetries(FirstLine(sql), [&] { return Execute(sql, section, &rows); });
    if (!status.ok()) return status;
    total += rows;
    const bool done = rows == 0;
    if (done || absl::Now() - told > kTickEvery) {
      Progress(absl::StrCat("  ", Elapsed(start), ", ", total, " rows: ", FirstLine(sql)));
      told = absl::Now();
    }
    if (done) return absl::OkStatus();
  }
}

absl::StatusOr<bool> SectionRunner::IsBuilt(const std::string& sql, bool resumed) {
  const std::optional<ConcurrentIndex> index = IndexOf(sql);
  if (!index) return false;
  bool there = false, valid = false, in_work = false;
  absl::Status status = pg::CatchPqxx([&] {
    pqxx::nontransaction tx(connection_);
    pqxx::result found = tx.exec(
        "SELECT i.indisvalid, EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p"
        "   WHERE p.index_relid = i.indexrelid AND p.pid <> pg_catalog.pg_backend_pid())"
        " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        "   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = $1 AND c.relname = $2",
        pqxx::params{index->schema, index->name});
    there = !found.empty();
    if (!there) return;
    valid = found[0][0].as<bool>();
    in_work = found[0][1].as<bool>();
  });
  if (!status.ok()) return status;
  if (!there) return false;
  const std::string name = schema::QuoteQualified(index->schema, index->name);
  if (valid && !resumed) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is an index ", name,
                     " already, which this migration did not make: drop it or rename it"));
  }
  if (valid) return true;
  if (in_work) {
    return absl::FailedPreconditionError(absl::StrCat("another session builds the index ", name,
                                                      " right now; run migrate again afterwards"));
  }
  Progress(absl::StrCat("  the index ", name, " was not finished; it is built anew"));
  status = pg::CatchPqxx([&] {
    pqxx::nontransaction(connection_).exec(absl::StrCat("DROP INDEX CONCURRENTLY ", name));
  });
  if (!status.ok()) return status;
  return false;
}

}  // namespace tenantry::migrate
