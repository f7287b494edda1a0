// Which columns and relations a method answers with.
#pragma once

#include <cstdint>
#include <utility>

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

  // The columns of a batch that writes; all when the request selects nothing. A relation is a
  // violation: what it comes to is known when the batch has been written, and a reply has a limit.
  plan::Columns TakeOfBatch(plan::Call& call, plan::Violations& violations) const;

  // The same of an insert or an update of one row.
  template <typename Write>
  void TakeWritten(plan::Call& call, Write& write, plan::Violations& violations) const {
    plan::Read read;
    read.table = &table_;
    Take(call, 1, read, violations);
    write.returning = std::move(read.columns);
    write.children = std::move(read.children);
  }

 private:
  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const field_;  // null: the requests have none
  const RequestLimits limits_;
  const Filters& filters_;
};

}  // namespace tenantry::methods
