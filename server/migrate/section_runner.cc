#include "server/migrate/section_runner.h"

#include <algorithm>
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
// The rows of a batch are locked until it ends.
constexpr absl::Duration kBatchTime = absl::Milliseconds(200);
constexpr std::int64_t kBatchBlocksMax = 8192;
// Clients lock rows in another order. When a batch and a client wait for each other, the batch is
// to give up: before PostgreSQL looks for deadlocks, which it does after one second.
constexpr absl::Duration kBatchLockTimeout = absl::Milliseconds(500);

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

// The table of `UPDATE schema.table`, quoted; empty for any other statement.
std::string UpdatedTable(const std::string& sql) {
  const std::vector<SqlToken> tokens = SqlTokens(sql);
  if (tokens.size() < 4 || tokens[0].text != "update" || tokens[2].text != ".") return "";
  return schema::QuoteQualified(tokens[1].text, tokens[3].text);
}

// The table's file, and how many blocks it has.
absl::StatusOr<BatchPosition> SizeOf(pqxx::connection& connection, const std::string& table) {
  BatchPosition size;
  absl::Status status = pg::CatchPqxx([&] {
    pqxx::nontransaction tx(connection);
    const pqxx::row row = tx.exec(
        "SELECT pg_catalog.pg_relation_filenode($1::regclass)::bigint,"
        " pg_catalog.pg_relation_size($1::regclass)"
        "   / pg_catalog.current_setting('block_size')::bigint",
        pqxx::params{table})[0];
    size = {row[0].as<std::int64_t>(), row[1].as<std::int64_t>()};
  });
  if (!status.ok()) return status;
  return size;
}

// How many blocks a batch has: so many that it holds its rows' locks for about kBatchTime.
class BatchSize {
 public:
  std::int64_t blocks() const { return blocks_; }
  void Took(absl::Duration time) {
    if (time > 2 * kBatchTime) blocks_ = std::max<std::int64_t>(1, blocks_ / 2);
    if (time < kBatchTime / 2) blocks_ = std::min<std::int64_t>(kBatchBlocksMax, blocks_ * 2);
  }

 private:
  std::int64_t blocks_ = 16;
};

// Tells every few seconds how much of a table is done.
class BatchProgress {
 public:
  BatchProgress(std::string table, std::function<void(const std::string&)> tell)
      : table_(std::move(table)), tell_(std::move(tell)) {}

  void Begin(std::int64_t done, std::int64_t all) {
    all_ = all;
    if (done > 0) Tell(absl::StrCat("going on at block ", done, " of ", all));
  }
  void Add(std::int64_t done, std::int64_t rows) {
    rows_ += rows;
    if (absl::Now() - told_ < kTickEvery) return;
    Tell(absl::StrCat(100 * done / all_, " %, ", rows_, " rows"));
  }
  void Done() { Tell(absl::StrCat("done, ", rows_, " rows")); }

 private:
  void Tell(const std::string& what) {
    if (tell_) tell_(absl::StrCat("  ", Elapsed(start_), ", ", table_, ": ", what));
    told_ = absl::Now();
  }

  const std::string table_;
  const std::function<void(const std::string&)> tell_;
  const absl::Time start_ = absl::Now();
  absl::Time told_ = start_;
  std::int64_t all_ = 0, rows_ = 0;
};

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

absl::Status SectionRunner::Run(const Section& section, const Resumed& resumed, Record record) {
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

absl::Status SectionRunner::Outside(const Section& section, const Resumed& resumed, Record record) {
  absl::Status status =
      section.in_batches ? InBatches(section, resumed.position) : absl::OkStatus();
  if (!status.ok()) return status;
  for (const std::string& sql : section.statements) {
    if (section.in_batches) break;
    status = section.repeated ? Repeat(sql, section) : RunAlone(sql, section, resumed.begun);
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

// Another file of the table means that somebody has written it anew meanwhile (VACUUM FULL): rows
// may be anywhere in it, so it is gone through once more.
absl::Status SectionRunner::InBatches(const Section& section, BatchPosition position) {
  const std::string table =
      section.statements.size() == 1 ? UpdatedTable(section.statements[0]) : "";
  if (table.empty()) {
    return absl::InvalidArgumentError(
        "a section in batches holds one statement, UPDATE schema.table ...");
  }
  BatchSize size;
  BatchProgress progress(table, options_.progress);
  while (true) {
    absl::StatusOr<BatchPosition> whole = SizeOf(connection_, table);
    if (!whole.ok()) return whole.status();
    if (position.file == whole->file && position.blocks >= whole->blocks) break;
    if (position.file != whole->file) position = {whole->file, 0};
    progress.Begin(position.blocks, whole->blocks);
    while (position.blocks < whole->blocks) {
      const std::int64_t end = std::min(position.blocks + size.blocks(), whole->blocks);
      const absl::Time start = absl::Now();
      absl::StatusOr<std::int64_t> rows = RunBatch(section, position, end);
      if (!rows.ok()) return rows.status();
      size.Took(absl::Now() - start);
      position.blocks = end;
      progress.Add(end, *rows);
    }
    // New rows are right without it, and so nothing of what the table has grown by is gone through.
    absl::StatusOr<BatchPosition> now = SizeOf(connection_, table);
    if (!now.ok()) return now.status();
    if (now->file == position.file) break;
  }
  progress.Done();
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> SectionRunner::RunBatch(const Section& section,
                                                     const BatchPosition& from, std::int64_t end) {
  std::int64_t rows = 0;
  absl::Status status = WithRetries(FirstLine(section.statements[0]), [&] {
    return pg::CatchPqxx([&] {
      pqxx::work tx(connection_);
      tx.exec(absl::StrCat(
          "SET LOCAL lock_timeout = ",
          absl::ToInt64Milliseconds(std::min(options_.lock_timeout, kBatchLockTimeout))));
      tx.exec(absl::StrCat("SET LOCAL statement_timeout = ",
                           absl::ToInt64Milliseconds(section.statement_timeout)));
      rows = tx.exec(section.statements[0], pqxx::params{absl::StrCat("(", from.blocks, ",0)"),
                                                         absl::StrCat("(", end, ",0)")})
                 .affected_rows();
      if (options_.keep_position) options_.keep_position(tx, {from.file, end});
      tx.commit();
    });
  });
  if (!status.ok()) return status;
  return rows;
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
