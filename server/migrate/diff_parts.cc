// Keys, indexes, constraints, policies and grants of a table.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/migrate/diff_table.h"
#include "server/migrate/emit.h"
#include "server/migrate/old_servers.h"
#include "server/migrate/part_match.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::QuoteIdentifier;
using schema::QuoteQualified;

constexpr Hazard kLock = Hazard::kAcquiresAccessExclusiveLock;

template <typename Part>
const Part* Named(const google::protobuf::RepeatedPtrField<Part>& parts, const std::string& name) {
  for (const Part& part : parts) {
    if (part.name() == name) return &part;
  }
  return nullptr;
}

bool SameSet(const google::protobuf::RepeatedPtrField<std::string>& a,
             const google::protobuf::RepeatedPtrField<std::string>& b) {
  return std::set<std::string>(a.begin(), a.end()) == std::set<std::string>(b.begin(), b.end());
}

// The key of the index that a foreign key hangs on; empty when its target is not known.
std::string ReferredIndex(const v1::Table* target, const v1::ForeignKey& key) {
  if (target == nullptr) return "";
  const void* found = ReferredKey(*target, key);
  if (found == &target->primary_key()) {
    return IndexKey(target->schema(), target->primary_key().name());
  }
  return found == nullptr
             ? ""
             : IndexKey(target->schema(), static_cast<const v1::Index*>(found)->name());
}

Statement Validate(const v1::Table& table, const std::string& constraint) {
  Statement statement{AlterTable(table, "VALIDATE CONSTRAINT " + QuoteIdentifier(constraint)),
                      {Hazard::kMayFailOnExistingRows, Hazard::kImpactsDatabasePerformance,
                       Hazard::kNeedsNoTransaction}};
  statement.outside_transaction = true;
  statement.timeout = kLongStatement;
  return statement;
}

void RefusesOldRows(Statement& statement) {
  statement.hazards.push_back(Hazard::kBreaksOldServers);
  statement.note = "Servers of the old schema do not know it: what it forbids is refused to them.";
}

}  // namespace

// The new key's index is built beside the old key. The switch is one statement.
void TableDiff::ComparePrimaryKey() {
  const v1::PrimaryKey& before = before_->primary_key();
  const v1::PrimaryKey& after = after_.primary_key();
  if (SameNames(before.columns(), after.columns())) return;
  Note(Change::Kind::kChanged,
       absl::StrCat("primary key is (", absl::StrJoin(after.columns(), ", "), "), which was (",
                    absl::StrJoin(before.columns(), ", "), ")"));
  v1::Index index;
  index.set_name(after.name());
  index.set_unique(true);
  index.set_method("btree");
  *index.mutable_columns() = after.columns();
  const std::string built = absl::StrCat("built ", where_);
  context_.Add({Phase::kBuild, IndexStatement(after_, index, /*concurrently=*/true), {built}});
  const std::string old_key = IndexKey(after_.schema(), before.name());
  std::vector<std::string> needs = {built};
  for (const std::string& column : after.columns()) needs.push_back("filled " + Column(column));
  context_.Add({Phase::kSwitch,
                {AlterTable(after_, absl::StrCat("DROP CONSTRAINT ", QuoteIdentifier(before.name()),
                                                 ", ADD CONSTRAINT ", QuoteIdentifier(after.name()),
                                                 " PRIMARY KEY USING INDEX ",
                                                 QuoteIdentifier(after.name()))),
                 {kLock, Hazard::kBreaksOldServers, Hazard::kBreaksApiClients}},
                {IndexKey(after_.schema(), after.name()), GoneKey(old_key)},
                std::move(needs),
                {old_key}});
}

void TableDiff::CompareIndexes() {
  for (const v1::Index& index : after_.indexes()) {
    const bool kept = Named(before_->indexes(), index.name()) != nullptr;
    const bool detached = kept && detached_indexes_.contains(index.name());
    if (kept && !detached) continue;
    const char* kind = index.unique() ? "unique key " : "index ";
    if (!kept) Note(Change::Kind::kNew, absl::StrCat("new ", kind, index.name()));
    Statement statement = IndexStatement(after_, index, /*concurrently=*/!detached);
    if (!kept && index.unique() && MayRefuseOldRows(*before_, index)) RefusesOldRows(statement);
    context_.Add({detached ? Phase::kMake : Phase::kBuild,
                  std::move(statement),
                  {IndexKey(after_.schema(), index.name())}});
  }
  for (const v1::Index& index : before_->indexes()) {
    if (Named(after_.indexes(), index.name()) == nullptr) DropIndex(index);
  }
}

void TableDiff::DropIndex(const v1::Index& index) {
  const char* kind = index.unique() ? "unique key " : "index ";
  Note(Change::Kind::kDropped, absl::StrCat(kind, index.name(), " dropped"));
  if (detached_indexes_.contains(index.name())) return;
  // A new foreign key to the same columns could hang itself on this index. Then this goes first,
  // and both are in one transaction.
  bool awaited = false;
  for (const v1::Table& table : context_.to().tables()) {
    for (const v1::ForeignKey& key : table.foreign_keys()) {
      awaited = awaited || (index.unique() && key.target_schema() == after_.schema() &&
                            key.target_table() == after_.name() &&
                            SameSet(key.target_columns(), index.columns()));
    }
  }
  Statement statement;
  statement.sql = absl::StrCat("DROP INDEX ", awaited ? "" : "CONCURRENTLY IF EXISTS ",
                               QuoteQualified(after_.schema(), index.name()));
  statement.outside_transaction = !awaited;
  statement.hazards = {Hazard::kIndexDropped, awaited ? kLock : Hazard::kNeedsNoTransaction};
  if (!awaited) statement.timeout = kLongStatement;
  if (index.unique() && !KeepsConflictTarget(after_, index)) {
    statement.hazards.push_back(Hazard::kBreaksOldServers);
    statement.note = "Servers of the old schema can upsert by this key no more.";
  }
  const std::string key = IndexKey(after_.schema(), index.name());
  context_.Add({Phase::kDropIndexes, std::move(statement), {GoneKey(key)}, {}, {key}});
}

bool TableDiff::IsRewritten(const v1::ForeignKey& key) const {
  for (const std::string& column : key.columns()) {
    if (context_.IsRewritten(after_.schema(), after_.name(), column)) return true;
  }
  for (const std::string& column : key.target_columns()) {
    if (context_.IsRewritten(key.target_schema(), key.target_table(), column)) return true;
  }
  return false;
}

void TableDiff::CompareForeignKeys() {
  for (const v1::ForeignKey& key : after_.foreign_keys()) {
    const v1::ForeignKey* before = Named(before_->foreign_keys(), key.name());
    if (before != nullptr && !IsRewritten(key)) continue;
    if (before == nullptr) {
      Note(Change::Kind::kNew, absl::StrCat("new foreign key ", key.name()));
    }
    AddForeignKey(key);
  }
  for (const v1::ForeignKey& key : before_->foreign_keys()) {
    const bool kept = Named(after_.foreign_keys(), key.name()) != nullptr;
    if (!kept) Note(Change::Kind::kDropped, absl::StrCat("foreign key ", key.name(), " dropped"));
    if (IsRewritten(key)) {
      DropForeignKey(key, Phase::kDetach);
    } else if (!kept) {
      DropForeignKey(key, Phase::kDetachOld);
    }
  }
}

void TableDiff::AddForeignKey(const v1::ForeignKey& key) {
  const std::string constraint = absl::StrCat("constraint ", where_, ".", key.name());
  const std::string target = TableKey(key.target_schema(), key.target_table());
  std::vector<std::string> needs = {key_, target};
  const v1::Table* target_after = context_.After(key.target_schema(), key.target_table());
  const v1::Table* target_before = context_.Before(key.target_schema(), key.target_table());
  const std::string index = ReferredIndex(target_after, key);
  if (!index.empty()) needs.push_back(index);
  const std::string old_index = ReferredIndex(target_before, key);
  if (!old_index.empty() && old_index != index) needs.push_back(GoneKey(old_index));
  const bool has_rows = before_ != nullptr;
  Statement statement{AlterTable(after_, AddForeignKeySql(key) + (has_rows ? " NOT VALID" : "")),
                      {Hazard::kAcquiresShareRowExclusiveLock}};
  const bool kept = has_rows && Named(before_->foreign_keys(), key.name()) != nullptr;
  if (has_rows && !kept && MayRefuseOldRows(*before_, key)) RefusesOldRows(statement);
  context_.Add({Phase::kAttach, std::move(statement), {constraint}, std::move(needs)});
  if (!has_rows) return;
  std::vector<std::string> rows = {constraint, context_.OpenRows(after_)};
  if (target_before != nullptr) rows.push_back(context_.OpenRows(*target_after));
  context_.Add({Phase::kValidate, Validate(after_, key.name()), {}, std::move(rows)});
}

void TableDiff::DropForeignKey(const v1::ForeignKey& key, Phase phase) {
  std::vector<std::string> needs;
  const std::string index =
      ReferredIndex(context_.Before(key.target_schema(), key.target_table()), key);
  if (!index.empty()) needs.push_back(index);
  context_.Add({phase,
                {AlterTable(after_, "DROP CONSTRAINT " + QuoteIdentifier(key.name())), {kLock}},
                {},
                std::move(needs)});
}

void TableDiff::CompareChecks() {
  for (const v1::Check& check : after_.checks()) {
    const bool kept = Named(before_->checks(), check.name()) != nullptr;
    if (!kept) Note(Change::Kind::kNew, absl::StrCat("new check ", check.name()));
    if (kept && detached_checks_.contains(check.name())) {
      // The table is locked and has just been written anew. So it is checked at once.
      Statement statement{AlterTable(after_, AddCheckSql(check)),
                          {Hazard::kMayFailOnExistingRows, kLock}};
      statement.timeout = kLongStatement;
      context_.Add({Phase::kMake, std::move(statement)});
    } else if (!kept) {
      AddCheck(check);
    }
  }
  for (const v1::Check& check : before_->checks()) {
    if (Named(after_.checks(), check.name()) != nullptr) continue;
    Note(Change::Kind::kDropped, absl::StrCat("check ", check.name(), " dropped"));
    if (detached_checks_.contains(check.name())) continue;
    Alter(Phase::kDetachOld, "DROP CONSTRAINT " + QuoteIdentifier(check.name()), {kLock});
  }
}

void TableDiff::AddCheck(const v1::Check& check) {
  const std::string constraint = absl::StrCat("constraint ", where_, ".", check.name());
  Statement statement{AlterTable(after_, AddCheckSql(check) + " NOT VALID"), {kLock}};
  if (MayRefuseOldRows(*before_, check)) RefusesOldRows(statement);
  context_.Add({Phase::kAttach, std::move(statement), {constraint}});
  context_.Add({Phase::kValidate, Validate(after_, check.name()), {}, {constraint}});
}

void TableDiff::ComparePolicies() {
  for (const v1::Policy& policy : before_->policies()) {
    if (Named(after_.policies(), policy.name()) != nullptr) continue;
    Note(Change::Kind::kDropped, absl::StrCat("policy ", policy.name(), " dropped"));
    if (detached_policies_.contains(policy.name())) continue;
    context_.Add({Phase::kDropPolicies,
                  {absl::StrCat("DROP POLICY ", QuoteIdentifier(policy.name()), " ON ",
                                QualifiedName(after_)),
                   {Hazard::kAuthzUpdate, kLock}}});
  }
  for (const v1::Policy& policy : after_.policies()) {
    const v1::Policy* before = Named(before_->policies(), policy.name());
    const bool same = before != nullptr && SameDefinition(*before, policy);
    const bool detached = detached_policies_.contains(policy.name());
    if (same && !detached) continue;
    if (!same) {
      Note(before == nullptr ? Change::Kind::kNew : Change::Kind::kChanged,
           absl::StrCat(before == nullptr ? "new" : "changed", " policy ", policy.name()));
    }
    Statements statements;
    if (before == nullptr || detached) {
      EmitPolicy(after_, policy, statements);
    } else {
      statements.push_back({AlterPolicySql(after_, policy), {}});
    }
    statements.back().hazards = {kLock};
    if (!same)
      statements.back().hazards.insert(statements.back().hazards.begin(), Hazard::kAuthzUpdate);
    context_.Add({Phase::kMakePolicies, std::move(statements.back())});
  }
}

void TableDiff::CompareGrants() {
  std::map<std::string, std::set<std::string>> before, after;
  for (const v1::Grant& grant : before_->grants()) {
    before[grant.role()].insert(grant.privileges().begin(), grant.privileges().end());
  }
  for (const v1::Grant& grant : after_.grants()) {
    after[grant.role()].insert(grant.privileges().begin(), grant.privileges().end());
  }
  auto change = [&](const char* verb, const char* preposition, const std::string& role,
                    const std::set<std::string>& privileges, const std::set<std::string>& without) {
    std::vector<std::string> names;
    std::set_difference(privileges.begin(), privileges.end(), without.begin(), without.end(),
                        std::back_inserter(names));
    if (names.empty()) return;
    const std::string list = absl::StrJoin(names, ", ");
    Note(Change::Kind::kChanged, absl::StrCat(verb, " ", list, " ", preposition, " ", role));
    context_.Add({Phase::kMakePolicies,
                  {absl::StrCat(verb, " ", list, " ON ", QualifiedName(after_), " ", preposition,
                                " ", QuoteIdentifier(role)),
                   {Hazard::kAuthzUpdate}}});
  };
  for (const auto& [role, privileges] : before)
    change("REVOKE", "FROM", role, privileges, after[role]);
  for (const auto& [role, privileges] : after)
    change("GRANT", "TO", role, privileges, before[role]);
  auto set = [&](bool missing, const char* what) {
    if (!missing) return;
    Note(Change::Kind::kChanged, absl::StrCat(what, " row-level security"));
    Alter(Phase::kMakePolicies, absl::StrCat(what, " ROW LEVEL SECURITY"),
          {Hazard::kAuthzUpdate, kLock});
  };
  set(before_->row_security_disabled(), "ENABLE");
  set(before_->row_security_not_forced(), "FORCE");
}

}  // namespace tenantry::migrate
