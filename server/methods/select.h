// Which columns and relations a read answers with.
#pragma once

#include <cstdint>

#include "google/protobuf/message.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// The select of a method's requests.
class Select {
 public:
  // `field_number` is that of the field `select` in the method's requests.
  Select(const schema::Method& method, int field_number, const MethodContext& context);

  // Whether a request selects. One that does not reads all columns.
  bool IsIn(const google::protobuf::Message& request) const;

  // Sets columns and children of `read`, which reads `rows` rows at most, and adds the values that
  // they need to the call. The key's columns always come along.
  // The call's fingerprint stays: what is selected does not tell one list from another.
  void Take(plan::Call& call, std::int64_t rows, plan::Read& read,
            plan::Violations& violations) const;

 private:
  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const field_;  // null: the requests have none
  const RequestLimits limits_;
  const Filters& filters_;
};

}  // namespace tenantry::methods
