// What a plan is: SQL text, what its parameters are, what the result becomes. And a call with it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/message.h"
#include "server/base/sql.h"
#include "server/plan/query.h"
#include "server/plan/row_sizes.h"
#include "server/plan/value.h"
#include "server/schema/schema.h"

namespace tenantry::plan {

enum class ReplyForm {
  kRow,     // the one row is the reply message
  kEmpty,   // google.protobuf.Empty
  kPage,    // repeated rows in field 1, tokens in fields 2 and 3, total_size in field 4
  kBatch,   // repeated rows in field 1, one per row asked for
  kRows,    // repeated rows in field 1
  kGroups,  // repeated groups in field 1, each a row of keys and its measures; has_more in field 2
  kAffected,  // how many rows were written, in field 1
  kStream,    // messages with repeated rows in field 1 and a token in field 2 (codec/row_stream.h)
};

// What becomes of the result, apart from its cells.
struct Reply {
  ReplyForm form = ReplyForm::kRow;
  // When the statement gave no row (kRow, kEmpty), or one whose key is NULL (kBatch).
  NoRow no_row = NoRow::kNotFound;
  bool brief = false;  // reads one row by its key
};

// What the cell of a measure is.
struct MeasureOutput {
  schema::Type type;
  const schema::Column* column;  // that it is made of; null when rows are counted
  std::size_t name;              // its place in Call::measure_names
};

// What the cells of a row become: fields of one message. First a cell for each column, then those
// of each child.
struct Outputs {
  struct Child;
  const schema::Table* table = nullptr;
  Columns columns;
  std::vector<Child> children;
  int cells = 0;  // of a row, in all
};

// The message, or the messages, of a relation. To one: a cell that says whether there is a row, and
// the cells of the row. To many: one cell, an array of records, each with the cells of a row.
struct Outputs::Child {
  const schema::Relation* relation = nullptr;
  Outputs row;
  // Of a relation that is not read but measured: one cell, a record with a cell for each. They
  // become entries of the map `aggregates`.
  std::vector<MeasureOutput> measures{};
};

// A position in an order: the value of each term in Postgres binary format, or nothing for NULL.
using Cursor = absl::InlinedVector<std::optional<std::string>, 2>;

struct Plan;

// Plans of the same query with endings, each made when it is first wanted. Thread-safe.
class EndedPlans {
 public:
  EndedPlans() = default;
  EndedPlans(const EndedPlans&) {}  // those of a copy are made anew

  // `of`: the plan whose member this is. The slots of an ending are the same each time.
  std::shared_ptr<const Plan> FindOrMake(const Plan& of, const Ending& ending) const;

 private:
  mutable absl::Mutex mutex_;
  mutable std::array<std::shared_ptr<const Plan>, 4> plans_ ABSL_GUARDED_BY(mutex_);
};

// Immutable once made; shared by the calls of one query.
struct Plan {
  std::shared_ptr<const SqlText> text;
  const schema::Method* method = nullptr;
  Reply reply;
  Outputs outputs;
  bool inserts = false;  // new rows, and nothing else
  // Bytes that a row may have in a reply beyond those of the message that it was made from.
  std::size_t row_growth = 0;
  // kPage: the cell of each order term, which position a row. Behind those of `outputs` are the
  // terms that it does not have.
  std::vector<int> positions;
  // The statement ends its result when the rows together are large. Of a page or of groups, the
  // last cell then says in the last row whether it did.
  bool bounded = false;
  int cells = 0;                        // of a row of the result, without that one
  bool allowed = true;                  // by the server's list of shapes, if it has one
  std::vector<MeasureOutput> measures;  // kGroups: their cells come after those of `outputs`
  Query query;                          // that it is of
  EndedPlans ended;
};

std::shared_ptr<const Plan> MakePlan(const schema::Method& method, Query query, Reply reply,
                                     const Ending& ending = {});

// What it means that the statement of the plan has no row: nothing where that is an answer too, or
// cannot be.
std::optional<NoRow> MeaningOfNoRow(const Plan& plan);

// What the cells of a row are, as a number: two plans have the same when each can read the other's
// rows.
std::int64_t LayoutOf(const Plan& plan);

// The values of a call, by what they are. Each becomes the parameter of its slot.
//
// The caller's tenant.
struct TenantValue {};
// A field of the request, of the column's type; an array when the field is repeated. Absent it is
// NULL, or a new identifier where the column is one that we make.
struct FieldValue {
  const schema::Column* column;
  Value value;
};
// Entries of a repeated field: those at Statement::keys.
struct EntriesValue {
  const schema::Column* column;
  Value value;
};
// A field over all of Statement::rows, as an array with an element for each.
struct RowsValue {
  const schema::Column* column;
  const google::protobuf::FieldDescriptor* field;
  // The message in the row that has the field; null: the row itself.
  const google::protobuf::FieldDescriptor* holder = nullptr;
  // Statement::flags of the rows whose values count; the others have NULL. -1: all.
  int chosen = -1;
};
// Statement::flags at `index`, as an array.
struct FlagsValue {
  int index;
};
// A column of several rows, as an array, where some of the rows refer to new ones: a value for each
// of Statement::rows.
struct CellsValue {
  std::vector<FieldValue> cells;
};
// A field of each message of a repeated field, as an array with an element for each.
struct MembersValue {
  const schema::Column* column;
  Value list;
};
// Call::cursor at `position`, in binary format.
struct CursorValue {
  int position;
};
// A text that is to be found as it is in a LIKE: its characters with a meaning are escaped.
struct PatternValue {
  Value text;
  bool any_before = false;  // whatever stands before it
  bool any_after = false;
};
// Bytes of ours, in the binary format of their type. They outlive the call.
struct BytesValue {
  std::string_view bytes;
};
// A bigint of ours.
struct IntegerValue {
  std::int64_t value;
};
using CallValue =
    std::variant<TenantValue, FieldValue, EntriesValue, RowsValue, FlagsValue, CellsValue,
                 MembersValue, CursorValue, PatternValue, BytesValue, IntegerValue>;

// JSON text of the google.protobuf.Struct values of a request, by address of the value.
using JsonTexts = absl::flat_hash_map<const google::protobuf::Message*, std::string>;

// Identifiers that the server makes for new rows, in binary format, by the row and its column.
using NewIds =
    absl::flat_hash_map<std::pair<const google::protobuf::Message*, const schema::Column*>,
                        std::string>;

enum class Total {
  kNone,
  kCount,     // a bigint, the number
  kEstimate,  // what Count::estimated results in
};

// One statement of a call, with its values.
struct Statement {
  std::shared_ptr<const Plan> plan;
  absl::InlinedVector<CallValue, 4> values = {TenantValue{}};  // by slot
  // That it writes: of batches, and of calls that write several tables.
  std::vector<const google::protobuf::Message*> rows;
  // Of a BatchGet that names a row more than once: the entries whose keys are asked for, when keys
  // are single values. Empty when all keys differ.
  std::vector<int> keys;
  std::vector<std::vector<bool>> flags;  // each has one for each of `rows`
  // What its result says of a page's total_size. kNone: nothing.
  Total total = Total::kNone;

  // The slot that the value has from now on.
  Slot Add(CallValue value) {
    values.push_back(std::move(value));
    return {static_cast<int>(values.size()) - 1};
  }
};

// A row that stands within that of the call's own statement in the reply, or further down.
struct RowBelow {
  int field = 0;      // of the message that it is in
  int statement = 0;  // whose result has it, in the order in which they run
  int row = 0;        // of that result
  std::vector<RowBelow> below{};
};

// A validated request with its plan. Points into the request. It is its own statement, which the
// reply comes from; some calls have others before and behind it. All of them are sent together, in
// one transaction, and nothing is known of one when the next is sent: what must stop the others is
// refused by the database (Update::refused).
struct Call : Statement {
  const google::protobuf::Message* request = nullptr;
  std::vector<Statement> before, after;
  const google::protobuf::Message* row = nullptr;  // the resource of Create
  bool validate_only = false;                      // a write that is tried, answered and taken back
  std::string request_id;                          // of a write: 16 bytes; empty: it has none
  // Of a write that makes rows of several tables: their identifiers, so that the rows that refer to
  // them have the same. Filled as the values are bound.
  std::optional<NewIds> new_ids;
  std::vector<RowBelow> below;  // of the row, in the reply
  // Of a BatchGet that names a row more than once: for each entry, its row in the result. Each key
  // is asked of the database once.
  std::vector<int> row_of;
  Cursor cursor;             // that the page begins at; empty: the beginning
  bool including = false;    // of what is at the cursor
  bool backward = false;     // rows come in the opposite order, and the reply turns them round
  std::int64_t skipped = 0;  // rows before the page, beyond the cursor
  std::int64_t page_size = 0;
  std::uint64_t fingerprint = 0;  // of the list request without its page fields, for page tokens
  JsonTexts json;
  // Of an aggregate, in the order of its measures; of a select, in the order of its tree, each
  // row's own relations behind those below it.
  std::vector<std::string> measure_names;
  RowSizes* row_sizes = nullptr;  // of List and BatchGet: lives as long as the planner

  // In the order in which they run.
  template <typename Each>
  void ForEachStatement(Each each) const {
    for (const Statement& statement : before) each(statement);
    each(static_cast<const Statement&>(*this));
    for (const Statement& statement : after) each(statement);
  }
  // By its place in that order.
  const Statement& StatementAt(std::size_t index) const {
    if (index < before.size()) return before[index];
    return index == before.size() ? *this : after[index - before.size() - 1];
  }
};

}  // namespace tenantry::plan
