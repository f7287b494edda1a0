// Columns that the database computes: generated ones, and what is searched.
//
// PostgreSQL writes the whole table anew for a new one, and has no form of it that does not: a
// plain column cannot become a generated one, so none can be filled beside it first. It also
// changes the type of no column that another is computed from. So a column is remade, whatever of
// it changes: it goes first, with what is built on it, and comes back when all that it is computed
// from is there.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/migrate/diff_table.h"
#include "server/migrate/emit.h"
#include "server/migrate/sql_text.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::QuoteIdentifier;

constexpr Hazard kLock = Hazard::kAcquiresAccessExclusiveLock;

const v1::Column* FindColumn(const v1::Table& table, const std::string& name) {
  for (const v1::Column& column : table.columns()) {
    if (column.name() == name) return &column;
  }
  return nullptr;
}

}  // namespace

void TableDiff::MakeGenerated(const v1::Column& column, Hazards hazards) {
  hazards.insert(hazards.end(), {Hazard::kRewritesTable, kLock});
  Statement statement{AlterTable(after_, "ADD COLUMN " + ColumnSql(column)), std::move(hazards)};
  statement.timeout = kLongStatement;
  context_.Add({Phase::kMake, std::move(statement)});
}

// A column of another number is another column, although it has the name of one before: that one
// has been renamed, and the expression is still about it.
bool TableDiff::IsOfOtherColumns(const v1::Column& generated) const {
  return std::any_of(after_.columns().begin(), after_.columns().end(),
                     [&](const v1::Column& column) {
                       return FindColumn(*before_, column.name()) == nullptr &&
                              Mentions(generated.generated(), column.name());
                     });
}

bool TableDiff::IsRemade(const v1::Column& before, const v1::Column* after,
                         const std::set<std::string>& retyped) const {
  const bool of_retyped = std::any_of(retyped.begin(), retyped.end(), [&](const std::string& name) {
    return Mentions(before.generated(), name);
  });
  if (after == nullptr || after->generated().empty()) return of_retyped && after == nullptr;
  return of_retyped || before.type() != after->type() || context_.IsRebuilt(after->type()) ||
         !SameSql(before.generated(), after->generated()) || IsOfOtherColumns(*after);
}

void TableDiff::FindRemade(const std::set<std::string>& retyped) {
  for (const v1::Column& column : before_->columns()) {
    if (IsRemade(column, FindColumn(after_, column.name()), retyped)) {
      remade_columns_.insert(column.name());
      context_.MarkRemade(after_, column.name());
    }
  }
}

// First those that are computed, since others may be what they are computed from.
void TableDiff::DropRemade() {
  for (const bool plain : {false, true}) {
    for (const v1::Column& column : before_->columns()) {
      if (column.generated().empty() != plain || !remade_columns_.contains(column.name())) continue;
      Hazards hazards{kLock};
      if (plain) hazards = {Hazard::kDeletesData, Hazard::kBreaksOldServers, kLock};
      Alter(Phase::kDetach, "DROP COLUMN " + QuoteIdentifier(column.name()), std::move(hazards));
    }
  }
}

bool TableDiff::RemakeGenerated(const v1::Column& before, const v1::Column& after) {
  if (!remade_columns_.contains(after.name())) return false;
  Hazards hazards;
  if (before.generated().empty()) {
    context_.Note(Change::Kind::kChanged, Column(after.name()),
                  "is computed by the database, and what it held goes");
  } else if (before.type() != after.type()) {
    context_.Note(Change::Kind::kChanged, Column(after.name()),
                  absl::StrCat("type ", before.type(), " to ", after.type()));
    hazards = {Hazard::kBreaksOldServers, Hazard::kBreaksApiClients};
  } else if (!SameSql(before.generated(), after.generated()) || IsOfOtherColumns(after)) {
    context_.Note(Change::Kind::kChanged, Column(after.name()), "is computed otherwise");
  }
  MakeGenerated(after, std::move(hazards));
  return true;
}

// Its values stay. Servers of the old schema write none, and new rows of theirs have the default.
void TableDiff::DropExpression(const v1::Column& column) {
  context_.Note(Change::Kind::kChanged, Column(column.name()), "is not computed any more");
  Alter(Phase::kDetach,
        absl::StrCat("ALTER COLUMN ", QuoteIdentifier(column.name()), " DROP EXPRESSION"),
        {Hazard::kBreaksOldServers, kLock});
}

}  // namespace tenantry::migrate
