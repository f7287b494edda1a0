// Reads as trees, put together by names, and the messages that their rows become.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"
#include "server/plan/query.h"
#include "server/schema/schema.h"

namespace tenantry::test {

// By its name in the database.
const schema::Table& TableNamed(const schema::Schema& schema, std::string_view name);
const schema::Column& ColumnOf(const schema::Table& table, std::string_view name);
const schema::Relation& RelationOf(const schema::Table& table, std::string_view name);

using Names = std::initializer_list<std::string_view>;

plan::Read ReadOf(const schema::Table& table, Names columns);
plan::Child ChildOf(const schema::Table& table, std::string_view relation, Names columns);
plan::Expr ExistsIn(const schema::Table& table, std::string_view relation,
                    std::vector<plan::Expr> operands);
plan::Expr IsNull(const schema::Column& column);
plan::Expr Not(plan::Expr operand);
// At most `limit` rows, in an order.
void TakePage(plan::Read& read, std::vector<plan::OrderTerm> order, plan::Slot limit);

// The messages of tables, and pages of them.
class RowMessages {
 public:
  explicit RowMessages(const schema::Schema& schema);

  std::unique_ptr<google::protobuf::Message> New(const schema::Table& table) const;
  // As a page is: rows in field 1, next_page_token in field 2.
  std::unique_ptr<google::protobuf::Message> NewPage(const schema::Table& table) const;

 private:
  google::protobuf::DescriptorPool pool_;
  mutable google::protobuf::DynamicMessageFactory messages_;
};

}  // namespace tenantry::test
