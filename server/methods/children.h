// Changes to the rows that refer to the row of an Update: deleted, changed and made with it.
//
// Only rows of this very row are touched: a key of another row's child is like that of no row. All
// that is not named stays as it is, so that nobody loses rows by a list that was not complete. Rows
// are deleted first, then changed, then made: a key that becomes free can be taken.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "google/protobuf/message.h"
#include "server/methods/changes.h"
#include "server/methods/key.h"
#include "server/methods/nested.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/plan_cache.h"

namespace tenantry::methods {

class Children {
 public:
  Children(const schema::Method& method, const MethodContext& context);

  bool AreIn(const google::protobuf::Message& request) const;

  // What becomes of the rows that refer to `row`, the resource of the request.
  struct Written {
    std::vector<plan::Statement> statements;  // the first is number 1 of the call's
    std::vector<plan::RowBelow> below;        // the row, in the reply
  };
  Written Take(const google::protobuf::Message& row, plan::Call& call,
               plan::Violations& violations) const;

 private:
  class Walk;

  // What is known beforehand of one relation. Fields are null where the table has no such method.
  struct ChildFields {
    const schema::Relation* relation = nullptr;
    const google::protobuf::FieldDescriptor* field = nullptr;  // of `children`
    const google::protobuf::FieldDescriptor* create = nullptr;
    const google::protobuf::FieldDescriptor* update = nullptr;
    const google::protobuf::FieldDescriptor* remove = nullptr;
    std::optional<ChangeFields> change_fields{};
    std::optional<plan::MethodPlans> update_plans{};
    KeyFields removed_key{};
    std::shared_ptr<const plan::Plan> remove_plan{};
  };
  static ChildFields FieldsOf(const schema::Method& method, const schema::Relation& relation,
                              const google::protobuf::FieldDescriptor& field,
                              const MethodContext& context);

  const google::protobuf::FieldDescriptor* const field_;  // null: no relation has any
  const RequestLimits limits_;
  const InsertPlans& inserts_;
  std::vector<ChildFields> fields_;
};

}  // namespace tenantry::methods
