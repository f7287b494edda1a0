#include "server/migrate/generate.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/migrate/diff.h"
#include "server/migrate/emit.h"
#include "server/migrate/folder.h"
#include "server/migrate/history.h"
#include "server/migrate/model.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

int NumberOf(const Migration& migration) {
  int number = 0;
  return absl::SimpleAtoi(migration.name.substr(0, migration.name.find('_')), &number) ? number : 0;
}

int NextNumber(const std::vector<Migration>& migrations) {
  int newest = 0;
  for (const Migration& migration : migrations) newest = std::max(newest, NumberOf(migration));
  return newest + 1;
}

// A database has one role prefix for all its life, and so have its migrations.
absl::Status CheckRoles(const std::optional<v1::Snapshot>& newest, const v1::Snapshot& wanted,
                        const std::string& directory) {
  if (!newest || newest->tables().empty() || wanted.tables().empty()) return absl::OkStatus();
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

Difference FromNothing(const v1::Snapshot& wanted) {
  Difference difference;
  difference.statements = EmitAll(wanted);
  for (const v1::Table& table : wanted.tables()) {
    difference.changes.push_back(
        {Change::Kind::kNew, absl::StrCat(table.schema(), ".", table.name()), "new table"});
  }
  for (const v1::View& view : wanted.views()) {
    difference.changes.push_back(
        {Change::Kind::kNew, absl::StrCat(view.schema(), ".", view.name()), "new view"});
  }
  for (const v1::Function& function : wanted.functions()) {
    difference.changes.push_back({Change::Kind::kNew,
                                  absl::StrCat(function.schema(), ".", function.name()),
                                  "new function"});
  }
  return difference;
}

Difference Between(const std::optional<v1::Snapshot>& from, const v1::Snapshot& to,
                   const DiffOptions& options) {
  return from ? Diff(*from, to, options) : FromNothing(to);
}

Draft DraftOf(const std::string& name, Difference difference) {
  Draft draft;
  draft.name = name;
  draft.statements = std::move(difference.statements);
  for (const Change& change : difference.changes) draft.changes.push_back(change.ToString());
  draft.by_hand = std::move(difference.impossible);
  return draft;
}

absl::Status CheckPossible(const Difference& difference) {
  if (difference.impossible.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "changes that no migration can be made for by itself. Change the schema, or run `tenantryd "
      "generate NAME --custom`, which writes the others and leaves room for these:",
      Lines(difference.impossible)));
}

absl::Status CheckAllowed(const Difference& difference, const Hazards& allow) {
  const Statements& statements = difference.statements;
  std::vector<std::string> lines;
  std::string flags;
  for (Hazard hazard : AllHazards()) {
    if (!NeedsAllowance(hazard) || std::count(allow.begin(), allow.end(), hazard) > 0) continue;
    bool told = false;
    for (const Statement& statement : statements) {
      if (std::count(statement.hazards.begin(), statement.hazards.end(), hazard) == 0) continue;
      if (!told) {
        lines.push_back(absl::StrCat(NameOf(hazard), ": ", MeaningOf(hazard)));
        absl::StrAppend(&flags, " --allow ", NameOf(hazard));
      }
      told = true;
      lines.push_back(absl::StrCat("  ", statement.sql));
    }
    if (!told || hazard != Hazard::kRewritesTable) continue;
    for (const std::string& why : difference.not_online) {
      lines.push_back(absl::StrCat("  beside the old column it cannot be done: ", why));
    }
  }
  if (lines.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("this is dangerous, and is done only with", flags, ":", Lines(lines)));
}

// The newest migration is to be written anew: it must be as it was generated, since what somebody
// has added by hand would be lost.
absl::Status RemoveNewest(std::vector<Migration>& migrations, const std::string& directory) {
  if (migrations.empty() || !migrations.back().snapshot) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no generated migration in ", directory, " to amend"));
  }
  const Migration newest = migrations.back();
  migrations.pop_back();
  absl::StatusOr<History> history = HistoryOf(migrations);
  if (!history.ok()) return history.status();
  auto generated = [&](bool online) {
    return RenderUpSql(
        DraftOf(newest.name, Between(history->model, *newest.snapshot, {.online = online})));
  };
  if (generated(true) != newest.up_sql && generated(false) != newest.up_sql) {
    return absl::FailedPreconditionError(
        absl::StrCat(newest.name, " was edited by hand, or an older tenantryd wrote it: remove ",
                     directory, "/", newest.name, " yourself, and run generate without --amend"));
  }
  return absl::OkStatus();
}

void RemoveFolder(const std::string& directory, const std::string& name) {
  std::error_code ignored;
  std::filesystem::remove_all(std::filesystem::path(directory) / name, ignored);
}

// `0003` for the third, under whatever name. The first is always called initial.
std::string NextName(const std::vector<Migration>& migrations, const GenerateOptions& options) {
  const bool first = migrations.empty() && !options.custom;
  return absl::StrFormat("%04d_%s", NextNumber(migrations), first ? "initial" : options.label);
}

}  // namespace

absl::StatusOr<Difference> SafeDifference(const std::optional<v1::Snapshot>& from,
                                          const v1::Snapshot& to, const Hazards& allow) {
  Difference difference = Between(from, to, {});
  absl::Status status = CheckPossible(difference);
  if (status.ok()) status = CheckAllowed(difference, allow);
  if (!status.ok()) return status;
  return difference;
}

absl::StatusOr<Generated> Generate(const schema::Schema& schema, const GenerateOptions& options) {
  if (!schema::IsSnakeIdentifier(options.label)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the migration's name must be lower_snake_case: ", options.label));
  }
  absl::StatusOr<v1::Snapshot> wanted = ModelOf(schema, options.role_prefix);
  if (!wanted.ok()) return wanted.status();
  absl::StatusOr<std::vector<Migration>> migrations = ReadMigrations(options.directory);
  if (!migrations.ok()) return migrations.status();
  std::string amended;
  if (options.amend) {
    if (!migrations->empty()) amended = migrations->back().name;
    absl::Status status = RemoveNewest(*migrations, options.directory);
    if (!status.ok()) return status;
  }
  absl::StatusOr<History> history = HistoryOf(*migrations);
  if (!history.ok()) return history.status();
  absl::Status status = CheckRoles(history->model, *wanted, options.directory);
  if (!status.ok()) return status;

  // Who allows a table to be written anew gets the short form.
  const bool online =
      std::count(options.allow.begin(), options.allow.end(), Hazard::kRewritesTable) == 0;
  Difference difference = Between(history->model, *wanted, {.online = online});
  if (difference.empty() && !options.custom && amended.empty()) return Generated();
  if (!options.custom) status = CheckPossible(difference);
  if (status.ok()) status = CheckAllowed(difference, options.allow);
  if (!status.ok()) return status;
  if (!amended.empty()) RemoveFolder(options.directory, amended);
  if (difference.empty() && !options.custom) return Generated();

  Draft draft = DraftOf(NextName(*migrations, options), std::move(difference));
  draft.custom = options.custom;
  draft.snapshot = *std::move(wanted);
  for (const std::string& head : history->heads) draft.snapshot.add_parents(head);
  status = WriteMigration(options.directory, draft);
  if (!status.ok()) return status;
  return Generated{draft.name, draft.changes, HazardSummary(draft.statements)};
}

absl::Status CheckMigrations(const schema::Schema& schema, const std::string& directory,
                             const std::string& role_prefix) {
  absl::StatusOr<v1::Snapshot> wanted = ModelOf(schema, role_prefix);
  if (!wanted.ok()) return wanted.status();
  absl::StatusOr<std::vector<Migration>> migrations = ReadMigrations(directory);
  if (!migrations.ok()) return migrations.status();
  absl::StatusOr<History> history = HistoryOf(*migrations);
  if (!history.ok()) return history.status();
  if (!history->model) {
    return absl::FailedPreconditionError(
        absl::StrCat("no migration in ", directory, "; run `tenantryd generate`"));
  }
  absl::Status roles = CheckRoles(history->model, *wanted, directory);
  if (!roles.ok()) return roles;
  for (const Migration& migration : *migrations) {
    if (!migration.IsToBeWritten()) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(migration.name, "/up.sql is not whole: write what `", kToBeWritten,
                     "` stands for, and remove the line"));
  }
  Difference difference = Diff(*history->model, *wanted);
  if (difference.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the migrations are older than the schema; run `tenantryd generate`:",
                   Lines(difference.Lines())));
}

}  // namespace tenantry::migrate
