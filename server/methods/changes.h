// What a request changes about a row, or about many: a resource with new values, a mask, and what
// is added to numbers. The requests of updates are such messages, and so are the entries of batches
// and those for rows that refer to another.
#pragma once

#include <vector>

#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

struct Changes {
  const google::protobuf::Message* row = nullptr;  // that has the new values
  std::vector<plan::Change> set;
  std::vector<plan::Value> increments;  // fields of the request's increment

  bool empty() const { return set.empty() && increments.empty(); }
};

class ChangeFields {
 public:
  // Numbers of the fields. These are those of a message that changes one row.
  struct Numbers {
    int resource = schema::field_number::kResource;
    int update_mask = schema::field_number::kUpdateMask;
    int increment = schema::field_number::kIncrement;
  };
  ChangeFields(const schema::Table& table, const google::protobuf::Descriptor& request,
               Numbers numbers);

  // Checks what the message says. `path` is that of the message.
  Changes Take(const google::protobuf::Message& request, const plan::Path& path,
               plan::Violations& violations, plan::JsonTexts& json) const;
  // The same where the resource says by its key which row it is for. `row` is null, with a
  // violation, when there is no resource.
  Changes TakeOfRow(const google::protobuf::Message& request, const plan::Path& path,
                    plan::Violations& violations, plan::JsonTexts& json) const;
  // Adds the violation that the message changes nothing.
  void RefuseEmpty(const plan::Path& path, plan::Violations& violations) const;

  const google::protobuf::FieldDescriptor* resource() const { return resource_; }
  const google::protobuf::FieldDescriptor* increment() const { return increment_; }

 private:
  std::vector<plan::Value> Increments(const google::protobuf::Message& request,
                                      const plan::Path& path, const std::vector<plan::Change>& set,
                                      plan::Violations& violations) const;

  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const resource_;
  const google::protobuf::FieldDescriptor* const mask_;
  const google::protobuf::FieldDescriptor* const increment_;  // null where nothing can be added to
};

// What an update of one shape puts into columns, the time of the write too. Adds the values to the
// statement.
std::vector<plan::Assignment> AssignmentsOf(const schema::Table& table, const Changes& changes,
                                            plan::Statement& statement);

// The update of the row that the changes are for, by its key. Adds the values to the statement. It
// returns nothing yet.
plan::Update UpdateOfRow(const schema::Table& table, const Changes& changes,
                         std::size_t row_bytes_max, plan::Statement& statement);

}  // namespace tenantry::methods
