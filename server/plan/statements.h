// The plan of each standard method, made from the Schema and the request's shape.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "server/plan/plan.h"
#include "server/schema/schema.h"

namespace tenantry::plan {

// Fields of a method's request, found once.
struct RequestFields {
  using Field = const google::protobuf::FieldDescriptor*;
  std::vector<Field> keys;   // Get, Delete: one per primary key column
  Field resource = nullptr;  // Create, Update, Upsert
  Field update_mask = nullptr;
  Field conflict_key = nullptr;
  Field filter = nullptr;
  Field order_by = nullptr;
  Field page_size = nullptr;
  Field page_token = nullptr;
  Field show_deleted = nullptr;
  Field batch_keys = nullptr;      // BatchGet of a single-column key: repeated key
  Field batch_requests = nullptr;  // BatchCreate, BatchGet of a composite key
};

struct FilterTerm {
  const schema::Column* column;
  const google::protobuf::FieldDescriptor* field;    // in the filter message
  const google::protobuf::FieldDescriptor* operand;  // in the field's message
};

struct ListShape {
  std::vector<FilterTerm> terms;          // those the request sets
  const schema::Column* order = nullptr;  // null = the primary key
  bool descending = false;
  bool show_deleted = false;
  bool after_cursor = false;
  int rows_max = 0;  // at least the page and one row more; few values, so that pages share plans
  // The rows may be large: the statement ends the page before they are more than the server should
  // hold. Costs a little, and leaves the rows of a usual page as they are.
  bool bounded = false;
};

// What a write sets besides the key.
struct Assignment {
  const schema::Column* column;
  bool to_default = false;  // DEFAULT instead of the request's value
};

std::shared_ptr<const Plan> MakeGet(const schema::Method& method, const RequestFields& fields);
// `bytes_max`: of the rows of a bounded statement.
std::shared_ptr<const Plan> MakeList(const schema::Method& method, const ListShape& shape,
                                     std::size_t bytes_max);
std::shared_ptr<const Plan> MakeCreate(const schema::Method& method);
// `row_bytes_max`: the statement is refused when it makes a larger row (row_size.h).
std::shared_ptr<const Plan> MakeUpdate(const schema::Method& method,
                                       const std::vector<Assignment>& assignments,
                                       std::size_t row_bytes_max);
std::shared_ptr<const Plan> MakeDelete(const schema::Method& method, const RequestFields& fields);
// `key` null = the primary key.
std::shared_ptr<const Plan> MakeUpsert(const schema::Method& method, const schema::UniqueKey* key,
                                       const std::vector<Assignment>& assignments,
                                       std::size_t row_bytes_max);
// A statement with `bytes_max` gives no row for keys behind so many bytes of rows; nullopt asks for
// the plain one.
std::shared_ptr<const Plan> MakeBatchGet(const schema::Method& method, const RequestFields& fields,
                                         std::optional<std::size_t> bytes_max = std::nullopt);
std::shared_ptr<const Plan> MakeBatchCreate(const schema::Method& method);

}  // namespace tenantry::plan
