#include "server/migrate/generate.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/migrate/diff.h"
#include "server/migrate/folder.h"
#include "server/migrate/model.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

// The newest snapshot; migrations written by hand have none.
const v1::Snapshot* NewestSnapshot(const std::vector<Migration>& migrations) {
  for (auto it = migrations.rbegin(); it != migrations.rend(); ++it) {
    if (it->snapshot) return &*it->snapshot;
  }
  return nullptr;
}

int NextNumber(const std::vector<Migration>& migrations) {
  int newest = 0;
  for (const Migration& migration : migrations) {
    int number = 0;
    if (absl::SimpleAtoi(migration.name.substr(0, migration.name.find('_')), &number)) {
      newest = std::max(newest, number);
    }
  }
  return newest + 1;
}

// A database has one role prefix for all its life, and so have its migrations.
absl::Status CheckRoles(const v1::Snapshot* newest, const v1::Snapshot& wanted,
                        const std::string& directory) {
  if (newest == nullptr || newest->tables().empty() || wanted.tables().empty()) {
    return absl::OkStatus();
  }
  const std::vector<std::string> named = RolesOf(*newest), roles = RolesOf(wanted);
  if (named == roles) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the migrations in ", directory, " are made for the roles ",
                   absl::StrJoin(named, ", "), ", and with this --role-prefix they are ",
                   absl::StrJoin(roles, ", "), ": name another folder in --migrations"));
}

std::string Lines(const std::vector<std::string>& lines) {
  return absl::StrCat("\n  ", absl::StrJoin(lines, "\n  "));
}

}  // namespace

absl::StatusOr<Generated> Generate(const schema::Schema& schema, const std::string& directory,
                                   const std::string& label, const std::string& role_prefix) {
  if (!schema::IsSnakeIdentifier(label)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the migration's name must be lower_snake_case: ", label));
  }
  absl::StatusOr<v1::Snapshot> wanted = ModelOf(schema, role_prefix);
  if (!wanted.ok()) return wanted.status();
  absl::StatusOr<std::vector<Migration>> migrations = ReadMigrations(directory);
  if (!migrations.ok()) return migrations.status();

  Generated generated;
  const v1::Snapshot* newest = NewestSnapshot(*migrations);
  if (absl::Status status = CheckRoles(newest, *wanted, directory); !status.ok()) return status;
  Statements statements;
  if (newest == nullptr) {
    statements = EmitAll(*wanted);
    for (const v1::Table& table : wanted->tables()) {
      generated.changes.push_back(absl::StrCat(table.schema(), ".", table.name(), ": new table"));
    }
  } else {
    Difference difference = Diff(*newest, *wanted);
    if (!difference.refused.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "changes that need a migration written by hand:", Lines(difference.refused)));
    }
    statements = std::move(difference.statements);
    generated.changes = std::move(difference.changes);
  }
  if (generated.changes.empty()) return generated;
  generated.name =
      absl::StrFormat("%04d_%s", NextNumber(*migrations), newest == nullptr ? "initial" : label);
  if (absl::Status status = WriteMigration(directory, generated.name, statements, *wanted);
      !status.ok()) {
    return status;
  }
  return generated;
}

absl::Status CheckMigrations(const schema::Schema& schema, const std::string& directory,
                             const std::string& role_prefix) {
  absl::StatusOr<v1::Snapshot> wanted = ModelOf(schema, role_prefix);
  if (!wanted.ok()) return wanted.status();
  absl::StatusOr<std::vector<Migration>> migrations = ReadMigrations(directory);
  if (!migrations.ok()) return migrations.status();
  const v1::Snapshot* newest = NewestSnapshot(*migrations);
  if (newest == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("no migration in ", directory, "; run `tenantryd generate`"));
  }
  if (absl::Status status = CheckRoles(newest, *wanted, directory); !status.ok()) return status;
  Difference difference = Diff(*newest, *wanted);
  if (difference.empty()) return absl::OkStatus();
  std::vector<std::string> lines = std::move(difference.changes);
  lines.insert(lines.end(), difference.refused.begin(), difference.refused.end());
  return absl::FailedPreconditionError(absl::StrCat(
      "the migrations are older than the schema; run `tenantryd generate`:", Lines(lines)));
}

}  // namespace tenantry::migrate
