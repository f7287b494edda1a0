#include "server/migrate/diff_table.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/migrate/casts.h"
#include "server/migrate/emit.h"
#include "server/migrate/part_match.h"
#include "server/migrate/sql_text.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::FitIdentifier;
using schema::QuoteIdentifier;

constexpr Hazard kLock = Hazard::kAcquiresAccessExclusiveLock;

const v1::Column* FindColumn(const v1::Table* table, const std::string& name) {
  if (table == nullptr) return nullptr;
  for (const v1::Column& column : table->columns()) {
    if (column.name() == name) return &column;
  }
  return nullptr;
}

// A default that differs from row to row. PostgreSQL writes the whole table anew for it.
bool IsVolatile(const std::string& default_value) {
  return absl::StrContains(default_value, "(") && default_value != "now()";
}

}  // namespace

TableDiff::TableDiff(DiffContext& context, const v1::Table* before, const v1::Table& after)
    : context_(context),
      before_(before),
      after_(after),
      where_(absl::StrCat(after.schema(), ".", after.name())),
      key_(TableKey(after.schema(), after.name())) {}

std::string TableDiff::Column(const std::string& name) const {
  return absl::StrCat(where_, ".", name);
}

void TableDiff::Note(Change::Kind kind, const std::string& what) {
  context_.Note(kind, where_, what);
}

void TableDiff::Alter(Phase phase, const std::string& action, Hazards hazards,
                      std::vector<std::string> needs) {
  context_.Add({phase, {AlterTable(after_, action), std::move(hazards)}, {}, std::move(needs)});
}

void TableDiff::FindRewritten() {
  if (before_ == nullptr) return;
  for (const v1::Column& column : after_.columns()) {
    const v1::Column* before = FindColumn(before_, column.name());
    if (before == nullptr) continue;
    if (before->type() == column.type() && !context_.IsRebuilt(column.type())) continue;
    if (!column.generated().empty()) continue;
    auto cast = CastOf(before->type(), column.type(), QuoteIdentifier(column.name()),
                       context_.EnumBefore(before->type()), context_.EnumAfter(column.type()));
    if (cast && cast->rewrites) context_.MarkRewritten(after_, column.name());
  }
}

void TableDiff::Compare() {
  if (before_ == nullptr) return Create();
  CompareColumns();
  ComparePrimaryKey();
  CompareIndexes();
  CompareForeignKeys();
  CompareChecks();
  ComparePolicies();
  CompareGrants();
}

void TableDiff::Create() {
  Note(Change::Kind::kNew, "new table");
  Statements statements;
  EmitTable(after_, statements);
  std::vector<std::string> makes = {key_, IndexKey(after_.schema(), after_.primary_key().name())};
  for (const v1::Index& index : after_.indexes()) {
    if (index.unique()) makes.push_back(IndexKey(after_.schema(), index.name()));
  }
  for (Statement& statement : statements) {
    context_.Add({Phase::kMake, std::move(statement), makes});
  }
  for (const v1::ForeignKey& key : after_.foreign_keys()) AddForeignKey(key);
}

void TableDiff::CompareColumns() {
  Retype();
  // What is computed comes behind what it is computed from.
  for (const bool generated : {false, true}) {
    for (const v1::Column& column : after_.columns()) {
      if (column.generated().empty() == generated) continue;
      const v1::Column* before = FindColumn(before_, column.name());
      if (before == nullptr) {
        AddColumn(column);
      } else {
        CompareColumn(*before, column);
      }
    }
  }
  DropColumns();
}

void TableDiff::AddColumn(const v1::Column& column) {
  const bool has_default = !column.default_value().empty();
  const bool fill = has_default && IsVolatile(column.default_value());
  context_.Note(Change::Kind::kNew, Column(column.name()), "new column");
  if (!column.generated().empty()) return MakeGenerated(column, {});
  if (!fill && (has_default || !column.not_null())) {
    return Alter(Phase::kMake, "ADD COLUMN " + ColumnSql(column), {kLock});
  }
  v1::Column bare = column;
  bare.clear_not_null();
  bare.clear_default_value();
  Alter(Phase::kMake, "ADD COLUMN " + ColumnSql(bare), {kLock});
  if (has_default) {
    Alter(Phase::kMake,
          absl::StrCat("ALTER COLUMN ", QuoteIdentifier(column.name()), " SET DEFAULT ",
                       column.default_value()),
          {kLock});
  }
  if (column.not_null()) SetNotNull(column, fill);
}

void TableDiff::DropColumns() {
  std::vector<std::string> computed, actions;
  for (const v1::Column& column : before_->columns()) {
    if (FindColumn(&after_, column.name()) != nullptr) continue;
    std::string what = "column dropped";
    for (const v1::Column& other : after_.columns()) {
      if (!absl::StartsWith(column.name(), other.name() + "__old")) continue;
      absl::StrAppend(&what, ": ", other.name(), " has another number now, ", other.number(),
                      " instead of ", column.number(), ", and so it is another column");
    }
    context_.Note(Change::Kind::kDropped, Column(column.name()), what);
    if (remade_columns_.contains(column.name())) continue;
    (column.generated().empty() ? actions : computed)
        .push_back("DROP COLUMN " + QuoteIdentifier(column.name()));
  }
  Hazards hazards{Hazard::kBreaksOldServers, Hazard::kBreaksApiClients, kLock};
  // What is computed can be computed again.
  if (!actions.empty()) hazards.insert(hazards.begin(), Hazard::kDeletesData);
  // What others are computed from goes after them.
  actions.insert(actions.begin(), computed.begin(), computed.end());
  if (!actions.empty()) Alter(Phase::kDrop, absl::StrJoin(actions, ", "), std::move(hazards));
}

void TableDiff::CompareColumn(const v1::Column& before, const v1::Column& after) {
  if (!after.generated().empty()) {
    if (RemakeGenerated(before, after)) return;
  } else {
    if (!before.generated().empty()) DropExpression(after);
    CompareDefault(before, after);
  }
  const std::string column = absl::StrCat("ALTER COLUMN ", QuoteIdentifier(after.name()));
  if (before.not_null() && !after.not_null()) {
    context_.Note(Change::Kind::kChanged, Column(after.name()), "allows NULL");
    // A primary key's column cannot: where the key changes, this comes after.
    Alter(Phase::kSwitch, column + " DROP NOT NULL", {kLock},
          {IndexKey(after_.schema(), after_.primary_key().name())});
  } else if (!before.not_null() && after.not_null()) {
    context_.Note(Change::Kind::kChanged, Column(after.name()), "allows no NULL");
    SetNotNull(after, /*fill=*/!after.default_value().empty());
  }
}

void TableDiff::CompareDefault(const v1::Column& before, const v1::Column& after) {
  if (context_.IsRewritten(after_.schema(), after_.name(), after.name())) return;  // Retype did
  if (SameSql(before.default_value(), after.default_value())) return;
  context_.Note(Change::Kind::kChanged, Column(after.name()), "default");
  const std::string column = absl::StrCat("ALTER COLUMN ", QuoteIdentifier(after.name()));
  Alter(Phase::kMake,
        after.default_value().empty()
            ? column + " DROP DEFAULT"
            : absl::StrCat(column, " SET DEFAULT ", after.default_value()),
        {kLock});
}

// SET NOT NULL alone reads the whole table under a lock that keeps everybody out. With a CHECK that
// has been validated before, it reads nothing.
void TableDiff::SetNotNull(const v1::Column& column, bool fill) {
  const std::string name = QuoteIdentifier(column.name());
  const std::string check =
      QuoteIdentifier(FitIdentifier(absl::StrCat(after_.name(), "_", column.name(), "_not_null")));
  const std::string step = absl::StrCat("not null ", Column(column.name()));
  const bool is_new = FindColumn(before_, column.name()) == nullptr;
  Hazards hazards{kLock};
  if (column.default_value().empty() || !is_new) hazards.push_back(Hazard::kBreaksOldServers);
  context_.Add({Phase::kAttach,
                {AlterTable(after_, absl::StrCat("ADD CONSTRAINT ", check, " CHECK (", name,
                                                 " IS NOT NULL) NOT VALID")),
                 std::move(hazards)},
                {step}});
  if (fill) {
    const std::string table = QualifiedName(after_);
    Statement update{
        absl::StrCat("UPDATE ", table, " SET ", name,
                     " = DEFAULT\n  WHERE ctid >= $1 AND ctid < $2 AND ", name, " IS NULL"),
        {Hazard::kImpactsDatabasePerformance, Hazard::kNeedsNoTransaction}};
    if (!is_new) update.hazards.push_back(Hazard::kCorrectness);
    update.note = "What is NULL gets the default.";
    update.outside_transaction = update.in_batches = true;
    context_.Add({Phase::kFill, std::move(update), {}, {step, context_.OpenRows(after_)}});
  }
  Statement validate{AlterTable(after_, "VALIDATE CONSTRAINT " + check),
                     {Hazard::kMayFailOnExistingRows, Hazard::kImpactsDatabasePerformance,
                      Hazard::kNeedsNoTransaction}};
  if (fill) validate.hazards.erase(validate.hazards.begin());
  if (!fill) {
    validate.note = absl::StrCat("Fails when ", Column(column.name()),
                                 " is NULL in a row: give it a default, or fill it first.");
  }
  validate.outside_transaction = true;
  validate.timeout = kLongStatement;
  context_.Add({Phase::kValidate, std::move(validate), {}, {step}});
  context_.Add({Phase::kSwitch,
                {AlterTable(after_, absl::StrCat("ALTER COLUMN ", name, " SET NOT NULL")), {kLock}},
                {absl::StrCat("filled ", Column(column.name()))},
                {step}});
  context_.Add(
      {Phase::kSwitch, {AlterTable(after_, "DROP CONSTRAINT " + check), {kLock}}, {}, {}, {step}});
}

// All columns of a table in one statement: the table is written anew once.
void TableDiff::Retype() {
  std::vector<std::string> actions;
  std::set<std::string> retyped;
  Hazards hazards;
  bool rewrites = false;
  for (const v1::Column& column : after_.columns()) {
    const v1::Column* before = FindColumn(before_, column.name());
    if (before == nullptr) continue;
    const bool rebuilt = context_.IsRebuilt(column.type());
    if (before->type() == column.type() && !rebuilt) continue;
    if (!column.generated().empty()) continue;  // it is made anew
    if (before->type() != column.type()) {
      context_.Note(Change::Kind::kChanged, Column(column.name()),
                    absl::StrCat("type ", before->type(), " to ", column.type()));
    }
    const std::string name = QuoteIdentifier(column.name());
    auto cast = CastOf(before->type(), column.type(), name, context_.EnumBefore(before->type()),
                       context_.EnumAfter(column.type()));
    if (!cast) {
      context_.Refuse(Column(column.name()),
                      absl::StrCat("no rule says what a value of type ", before->type(),
                                   " becomes as ", column.type(),
                                   "; add a new field, or write it with `generate NAME --custom`"));
      continue;
    }
    retyped.insert(column.name());
    rewrites = rewrites || cast->rewrites;
    for (Hazard hazard : cast->hazards) {
      if (!std::count(hazards.begin(), hazards.end(), hazard)) hazards.push_back(hazard);
    }
    const std::string alter = absl::StrCat("ALTER COLUMN ", name);
    if (cast->rewrites && !before->default_value().empty())
      actions.push_back(alter + " DROP DEFAULT");
    actions.push_back(absl::StrCat(alter, " TYPE ", column.type(),
                                   cast->expression.empty() ? "" : " USING ", cast->expression));
    if (cast->rewrites && !column.default_value().empty()) {
      actions.push_back(absl::StrCat(alter, " SET DEFAULT ", column.default_value()));
    }
  }
  FindRemade(retyped);
  DetachFromTypes(retyped);
  if (actions.empty()) return;
  hazards.push_back(kLock);
  if (rewrites) {
    hazards.insert(hazards.end(), {Hazard::kBreaksOldServers, Hazard::kBreaksApiClients});
  }
  Statement statement{AlterTable(after_, absl::StrJoin(actions, ",\n  ")), std::move(hazards)};
  if (rewrites) statement.timeout = kLongStatement;
  context_.Add({Phase::kRetype, std::move(statement)});
}

// PostgreSQL changes no type that a policy mentions, and not always one that a condition mentions.
// What is in the way goes and comes back in the same transaction. So does what goes with a column
// that is made anew.
void TableDiff::DetachFromTypes(const std::set<std::string>& retyped) {
  auto is_remade = [&](const std::string& name) { return remade_columns_.contains(name); };
  auto mentions = [&](const std::string& sql, bool rewritten) {
    return std::any_of(remade_columns_.begin(), remade_columns_.end(),
                       [&](const std::string& column) { return Mentions(sql, column); }) ||
           std::any_of(retyped.begin(), retyped.end(), [&](const std::string& column) {
             return (!rewritten || context_.IsRewritten(after_.schema(), after_.name(), column)) &&
                    Mentions(sql, column);
           });
  };
  for (const v1::Policy& policy : before_->policies()) {
    if (!mentions(policy.using_sql(), false) && !mentions(policy.with_check_sql(), false)) continue;
    detached_policies_.insert(policy.name());
    context_.Add({Phase::kDetach,
                  {absl::StrCat("DROP POLICY ", QuoteIdentifier(policy.name()), " ON ",
                                QualifiedName(after_)),
                   {kLock}}});
  }
  for (const v1::Check& check : before_->checks()) {
    if (!mentions(check.expression(), true)) continue;
    detached_checks_.insert(check.name());
    Alter(Phase::kDetach, "DROP CONSTRAINT " + QuoteIdentifier(check.name()), {kLock});
  }
  for (const v1::Index& index : before_->indexes()) {
    const bool gin = index.method() != "btree" &&
                     std::any_of(index.columns().begin(), index.columns().end(),
                                 [&](const std::string& name) { return mentions(name, true); });
    const bool remade = std::any_of(index.columns().begin(), index.columns().end(), is_remade);
    if (!gin && !remade && !mentions(index.where(), true)) continue;
    detached_indexes_.insert(index.name());
    context_.Add(
        {Phase::kDetach,
         {absl::StrCat("DROP INDEX ", schema::QuoteQualified(after_.schema(), index.name())),
          {kLock}}});
  }
  DropRemade();
}

}  // namespace tenantry::migrate
