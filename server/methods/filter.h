// What the filters of requests mean: conditions on the rows of a table.
#pragma once

#include <memory>
#include <vector>

#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

struct FilterLimits {
  int depth_max = 5;         // filters within each other
  int conditions_max = 100;  // operators, relations, and entries of all_of, any_of and none_of
  // Rows may be looked for by columns that no index begins with (unindexed-filters).
  bool unindexed = true;
};

// The filters of all tables, which refer to each other. Made once; immutable after.
class Filters {
 public:
  Filters(const schema::Schema& schema, FilterLimits limits);
  ~Filters();

  // What a filter is for.
  enum class Use {
    kFind,   // it finds the rows among all of the tenant
    kCheck,  // the rows are found by something else, as by their key or a relation
  };

  // Adds to `where` what `filter`, a message of the table's filter type, says of its rows, and to
  // `call` the values that it compares with, which become part of the call's fingerprint.
  void Take(const schema::Table& table, const google::protobuf::Message& filter,
            const plan::Path& path, plan::Call& call, std::vector<plan::Expr>& where,
            plan::Violations& violations, Use use = Use::kFind) const;

  // The same of `operators`, a filter of tenantry.v1.MeasureFilter, about values of which `type` is
  // the column.
  void TakeOperators(const schema::Column& type, const google::protobuf::Message& operators,
                     const plan::Path& path, plan::Call& call, std::vector<plan::Expr>& where,
                     plan::Violations& violations) const;

 private:
  struct Compiled;

  const FilterLimits limits_;
  const std::unique_ptr<Compiled> compiled_;
};

}  // namespace tenantry::methods
