// What an aggregate makes of its groups.
#pragma once

#include <string>
#include <utility>
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

// The most measures of one request. More would be no report that anybody reads.
inline constexpr int kMeasuresMax = 50;

// Walks the measures of one aggregate of `table`, or those of one relation in a select.
class MeasureWalk {
 public:
  // `prefix` stands before the names that are given by default. Names differ from each other from
  // the call's `first` on: those are of one group or one row.
  MeasureWalk(const schema::Table& table, const Filters& filters, plan::Call& call,
              plan::Violations& violations, std::string prefix = "", std::size_t first = 0)
      : table_(table),
        filters_(filters),
        call_(call),
        violations_(violations),
        prefix_(std::move(prefix)),
        first_(first) {}

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
  // Its place among the names from the first on; -1 when none has the name.
  int Named(const std::string& name) const;

  const schema::Table& table_;
  const Filters& filters_;
  plan::Call& call_;
  plan::Violations& violations_;
  const std::string prefix_;
  const std::size_t first_;
};

}  // namespace tenantry::methods
