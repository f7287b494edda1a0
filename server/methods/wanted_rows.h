// Which rows of a table a read asks for: those that meet its filter and its search.
#pragma once

#include <optional>
#include <vector>

#include "google/protobuf/message.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// The fields of a request that say so: `filter`, `show_deleted` and `search`, of which a request
// has those that its table allows.
class WantedRows {
 public:
  // `search`: the number of that field. The others have one number in all requests.
  WantedRows(const schema::Method& method, const MethodContext& context, int search);

  // Sets what of `where` and `deleted` the call's request asks for, and ties the call's tokens to
  // the words. Gives what rows are ordered by to have the best match first; nothing where there is
  // no search.
  std::optional<plan::OrderTerm> Take(plan::Call& call, std::vector<plan::Expr>& where,
                                      plan::Deleted& deleted, plan::Violations& violations) const;

 private:
  std::optional<plan::OrderTerm> TakeSearch(plan::Call& call, std::vector<plan::Expr>& where,
                                            plan::Violations& violations) const;

  const schema::Table& table_;
  const Filters& filters_;
  const google::protobuf::FieldDescriptor* const filter_;
  const google::protobuf::FieldDescriptor* const show_deleted_;  // null: nothing is soft-deleted
  const google::protobuf::FieldDescriptor* const search_;        // null: nothing is searched
};

}  // namespace tenantry::methods
