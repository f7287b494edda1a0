// What must hold of a row before it is written.
#pragma once

#include <optional>
#include <vector>

#include "google/protobuf/message.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// The `require` and the `etag` of a method's requests.
class Require {
 public:
  Require(const schema::Method& method, const MethodContext& context);

  // Whether a request has one of them.
  bool IsIn(const google::protobuf::Message& request) const;
  // Adds what they say to an update or a delete, and their values to the call.
  template <typename Write>
  void Take(plan::Call& call, Write& write, plan::Violations& violations) const {
    write.etag = TakeEtag(call, violations);
    TakeFilter(call, write.require, violations);
  }

 private:
  std::optional<plan::Slot> TakeEtag(plan::Call& call, plan::Violations& violations) const;
  void TakeFilter(plan::Call& call, std::vector<plan::Expr>& require,
                  plan::Violations& violations) const;

  const schema::Table& table_;
  // Null: the requests have none.
  const google::protobuf::FieldDescriptor* const field_;
  const google::protobuf::FieldDescriptor* const etag_;
  const Filters& filters_;
};

}  // namespace tenantry::methods
