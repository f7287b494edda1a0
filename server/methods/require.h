// What must hold of a row before it is written.
#pragma once

#include <vector>

#include "google/protobuf/message.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// The `require` of a method's requests.
class Require {
 public:
  Require(const schema::Method& method, const MethodContext& context);

  bool IsIn(const google::protobuf::Message& request) const;
  // Adds its conditions, and their values to the call.
  void Take(plan::Call& call, std::vector<plan::Expr>& require, plan::Violations& violations) const;

 private:
  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const field_;  // null: the requests have none
  const Filters& filters_;
};

}  // namespace tenantry::methods
