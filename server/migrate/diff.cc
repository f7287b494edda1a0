#include "server/migrate/diff.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/migrate/diff_context.h"
#include "server/migrate/diff_table.h"
#include "server/migrate/emit.h"
#include "server/migrate/functions.h"
#include "server/migrate/model.h"
#include "server/migrate/online_types.h"
#include "server/migrate/rename.h"
#include "server/migrate/views.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::FitIdentifier;
using schema::QuoteIdentifier;
using schema::QuoteLiteral;

std::string Where(const v1::EnumType& type) {
  return absl::StrCat(type.schema(), ".", type.name());
}

bool HasLabel(const v1::EnumType& type, const std::string& label) {
  return std::any_of(type.labels().begin(), type.labels().end(),
                     [&](const v1::EnumLabel& other) { return other.label() == label; });
}

void AddLabels(const v1::EnumType& before, const v1::EnumType& after, DiffContext& context) {
  for (int i = 0; i < after.labels_size(); ++i) {
    const std::string& label = after.labels(i).label();
    if (HasLabel(before, label)) continue;
    context.Note(Change::Kind::kNew, Where(after), absl::StrCat("new label ", label));
    if (context.IsRebuilt(QualifiedName(after))) continue;
    Statement statement;
    statement.sql = absl::StrCat("ALTER TYPE ", QualifiedName(after), " ADD VALUE IF NOT EXISTS ",
                                 QuoteLiteral(label));
    for (int next = i + 1; next < after.labels_size(); ++next) {
      if (!HasLabel(before, after.labels(next).label())) continue;
      absl::StrAppend(&statement.sql, " BEFORE ", QuoteLiteral(after.labels(next).label()));
      break;
    }
    // A label may not be used in the transaction that adds it.
    statement.outside_transaction = true;
    statement.hazards = {Hazard::kNeedsNoTransaction};
    statement.note =
        "Servers of the old schema do not know the label. Let new servers write it only when no "
        "old one runs.";
    context.Add({Phase::kLabels, std::move(statement)});
  }
}

// PostgreSQL cannot drop a label. So the type is made anew, and its columns are written anew.
void RebuildType(const v1::EnumType& before, const v1::EnumType& after, DiffContext& context) {
  std::vector<std::string> gone;
  for (const v1::EnumLabel& label : before.labels()) {
    if (!HasLabel(after, label.label())) gone.push_back(label.label());
  }
  if (gone.empty()) return;
  context.MarkRebuilt(after);
  for (const std::string& label : gone) {
    context.Note(Change::Kind::kDropped, Where(after), absl::StrCat("label ", label, " dropped"));
  }
  const std::string aside = FitIdentifier(after.name() + "__gone");
  context.Add(
      {Phase::kDetach,
       {absl::StrCat("ALTER TYPE ", QualifiedName(after), " RENAME TO ", QuoteIdentifier(aside)),
        {Hazard::kBreaksOldServers, Hazard::kBreaksApiClients}}});
  Statements create;
  EmitEnum(after, create);
  for (Statement& statement : create) context.Add({Phase::kDetach, std::move(statement)});
  context.Add({Phase::kDropTypes,
               {absl::StrCat("DROP TYPE ", schema::QuoteQualified(after.schema(), aside)), {}}});
}

void CompareEnums(DiffContext& context) {
  for (const v1::EnumType& type : context.to().enums()) {
    if (const v1::EnumType* before = context.EnumBefore(QualifiedName(type))) {
      RebuildType(*before, type, context);
      AddLabels(*before, type, context);
      continue;
    }
    context.Note(Change::Kind::kNew, Where(type), "new enum type");
    Statements create;
    EmitEnum(type, create);
    for (Statement& statement : create) context.Add({Phase::kMakeTypes, std::move(statement)});
  }
}

void DropEnums(DiffContext& context) {
  for (const v1::EnumType& type : context.middle().enums()) {
    if (context.EnumAfter(QualifiedName(type)) != nullptr) continue;
    context.Note(Change::Kind::kDropped, Where(type), "enum type dropped");
    context.Add({Phase::kDropTypes,
                 {absl::StrCat("DROP TYPE ", QualifiedName(type)), {Hazard::kBreaksOldServers}}});
  }
}

// A namespace that nothing of ours is left in. It stays when something of somebody else's is there,
// or when it is somebody else's.
void DropNamespaces(const v1::Snapshot& from, DiffContext& context) {
  const std::vector<std::string> kept = NamespacesOf(context.to());
  for (const std::string& name : NamespacesOf(from)) {
    if (std::count(kept.begin(), kept.end(), name) > 0) continue;
    Statement statement{absl::StrCat("DO $$ BEGIN DROP SCHEMA ", QuoteIdentifier(name),
                                     "; EXCEPTION WHEN dependent_objects_still_exist OR "
                                     "insufficient_privilege OR invalid_schema_name THEN NULL; "
                                     "END $$"),
                        {}};
    statement.note = absl::StrCat("The schema ", name, " goes, unless something is in it.");
    context.Add({Phase::kDropNamespaces, std::move(statement)});
  }
}

void DropTable(const v1::Table& table, DiffContext& context) {
  context.Note(Change::Kind::kDropped, absl::StrCat(table.schema(), ".", table.name()),
               "table dropped");
  // Tables that go may refer to each other.
  for (const v1::ForeignKey& key : table.foreign_keys()) {
    const bool itself = key.target_schema() == table.schema() && key.target_table() == table.name();
    if (itself || context.After(key.target_schema(), key.target_table()) != nullptr) continue;
    context.Add({Phase::kDetachOld,
                 {AlterTable(table, "DROP CONSTRAINT " + QuoteIdentifier(key.name())),
                  {Hazard::kAcquiresAccessExclusiveLock}}});
  }
  context.Add({Phase::kDrop,
               {absl::StrCat("DROP TABLE ", QualifiedName(table)),
                {Hazard::kDeletesData, Hazard::kBreaksOldServers, Hazard::kBreaksApiClients,
                 Hazard::kAcquiresAccessExclusiveLock}},
               {},
               {},
               {TableKey(table.schema(), table.name())}});
}

void CompareTables(DiffContext& context) {
  std::vector<TableDiff> tables;
  for (const v1::Table& table : context.to().tables()) {
    tables.emplace_back(context, context.Before(table.schema(), table.name()), table);
  }
  for (TableDiff& table : tables) table.FindRewritten();
  for (TableDiff& table : tables) table.Compare();
  for (const v1::Table& table : context.middle().tables()) {
    if (context.After(table.schema(), table.name()) == nullptr) DropTable(table, context);
  }
}

template <typename Item>
void Append(std::vector<Item> items, std::vector<Item>* to) {
  std::move(items.begin(), items.end(), std::back_inserter(*to));
}

// What has been taken is no step any more.
void TakeInOrder(Steps& steps, Difference& difference) {
  absl::StatusOr<Statements> statements = std::exchange(steps, Steps()).InOrder();
  if (statements.ok()) {
    Append(*std::move(statements), &difference.statements);
  } else {
    difference.impossible.push_back(std::string(statements.status().message()));
  }
}

}  // namespace

std::vector<std::string> Difference::Lines() const {
  std::vector<std::string> lines;
  for (const Change& change : changes) lines.push_back(change.ToString());
  lines.insert(lines.end(), impossible.begin(), impossible.end());
  return lines;
}

Difference Diff(const v1::Snapshot& from, const v1::Snapshot& to, const DiffOptions& options) {
  Difference difference;
  Steps steps;
  Renaming renaming = Rename(from, to, steps);
  difference.changes = std::move(renaming.changes);
  difference.impossible = std::move(renaming.impossible);
  if (options.online) {
    OnlineChange online = ChangeTypesOnline(renaming.middle, to);
    difference.not_online = std::move(online.obstacles);
    if (!online.statements.empty()) {
      TakeInOrder(steps, difference);
      Append(std::move(online.statements), &difference.statements);
      Append(std::move(online.changes), &difference.changes);
      renaming.middle = std::move(online.after);
    }
  }
  DiffContext context(renaming.middle, to, steps, difference.changes, difference.impossible);
  CompareEnums(context);
  CompareTables(context);
  CompareViews(from, context);
  CompareFunctions(context);
  DropEnums(context);
  DropNamespaces(from, context);
  TakeInOrder(steps, difference);
  return difference;
}

}  // namespace tenantry::migrate
