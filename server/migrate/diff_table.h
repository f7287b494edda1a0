// What differs in one table, once its parts have the same names before and after.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "server/migrate/diff_context.h"

namespace tenantry::migrate {

class TableDiff {
 public:
  // `before` is null for a new table.
  TableDiff(DiffContext& context, const v1::Table* before, const v1::Table& after);

  // Tells the context which columns are written anew. For all tables before Compare of any: foreign
  // keys of other tables depend on it.
  void FindRewritten();
  void Compare();

 private:
  void Create();

  void CompareColumns();
  void AddColumn(const v1::Column& column);
  void DropColumns();
  void CompareColumn(const v1::Column& before, const v1::Column& after);
  // Columns that the database computes: those that are made anew, or go, before a type changes.
  void FindRemade(const std::set<std::string>& retyped);
  bool IsRemade(const v1::Column& before, const v1::Column* after,
                const std::set<std::string>& retyped) const;
  bool IsOfOtherColumns(const v1::Column& generated) const;
  void DropRemade();
  void MakeGenerated(const v1::Column& column, Hazards hazards);
  bool RemakeGenerated(const v1::Column& before, const v1::Column& after);
  void DropExpression(const v1::Column& column);
  void CompareDefault(const v1::Column& before, const v1::Column& after);
  void SetNotNull(const v1::Column& column, bool fill);
  void Retype();
  void DetachFromTypes(const std::set<std::string>& retyped);

  void ComparePrimaryKey();
  void CompareIndexes();
  void DropIndex(const v1::Index& index);
  void CompareForeignKeys();
  void AddForeignKey(const v1::ForeignKey& key);
  void DropForeignKey(const v1::ForeignKey& key, Phase phase);
  void CompareChecks();
  void AddCheck(const v1::Check& check);
  void ComparePolicies();
  void CompareGrants();

  bool IsRewritten(const v1::ForeignKey& key) const;
  std::string Column(const std::string& name) const;
  void Note(Change::Kind kind, const std::string& what);
  void Alter(Phase phase, const std::string& action, Hazards hazards,
             std::vector<std::string> needs = {});

  DiffContext& context_;
  const v1::Table* before_;
  const v1::Table& after_;
  const std::string where_;  // `saas.contacts`
  const std::string key_;    // of the table
  // Parts that went because of a change of type, and come back as they were.
  std::set<std::string> detached_policies_, detached_checks_, detached_indexes_, remade_columns_;
};

}  // namespace tenantry::migrate
