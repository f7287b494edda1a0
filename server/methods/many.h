// What UpdateMany and DeleteMany have in common: the rows that a filter finds, up to a number.
#pragma once

#include "google/protobuf/descriptor.h"
#include "server/methods/filter.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

class ManyRows {
 public:
  ManyRows(const schema::Method& method, const MethodContext& context);

  // Adds to an update or a delete which rows it is of.
  template <typename Write>
  void Take(plan::Call& call, Write& write, plan::Violations& violations) const {
    TakeFilter(call, write.where, violations);
    write.at_most = TakeMost(call, violations);
  }

 private:
  void TakeFilter(plan::Call& call, std::vector<plan::Expr>& where,
                  plan::Violations& violations) const;
  plan::Slot TakeMost(plan::Call& call, plan::Violations& violations) const;

  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const filter_;
  const google::protobuf::FieldDescriptor* const max_affected_;
  const Filters& filters_;
  const std::int64_t rows_max_;
};

}  // namespace tenantry::methods
