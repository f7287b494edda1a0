// The migrations on disk: sql/migrations/NNNN_name/{up.sql, snapshot.textproto}.
//
// up.sql is a sequence of sections. It begins in a transaction; a line
//
//   -- tenantry: outside a transaction
//
// begins a section whose statements run one by one, each committed by itself, and
//
//   -- tenantry: in a transaction
//
// begins a section that is one transaction. Outside a transaction every statement ends with a
// semicolon at the end of a line. A migration that stops half-way goes on at the section where it
// stopped. So a section outside a transaction must be one that may run twice.
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
  std::vector<std::string> statements;  // in a transaction: one entry with the whole text
};

struct Migration {
  std::string name;      // `0001_initial`
  std::string up_sql;    // text of the file
  std::string checksum;  // SHA-256 of up.sql, hex
  std::optional<v1::Snapshot> snapshot;

  std::vector<Section> Sections() const;
};

// In the order of their names. A directory that does not exist holds none.
absl::StatusOr<std::vector<Migration>> ReadMigrations(const std::string& directory);

// Makes the folder `<directory>/<name>`, which must not exist.
absl::Status WriteMigration(const std::string& directory, const std::string& name,
                            const Statements& statements, const v1::Snapshot& snapshot);

// Text of up.sql.
std::string RenderUpSql(const std::string& name, const Statements& statements);

}  // namespace tenantry::migrate
