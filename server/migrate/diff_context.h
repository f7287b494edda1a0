// What the parts of a difference share.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/migrate/change.h"
#include "server/migrate/steps.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// Keys of objects that steps make, need and destroy.
std::string TableKey(const std::string& schema, const std::string& name);
std::string IndexKey(const std::string& schema, const std::string& name);
// There once an index has gone.
std::string GoneKey(const std::string& index_key);

// Row-level security is forced: the owner, as whom migrations run, sees no row. A backfill would
// change nothing, and PostgreSQL would take a foreign key for validated that rows break. So a
// policy for the owner alone is there while it needs one.
Statement OpenRowsStatement(const v1::Table& table);
Statement CloseRowsStatement(const v1::Table& table);

class DiffContext {
 public:
  DiffContext(const v1::Snapshot& middle, const v1::Snapshot& to, Steps& steps,
              std::vector<Change>& changes, std::vector<std::string>& impossible);

  const v1::Snapshot& middle() const { return middle_; }
  const v1::Snapshot& to() const { return to_; }

  void Note(Change::Kind kind, const std::string& object, const std::string& what) {
    changes_.push_back({kind, object, what});
  }
  void Refuse(const std::string& object, const std::string& what) {
    impossible_.push_back(object + ": " + what);
  }
  void Add(Step step) { steps_.Add(std::move(step)); }

  const v1::Table* Before(const std::string& schema, const std::string& name) const;
  const v1::Table* After(const std::string& schema, const std::string& name) const;
  // Of a column's type, `[]` or not; null for any other type.
  const v1::EnumType* EnumBefore(const std::string& type) const;
  const v1::EnumType* EnumAfter(const std::string& type) const;

  // Enum types that are made anew because a label goes. Columns of them are written anew.
  void MarkRebuilt(const v1::EnumType& type);
  bool IsRebuilt(const std::string& type) const;

  // Whether the column gets another type and its values are written anew.
  bool IsRewritten(const std::string& schema, const std::string& table,
                   const std::string& column) const {
    return rewritten_.contains({schema + "." + table, column});
  }
  void MarkRewritten(const v1::Table& table, const std::string& column) {
    rewritten_.insert({table.schema() + "." + table.name(), column});
  }

  // Whether the column goes and comes back, since it is computed (diff_generated.cc).
  bool IsRemade(const v1::Table& table, const std::string& column) const {
    return remade_.contains({table.schema() + "." + table.name(), column});
  }
  void MarkRemade(const v1::Table& table, const std::string& column) {
    remade_.insert({table.schema() + "." + table.name(), column});
  }

  // Shows the rows to the owner, and hides them again when no step needs them any more. Returns the
  // key to need.
  std::string OpenRows(const v1::Table& table);

 private:
  using Name = std::pair<std::string, std::string>;

  const v1::Snapshot& middle_;
  const v1::Snapshot& to_;
  Steps& steps_;
  std::vector<Change>& changes_;
  std::vector<std::string>& impossible_;
  std::map<Name, const v1::Table*> before_, after_;
  std::map<std::string, const v1::EnumType*> enums_before_, enums_after_;
  std::set<std::string> rebuilt_, opened_;
  std::set<Name> rewritten_, remade_;
};

}  // namespace tenantry::migrate
