// The primary key of a row in a request.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// The key's fields in a message that holds them one by one, as the requests of Get and Delete do.
class KeyFields {
 public:
  KeyFields() = default;
  KeyFields(const schema::Table& table, const google::protobuf::Descriptor& holder);

  // Every field there, and a value that the column can have.
  void Check(const google::protobuf::Message& holder, const plan::Path& path,
             plan::Violations& violations) const;
  // Adds the values to the statement, in the key's order.
  void Add(const google::protobuf::Message& holder, plan::Statement& statement) const;
  // Appends them in canonical form (repeated_keys.h).
  void AppendCanonical(const google::protobuf::Message& holder, std::string& bytes) const;
  // Adds those of all of Call::rows.
  void AddOfRows(plan::Call& call) const;

 private:
  struct Part {
    const schema::Column* column;
    const google::protobuf::FieldDescriptor* field;
  };
  std::vector<Part> parts_;
};

// Adds the key's values in a resource to the statement, in the key's order.
void AddKeyOfResource(const schema::Table& table, const google::protobuf::Message& resource,
                      plan::Statement& statement);

// The condition that a row has the key whose values stand from slot `first` on.
std::vector<plan::Expr> KeyIs(const schema::Table& table, int first);

}  // namespace tenantry::methods
