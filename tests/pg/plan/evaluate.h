// What the query IR means, over rows in memory.
#pragma once

#include <functional>
#include <vector>

#include "google/protobuf/message.h"
#include "tests/pg/plan/world.h"

namespace tenantry::test {

// All rows of a table that the caller's tenant has, deleted ones included.
using RowsOfTable = std::function<const std::vector<MessagePtr>&(const schema::Table& table)>;

class Evaluator {
 public:
  Evaluator(RowsOfTable rows, const TextValues& values) : rows_(std::move(rows)), values_(values) {}

  // The rows of the read in its order. Those of a child are tied to `parent` by `relation`.
  std::vector<const google::protobuf::Message*> Rows(
      const plan::Read& read, const schema::Relation* relation = nullptr,
      const google::protobuf::Message* parent = nullptr) const;
  // The columns and children of the read that `row` has.
  void Copy(const plan::Read& read, const google::protobuf::Message& row,
            google::protobuf::Message& out) const;

 private:
  // As SQL has it: true, false or unknown.
  std::optional<bool> Holds(const plan::Expr& expr, const google::protobuf::Message& row) const;
  std::optional<bool> All(const std::vector<plan::Expr>& operands,
                          const google::protobuf::Message& row) const;
  bool Exists(const plan::Expr& expr, const google::protobuf::Message& row) const;

  const RowsOfTable rows_;
  const TextValues& values_;
};

}  // namespace tenantry::test
