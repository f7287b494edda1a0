// The part of a write's SQL by which no row is hung below one that is soft-deleted (TN008). Inside
// of plan/.
//
// It is no lock: who deletes the other row at the same moment leaves what deleting it a moment
// later would leave.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "server/plan/query.h"
#include "server/plan/sql_writer.h"

namespace tenantry::plan {

class LiveReferences : public SqlWriter {
 protected:
  // Of an entry `u` of a batch, counted from 0. SQL.
  static constexpr absl::string_view kEntryIndex = "u.position::integer - 1";
  // What the entries `u` of a batch have for columns. SQL.
  using EntryValues = std::map<const schema::Column*, std::string>;

  // Behind what a write of the row `t` returns: checks of the references that it has written.
  // `entry`: the index of the entry that the row is of, as SQL.
  void CheckWritten(const Insert& insert);
  void CheckWritten(const Update& update, absl::string_view entry);
  // The WHERE of the entries that are inserted.
  void CheckEntries(const Insert& insert, const EntryValues& values);

 private:
  template <typename Write>
  void CheckReturned(const Write& write, bool may_leave, absl::string_view entry);
  template <typename ValueOf>
  std::string IsDeleted(const schema::Relation& relation, const ValueOf& value_of);
  std::string ReferredBefore(const schema::Table& table, const schema::Relation& relation);
  std::string StayedWithConflict(const Insert& insert, const schema::Relation& relation,
                                 const EntryValues& values);
};

}  // namespace tenantry::plan
