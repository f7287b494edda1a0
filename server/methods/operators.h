// The operators of filters on one column: `{gte: 5, lt: 9}`.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

struct Operator;
using Operators = std::vector<Operator>;  // of one kind of message, by number

struct Operator {
  const google::protobuf::FieldDescriptor* field;
  // Of the field's message: the elements of a list, or the ends of a range. Null where it is none.
  const google::protobuf::FieldDescriptor* values = nullptr;
  const google::protobuf::FieldDescriptor* from = nullptr;
  const google::protobuf::FieldDescriptor* to = nullptr;
  const Operators* inner = nullptr;  // where the message has operators itself
};

// Made once for each kind of message.
class OperatorSets {
 public:
  const Operators& Of(const google::protobuf::Descriptor& message);
  // Null when they have not been made.
  const Operators* Find(const google::protobuf::Descriptor& message) const;

 private:
  Operator Make(const google::protobuf::FieldDescriptor& field);

  std::unordered_map<const google::protobuf::Descriptor*, std::unique_ptr<Operators>> sets_;
};

// What a message of operators says: conditions, their values, violations.
class OperatorWalk {
 public:
  OperatorWalk(plan::Call& call, std::vector<plan::Expr>& where, plan::Violations& violations)
      : call_(call), where_(where), violations_(violations) {}

  void Take(const schema::Column& column, const Operators& operators,
            const google::protobuf::Message& message, const plan::Path& path);

  // Operators that were set.
  int count() const { return count_; }

 private:
  // What is compared, with values of which type.
  struct Subject {
    plan::Expr::Kind kind = plan::Expr::Kind::kCompare;
    const schema::Column* column;
    const schema::Column* type;
    plan::Slot path{};
  };

  void TakeAll(const Subject& subject, const Operators& operators,
               const google::protobuf::Message& message, const plan::Path& path);
  void TakeOne(const Subject& subject, const Operator& op, const google::protobuf::Message& message,
               const plan::Path& path);
  void Compare(const Subject& subject, const schema::Column& type, const Operator& op,
               const plan::Value& value, const plan::Path& path);
  void Between(const Subject& subject, const Operator& op, const google::protobuf::Message& range,
               const plan::Path& path);
  void Pattern(const Subject& subject, plan::Comparison comparison,
               const plan::PatternValue& pattern, const plan::Path& path);
  void CheckPattern(const plan::Value& value, const plan::Path& path);
  void Members(const Subject& subject, const Operator& op, const google::protobuf::Message& message,
               const plan::Path& path);
  void Flag(plan::Expr expr, bool is_true);

  plan::Expr Compared(const Subject& subject, plan::Comparison comparison, plan::Slot slot) const;
  plan::Slot Put(const schema::Column& type, const plan::Value& value, const plan::Path& path);

  plan::Call& call_;
  std::vector<plan::Expr>& where_;
  plan::Violations& violations_;
  int count_ = 0;
};

}  // namespace tenantry::methods
