// Changes to one row, as a request says them: a resource with its key and new values, a mask, and
// what is added to numbers. The requests of Update are such messages, and so are the entries for
// rows that refer to another.
#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/plan/write_rules.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

class RowUpdate {
 public:
  // `holder` is the type of the messages.
  RowUpdate(const schema::Table& table, const google::protobuf::Descriptor& holder,
            std::size_t row_bytes_max);

  // What one message says.
  struct Parts {
    const google::protobuf::Message* row = nullptr;  // null, with a violation, when there is none
    std::vector<plan::Change> changes;
    std::vector<plan::Value> increments;

    bool empty() const { return changes.empty() && increments.empty(); }
  };
  // Checks it. `path` is that of the message.
  Parts Check(const google::protobuf::Message& holder, const plan::Path& path,
              plan::Violations& violations, plan::JsonTexts& json) const;
  // Adds the violation that the message changes nothing.
  void RefuseEmpty(const plan::Path& path, plan::Violations& violations) const;

  // The statement, which adds its values to `values`. It returns nothing yet.
  plan::Update StatementOf(const Parts& parts, plan::Statement& values) const;

 private:
  void TakeIncrements(const google::protobuf::Message& holder, const plan::Path& path,
                      plan::Violations& violations, Parts& parts) const;

  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const resource_;
  const google::protobuf::FieldDescriptor* const mask_;
  const google::protobuf::FieldDescriptor* const increment_;  // null where nothing can be added to
  const std::size_t row_bytes_max_;
};

}  // namespace tenantry::methods
