// What an aggregate makes of its groups.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "server/methods/filter.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// A field of a message whose fields are told by their numbers.
plan::Value Part(const google::protobuf::Message& message, int field_number);

// The column that `value` names, a field of the message at `path`. Null when it names none; a
// violation when its number is no column's.
const schema::Column* ColumnNamed(const schema::Table& table, const plan::Value& value,
                                  const plan::Path& path, plan::Violations& violations);

// Walks the measures of one aggregate of `table`.
class MeasureWalk {
 public:
  MeasureWalk(const schema::Table& table, const Filters& filters, plan::Call& call,
              plan::Violations& violations)
      : table_(table), filters_(filters), call_(call), violations_(violations) {}

  // Adds the measure of the entry, and its name to the call.
  void Take(const google::protobuf::Message& entry, const plan::Path& path,
            std::vector<plan::Measure>& measures);
  // Adds the count of rows.
  void TakeRows(std::vector<plan::Measure>& measures);

  // The measure that `value` names, a field of the message at `path`; -1 with a violation when none
  // has the name.
  int TakeNamed(const plan::Value& value, const plan::Path& path);

 private:
  void CheckFunction(const plan::Measure& measure, const plan::Path& path,
                     const plan::Path& field_path);
  void TakeName(const google::protobuf::Message& entry, const plan::Path& path,
                const plan::Measure& measure);
  void TakeFilter(const google::protobuf::Message& entry, const plan::Path& path,
                  std::vector<plan::Expr>& where);
  // -1 when none has the name.
  int Named(const std::string& name) const;

  const schema::Table& table_;
  const Filters& filters_;
  plan::Call& call_;
  plan::Violations& violations_;
};

}  // namespace tenantry::methods
