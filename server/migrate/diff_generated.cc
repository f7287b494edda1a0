// Columns that the database computes: what is searched.
//
// PostgreSQL writes the whole table anew for a new one, and has no form of it that does not: a
// plain column cannot become a generated one, so none can be filled beside it first.
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

bool HasColumn(const v1::Table& table, const std::string& name) {
  return std::any_of(table.columns().begin(), table.columns().end(),
                     [&](const v1::Column& column) { return column.name() == name; });
}

}  // namespace

void TableDiff::MakeGenerated(const v1::Column& column, const std::string& before) {
  Statement statement{AlterTable(after_, absl::StrCat(before, "ADD COLUMN ", ColumnSql(column))),
                      {Hazard::kRewritesTable, kLock}};
  statement.timeout = kLongStatement;
  context_.Add({Phase::kMake, std::move(statement)});
}

// A column of another number is another column, although it has the name of one before: that one
// has been renamed, and the expression is still about it.
bool TableDiff::IsOfOtherColumns(const v1::Column& generated) const {
  return std::any_of(after_.columns().begin(), after_.columns().end(),
                     [&](const v1::Column& column) {
                       return !HasColumn(*before_, column.name()) &&
                              Mentions(generated.generated(), column.name());
                     });
}

void TableDiff::CompareGenerated(const v1::Column& before, const v1::Column& after) {
  const bool same = SameSql(before.generated(), after.generated()) && !IsOfOtherColumns(after);
  if (!same) {
    context_.Note(Change::Kind::kChanged, Column(after.name()), "is computed otherwise");
  }
  if (detached_columns_.contains(after.name())) return MakeGenerated(after, "");
  if (same) return;
  MakeGenerated(after, absl::StrCat("DROP COLUMN ", QuoteIdentifier(after.name()), ",\n  "));
}

// PostgreSQL changes no type of a column that another is computed from.
void TableDiff::DetachGenerated(const std::set<std::string>& retyped) {
  for (const v1::Column& column : before_->columns()) {
    const bool of_retyped =
        std::any_of(retyped.begin(), retyped.end(),
                    [&](const std::string& name) { return Mentions(column.generated(), name); });
    if (column.generated().empty() || !of_retyped) continue;
    detached_columns_.insert(column.name());
    Alter(Phase::kDetach, "DROP COLUMN " + QuoteIdentifier(column.name()), {kLock});
  }
}

}  // namespace tenantry::migrate
