// Which columns get another type beside their old one, and what all that concerns them is called
// meanwhile.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/migrate/hazard.h"
#include "server/migrate/sql_text.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

struct OnlineColumn {
  const v1::Column* before;
  const v1::Column* after;
  std::string fresh;       // the new column's name until the switch
  std::string fresh_type;  // its type, which may be called something else until then
  Hazards hazards;         // of the cast
};

struct OnlineTable {
  const v1::Table* before;
  const v1::Table* after;
  std::vector<OnlineColumn> columns;
  // Names and types of the old columns -> those of the new ones.
  Renames renames;

  bool Has(const std::string& column) const { return renames.columns.contains(column); }
  // Whether the expression has one of the columns.
  bool HasAny(const std::string& sql) const;
};

// A part with an old column, and the same with the new one.
template <typename Part>
struct Shadow {
  const v1::Table* table;
  const Part* old;
  Part fresh;
};

struct OnlinePlan {
  OnlinePlan(const v1::Snapshot& middle, const v1::Snapshot& to);

  const OnlineTable* Find(const std::string& schema, const std::string& name) const;
  // What a value becomes. `prefix` stands before the old column's name: `NEW.`.
  std::string Expression(const OnlineColumn& column, const std::string& prefix = "") const;
  bool IsRebuilt(const v1::EnumType& type) const;

  std::vector<OnlineTable> tables;
  // Enum types that lose a label. `fresh` is made beside `old`.
  struct Rebuilt {
    const v1::EnumType* old;
    const v1::EnumType* after;
    v1::EnumType fresh;
  };
  std::vector<Rebuilt> rebuilt;
  std::vector<Shadow<v1::PrimaryKey>> primary_keys;
  std::vector<Shadow<v1::Index>> indexes;
  std::vector<Shadow<v1::Check>> checks;
  std::vector<Shadow<v1::ForeignKey>> foreign_keys;
  // Those that go with the old column and do not come back.
  std::vector<std::pair<const v1::Table*, const v1::ForeignKey*>> lost_foreign_keys;
  std::vector<std::pair<const v1::Table*, const v1::Policy*>> policies;
  std::vector<std::string> obstacles;

 private:
  void FindRebuilt();
  void FindColumns(const v1::Table& before, const v1::Table& after);
  void FindViews(const OnlineTable& table);
  void FindParts(const OnlineTable& table);
  void FindPolicies(const OnlineTable& table);
  void FindForeignKeys(const v1::Table& table, const v1::Table& after);
  std::string FreshType(const std::string& type) const;

  const v1::Snapshot& middle_;
  const v1::Snapshot& to_;
  std::map<std::string, const v1::EnumType*> enums_before_, enums_after_;
};

}  // namespace tenantry::migrate
