// The migrations on disk: sql/migrations/NNNN_name/{up.sql, snapshot.textproto}.
//
// up.sql is a sequence of sections. A line
//
//   -- tenantry: in a transaction, statement timeout 1m
//
// begins one that is a single transaction, and
//
//   -- tenantry: outside a transaction, statement timeout 6h
//
// one whose statements run one by one, each committed by itself: every statement ends with a
// semicolon at the end of a line. Such a section may also be
//   - `in batches`: one `UPDATE schema.table ... WHERE ctid >= $1 AND ctid < $2 ...`, which goes
//     through the table as it was at the beginning, some blocks at a time, each time in a
//     transaction of its own. What is written later must be right without it;
//   - `repeated`: its statements run again until none of them changes a row. Only migrations of
//     older versions have it.
// What is left out has no timeout; before the first such line is a transaction. A migration that
// stops half-way goes on at the section where it stopped. So a section outside a transaction must
// be one that may run twice.
//
// Line ends do not count: a checksum is the same with CR LF as with LF.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/migrate/emit.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct Section {
  bool in_transaction = true;
  bool in_batches = false;
  bool repeated = false;
  absl::Duration statement_timeout = absl::ZeroDuration();  // zero: none
  std::vector<std::string> statements;  // in a transaction: one entry with the whole text
};

// A migration with this line is not whole: somebody has to write a part of it by hand.
inline constexpr char kToBeWritten[] = "-- tenantry: to be written by hand";

struct Migration {
  std::string name;      // `0001_initial`
  std::string up_sql;    // text of the file
  std::string checksum;  // SHA-256 of up.sql, hex
  // The same of the bytes in the file. It differs where lines end with CR LF.
  std::string checksum_of_bytes;
  std::optional<v1::Snapshot> snapshot;

  // INVALID_ARGUMENT when a line that begins with `-- tenantry:` is none of those above.
  absl::StatusOr<std::vector<Section>> Sections() const;
  bool IsToBeWritten() const;
};

// In the order of their names. A directory that does not exist holds none.
absl::StatusOr<std::vector<Migration>> ReadMigrations(const std::string& directory);

// A migration as it is generated.
struct Draft {
  std::string name;
  Statements statements;
  std::vector<std::string> changes = {};  // for a reader
  std::vector<std::string> by_hand = {};  // what its statements leave out
  bool custom = false;                    // somebody adds statements
  v1::Snapshot snapshot = {};
};

// Makes the folder `<directory>/<name>`, which must not exist.
absl::Status WriteMigration(const std::string& directory, const Draft& draft);

// Text of up.sql.
std::string RenderUpSql(const Draft& draft);

// `DELETES_DATA: deletes data for good (2 statements)`, the worst first.
std::vector<std::string> HazardSummary(const Statements& statements);

}  // namespace tenantry::migrate
