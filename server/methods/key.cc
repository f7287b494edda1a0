#include "server/methods/key.h"

#include "server/methods/repeated_keys.h"
#include "server/schema/methods.h"

namespace tenantry::methods {

using google::protobuf::Message;
using plan::Value;

KeyFields::KeyFields(const schema::Table& table, const google::protobuf::Descriptor& holder) {
  int number = schema::field_number::kFirstKey;
  for (const schema::Column* column : table.primary_key) {
    parts_.push_back({column, holder.FindFieldByNumber(number++)});
  }
}

void KeyFields::Check(const Message& holder, const plan::Path& path,
                      plan::Violations& violations) const {
  for (const Part& part : parts_) {
    const Value value{&holder, part.field};
    const plan::Path field_path(path, part.field->name());
    if (!IsPresent(value)) {
      violations.Add(field_path, "is required");
    } else {
      CheckCompared(*part.column, value, field_path, violations);
    }
  }
}

void KeyFields::Add(const Message& holder, plan::Statement& statement) const {
  for (const Part& part : parts_) {
    statement.Add(plan::FieldValue{part.column, Value{&holder, part.field}});
  }
}

void KeyFields::AppendCanonical(const Message& holder, std::string& bytes) const {
  for (const Part& part : parts_) {
    AppendCanonicalKey(*part.column, Value{&holder, part.field}, bytes);
  }
}

void KeyFields::AddOfRows(plan::Call& call) const {
  for (const Part& part : parts_) call.Add(plan::RowsValue{part.column, part.field});
}

void AddKeyOfResource(const schema::Table& table, const Message& resource,
                      plan::Statement& statement) {
  for (const schema::Column* column : table.primary_key) {
    statement.Add(plan::FieldValue{column, Value{&resource, column->api}});
  }
}

std::vector<plan::Expr> KeyIs(const schema::Table& table, int first) {
  std::vector<plan::Expr> where;
  for (const schema::Column* column : table.primary_key) {
    where.push_back(plan::Equals(*column, {first++}));
  }
  return where;
}

}  // namespace tenantry::methods
