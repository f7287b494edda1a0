// What a plan is: SQL text, where each parameter comes from, what the result becomes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "google/protobuf/message.h"
#include "server/base/sql.h"
#include "server/plan/row_sizes.h"
#include "server/schema/schema.h"

namespace tenantry::plan {

// Where a parameter's value is found when a call is bound.
enum class Source {
  kTenant,  // the caller's tenant id
  kKey,     // `field` of the request
  kKeys,    // array of the repeated `field` of the request
  kRow,     // `field` of Call::row
  kRows,    // array of `field` over Call::rows
  kFilter,  // `operand` of the filter message in `field` of Call::filter
  kCursor,  // Call::cursor[position]
  kLimit,   // Call::page_size + 1: one row more tells whether another page follows
};

struct Parameter {
  Source source;
  const schema::Column* column = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
  const google::protobuf::FieldDescriptor* operand = nullptr;
  int position = 0;
};

enum class ReplyForm {
  kRow,    // the one row is the reply message
  kEmpty,  // google.protobuf.Empty
  kPage,   // repeated rows in field 1, next_page_token in field 2
  kBatch,  // repeated rows in field 1, one per row asked for
};

// What it means when the statement gave no row (kRow, kEmpty), or one whose key is NULL (kBatch).
enum class NoRow {
  kNotFound,
  kDeleted,  // an upsert met a row that is soft-deleted
};

// Immutable once made; shared by the calls of one shape.
struct Plan {
  std::shared_ptr<const SqlText> text;
  const schema::Method* method = nullptr;
  std::vector<Parameter> parameters;
  std::vector<const schema::Column*> columns;  // result columns; empty for kEmpty
  ReplyForm reply = ReplyForm::kRow;
  NoRow no_row = NoRow::kNotFound;
  bool brief = false;  // reads one row by its key
  // Bytes that a row may have in a reply beyond those of the message that it was made from.
  std::size_t row_growth = 0;
  // The statement ends its result when the rows together are large. Of a page, the column after
  // `columns` then says in the last row whether it did.
  bool bounded = false;
  // kPage: the columns that position a page, first to last, all in one direction.
  std::vector<const schema::Column*> order;
};

// JSON text of the google.protobuf.Struct values of a request, by address of the value.
using JsonTexts = absl::flat_hash_map<const google::protobuf::Message*, std::string>;

// A validated request with its plan. Points into the request.
struct Call {
  std::shared_ptr<const Plan> plan;
  const google::protobuf::Message* request = nullptr;
  const google::protobuf::Message* row = nullptr;      // the resource of Create, Update, Upsert
  const google::protobuf::Message* filter = nullptr;   // of List, may be null
  std::vector<const google::protobuf::Message*> rows;  // of batches
  // Of a BatchGet that names a row more than once: each key is asked of the database once. Empty
  // when all keys differ.
  std::vector<int> keys;    // the entries whose keys are asked for, when keys are single values
  std::vector<int> row_of;  // for each entry, its row in the result
  absl::InlinedVector<std::string, 2> cursor;  // keyset position, Postgres binary format
  std::int64_t page_size = 0;
  std::uint64_t fingerprint = 0;  // of the list request without its page fields, for page tokens
  JsonTexts json;
  RowSizes* row_sizes = nullptr;  // of List and BatchGet: lives as long as the planner
};

}  // namespace tenantry::plan
