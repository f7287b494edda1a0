// Runs one section of a migration.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/migrate/folder.h"
#include "server/pg/system.h"

namespace tenantry::migrate {

// How far a section in batches has come.
struct BatchPosition {
  std::int64_t file = 0;    // pg_relation_filenode: another one when the table was written anew
  std::int64_t blocks = 0;  // of the table that are done
};

struct SectionOptions {
  // How long a statement waits for a table's lock, and how often it is tried: queries on the table
  // wait behind it. In between others get their turn.
  absl::Duration lock_timeout;
  int lock_tries;
  absl::Duration lock_retry_wait;
  std::function<void(const std::string& line)> progress;
  // Is committed with each batch of a section in batches.
  std::function<void(pqxx::transaction_base&, const BatchPosition&)> keep_position = nullptr;
};

// What a run before has left of a section.
struct Resumed {
  bool begun = false;  // and nobody knows how far it came
  BatchPosition position = {};
};

class SectionRunner {
 public:
  using Record = absl::FunctionRef<void(pqxx::transaction_base&)>;

  SectionRunner(pqxx::connection& connection, SectionOptions options)
      : connection_(connection), options_(std::move(options)) {}

  // `record` is committed with the section, or, outside a transaction, after it.
  absl::Status Run(const Section& section, const Resumed& resumed, Record record);

 private:
  absl::Status InTransaction(const Section& section, Record record);
  absl::Status Outside(const Section& section, const Resumed& resumed, Record record);
  absl::Status RunAlone(const std::string& sql, const Section& section, bool resumed);
  absl::Status Execute(const std::string& sql, const Section& section, std::int64_t* rows);
  absl::Status Repeat(const std::string& sql, const Section& section);
  absl::Status InBatches(const Section& section, BatchPosition position);
  absl::StatusOr<std::int64_t> RunBatch(const Section& section, const BatchPosition& from,
                                        std::int64_t end);
  // Whether the index that the statement makes is there already. One that was not finished is
  // dropped.
  absl::StatusOr<bool> IsBuilt(const std::string& sql, bool resumed);
  absl::Status WithRetries(const std::string& what, absl::FunctionRef<absl::Status()> run);
  void Progress(const std::string& line) const {
    if (options_.progress) options_.progress(line);
  }

  pqxx::connection& connection_;
  const SectionOptions options_;
};

}  // namespace tenantry::migrate
