// What a statement means, before it is SQL: the query IR.
//
// Trees of plain structs. They hold no value of a request: where the SQL needs one, the tree names
// a slot, the position of the value in the call's list (Call::values). A slot is a parameter of the
// statement: slot 0 is `$1`, and it is always the tenant.
//
// Two things are never written in a tree, since the printer adds them for every table it names, be
// it the statement's own, a relation's or one that is only asked about: the tenant condition, and
// the condition that hides soft-deleted rows where they are not shown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/schema/schema.h"

namespace tenantry::plan {

using Columns = std::vector<const schema::Column*>;

struct Slot {
  int index = 0;
};
inline constexpr Slot kTenantSlot{0};

// How a value is compared with that of a slot. Unless it says otherwise, the slot's is of the
// value's type. Numbers are part of keys: new ones come last.
enum class Comparison {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kDistinct,     // as kNotEqual, but true when one of the two is NULL
  kAnyOf,        // is an element of the slot's array
  kLike,         // matches the slot's pattern
  kILike,        // the same, whatever the case of letters
  kContains,     // arrays and jsonb
  kContainedBy,  // arrays and jsonb
  kOverlaps,     // arrays
  kHasKey,       // jsonb: the slot's text is the name of a member
  kHasAnyKey,    // jsonb: an element of the slot's text[] is
  kHasAllKeys,   // jsonb: all elements of the slot's text[] are
};

// A condition on one row. As in SQL it is true, false or unknown.
struct Expr {
  // Numbers are part of keys: new ones come last.
  enum class Kind {
    kCompare,        // `column` with the value in `slot`
    kIsNull,         // `column`
    kAnd,            // `operands`; none: true
    kOr,             // `operands`; none: false
    kNot,            // the one operand
    kExists,         // a row of `relation` that is not deleted, of which all `operands` hold
    kIsNotTrue,      // the one operand is false or unknown
    kCompareLength,  // the length of `column`, an array, with the integer in `slot`
    kIsEmpty,        // `column`, an array
    kCompareMember,  // what is at `path` in `column`, which is jsonb, with the jsonb in `slot`
    kHasMember,      // something is at `path` in `column`, which is jsonb
    kSearch,         // what `search` makes of the row matches the text in `slot`
  };
  Kind kind = Kind::kAnd;
  Comparison comparison = Comparison::kEqual;
  const schema::Column* column = nullptr;
  const schema::Relation* relation = nullptr;
  const schema::Search* search = nullptr;
  Slot slot{};
  Slot path{};  // of a text[]
  std::vector<Expr> operands;
};

inline Expr Equals(const schema::Column& column, Slot slot) {
  return {.kind = Expr::Kind::kCompare, .column = &column, .slot = slot, .operands = {}};
}

// Whether the condition is true or false of every row.
bool IsDecided(const Expr& expr);

// True of the rows of which `expr` is not true.
Expr Opposite(Expr expr);

// Whether rows that are soft-deleted count.
enum class Deleted { kHidden, kShown };

// What rows are compared by: a column of theirs, or of a row that they refer to, or how well they
// match a search.
struct OrderTerm {
  const schema::Column* column = nullptr;  // of a rank: of no table, its type
  bool descending = false;
  // Of a term that may be NULL. Without it they are last, whatever the direction.
  bool nulls_first = false;
  // The relations, all to one, that lead to the column's row. Where there is no such row, deleted
  // or not, the term is NULL.
  std::vector<const schema::Relation*> path{};
  // Of a rank: what is searched, and the slot of the text.
  const schema::Search* search = nullptr;
  Slot text{};

  bool is_column() const { return path.empty() && search == nullptr; }
  bool may_be_null() const { return search == nullptr && (!path.empty() || !column->not_null); }
};

// A part of the rows of a read, in its order, after which no two rows are equal.
struct Page {
  // At least the page and one row more. Written as a literal, which tells the database's planner
  // how much is wanted; few values, so that pages of many sizes share a plan. 0: all rows there
  // are, and `limit` and `skip` mean nothing.
  int rows_max = 0;
  Slot limit;                // bigint: where to stop
  std::optional<Slot> skip;  // bigint: rows to pass over
  // The position to go on from, by order term: nothing where it is NULL there. Empty: the
  // beginning.
  std::vector<std::optional<Slot>> after;
  bool including = false;  // what is at the position too
  // The result tells the position of each row: behind the outputs it has a cell for each order term
  // that is not among the columns.
  bool positions = false;
};

// Whether a result that tells positions has a cell of its own for the term (Page::positions).
bool NeedsPositionCell(const OrderTerm& term, const Columns& columns);

// What is made of rows: those of a group, or those of a relation.
struct Measure {
  // Numbers are part of keys: new ones come last.
  enum class Function { kCount, kCountDistinct, kSum, kAverage, kMinimum, kMaximum };
  Function function = Function::kCount;
  const schema::Column* column = nullptr;  // null: kCount counts the rows
  std::vector<Expr> where;                 // of the rows that count, all of them hold
};

// The type of what a measure comes to. A sum has one that it cannot overflow.
schema::Type ResultOf(const Measure& measure);

struct Child;

struct Read {
  const schema::Table* table = nullptr;
  Columns columns;
  std::vector<Child> children;
  std::vector<Expr> where;  // all of them hold
  Deleted deleted = Deleted::kHidden;
  // Rows by their keys, one array for each primary key column: a row for each key, in the order of
  // the keys, all NULL where there is none.
  std::vector<Slot> lookup;
  std::vector<OrderTerm> order;
  std::optional<Page> page;
  // Of a page or a lookup whose rows may be large: the result ends when their long values have more
  // bytes than this (row_size.h). A page has one column more then, which is true in the last row
  // when that is why it is the last.
  std::optional<std::size_t> bytes_max;
};

// The rows of a relation, for each row of the read that this is a child of. `read` is of the
// relation's target, and is neither a lookup nor bounded. To one, it has no order and no page.
//
// With measures, it is not the rows themselves but what they come to. The relation is to many then,
// and of `read` only `where` and `deleted` say anything.
struct Child {
  const schema::Relation* relation = nullptr;
  Read read;
  std::vector<Measure> measures{};
};

// What a write puts into a column.
struct Assignment {
  enum class Source {
    kValue,           // the slot's
    kValueOrDefault,  // the slot's, or the column's default where that is NULL
    kDefault,         // the column's default
    kNow,             // the time of the transaction
    kProposed,        // what the insert would have written, in the update of an upsert
    kPresent,         // what is there already, in the update of an upsert
    kIncreased,       // what is there already and the slot's, added up
  };
  const schema::Column* column = nullptr;
  Source source = Source::kValue;
  Slot slot;
  // Of a batch, where its entries differ: which of them, by an array of booleans, put the value
  // there. The others leave what is there, with the element of `increase` added to it.
  std::optional<Slot> chosen{};
  std::optional<Slot> increase{};
};

// The rows of a batch by their keys, no two alike, with values of their own: slots of assignments,
// and that of the etag, hold arrays with an element for each entry. The statement, and all of its
// transaction, is refused when an entry has no row, and when the rows have more bytes than a reply.
// Its result has the rows in the order of the entries.
struct Entries {
  std::vector<Slot> key;            // for each column of the primary key
  std::size_t reply_bytes_max = 0;  // the same for all batches of a server, so no part of the key
};

// What it means that a statement has no row for a key.
enum class NoRow {
  kNotFound,
  kDeleted,  // an upsert met a row that is soft-deleted
};

// What an insert does with a row whose key is taken: updates the one that is there, unless it is
// soft-deleted, which gives no row.
struct OnConflict {
  Columns key;  // without the tenant column
  // The key's index leaves soft-deleted rows out, as all unique keys but the primary do.
  bool partial = false;
  std::vector<Assignment> updates;
  std::size_t row_bytes_max = 0;  // as in Update
  // Of many rows, no two of which have the same key: as in Entries. The statement is refused
  // (kRowDeletedState) when one of them is soft-deleted.
  std::size_t reply_bytes_max = 0;
};

struct Insert {
  const schema::Table* table = nullptr;
  std::vector<Assignment> values;
  bool many = false;  // the slots hold arrays with an element for each row
  std::optional<OnConflict> on_conflict;
  Columns returning;
  std::vector<Child> children;   // as in Update
  std::optional<NoRow> refused;  // as in Update
};

struct Update {
  const schema::Table* table = nullptr;
  std::vector<Assignment> values;
  std::vector<Expr> where;
  // All of these hold of every row that is written: where one does not, the statement, and all of
  // its transaction, is refused (kRequirementState).
  std::vector<Expr> require;
  Deleted deleted = Deleted::kHidden;
  std::optional<Entries> entries;  // of a batch; `where` and `refused` are empty then
  // Before that: the rows are the version that this says (Table::etag). It may be NULL, which says
  // nothing. Otherwise all is refused (kEtagState).
  std::optional<Slot> etag;
  // And first of all they are soft-deleted. Otherwise all is refused (kNotDeletedState).
  bool restores = false;
  // A bigint: when more rows are found, all is refused (kTooManyState) before one is written. The
  // result is their number alone.
  std::optional<Slot> at_most;
  Columns returning;
  // What the written rows refer to, and what refers to them, as it was before the statement.
  std::vector<Child> children;
  // The statement is refused when it leaves a row with more bytes than this in a reply
  // (row_size.h); 0 refuses none. The same for all updates of a server, so no part of the key.
  std::size_t row_bytes_max = 0;
  // The statement, and all of its transaction, is refused when it writes no row, and this is what
  // that means. Without it the statement has an empty result then, which is enough when it is
  // alone.
  std::optional<NoRow> refused;
};

struct Delete {
  const schema::Table* table = nullptr;
  std::vector<Expr> where;
  std::vector<Expr> require;  // as in Update, and so are the next three
  std::optional<Entries> entries;
  std::optional<Slot> etag;
  std::optional<Slot> at_most;
  Columns returning;             // empty: a row of one constant, which says that there was one
  std::optional<NoRow> refused;  // as in Update
};

// How many rows there are.
struct Count {
  const schema::Table* table = nullptr;
  std::vector<Expr> where;
  Deleted deleted = Deleted::kHidden;
  // Not the number itself but what the database's planner says of the rows, in its own words
  // (codec/explained.h). It visits none.
  bool estimated = false;
};

// What a time is cut to. Numbers are part of keys: new ones come last.
enum class TimeUnit { kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };

// What rows of one group have in common: the value of a column.
struct GroupKey {
  const schema::Column* column = nullptr;
  int position = 0;              // among the keys of the aggregate
  std::optional<TimeUnit> unit;  // of times and dates: it is cut to the beginning of its unit
  std::optional<Slot> zone;      // text: the time zone in which the unit begins; UTC without it
};

// The keys of one row and, by relations to one, of the rows that it refers to, deleted or not.
// Where there is no such row, its keys are NULL.
struct Grouping {
  struct Child;
  const schema::Table* table = nullptr;
  std::vector<GroupKey> keys;
  std::vector<Child> children;
};

struct Grouping::Child {
  const schema::Relation* relation = nullptr;
  Grouping row;
};

// Groups of rows, and what each comes to.
struct Aggregate {
  // A condition on a measure. The columns in it belong to no table (plan/value.h): they stand for
  // the measure.
  struct Having {
    int measure = 0;
    Expr condition;
  };
  struct Order {
    bool by_measure = false;
    int index = 0;  // of the measure, or the key's position
    bool descending = false;
    bool nulls_first = false;
  };

  const schema::Table* table = nullptr;
  std::vector<Expr> where;  // all of them hold
  Deleted deleted = Deleted::kHidden;
  Grouping grouping;  // without keys, all rows are one group, also when there are none
  std::vector<Measure> measures;
  std::vector<Having> having;  // all of them hold
  std::vector<Order> order;
  // As in Page: at least the groups that are wanted and one more, and where to stop.
  int rows_max = 0;
  Slot limit;  // bigint
  // As in Read: the result has one more column then, which is true in the last row when there would
  // be more.
  std::optional<std::size_t> bytes_max;
};

// What the SQL of an aggregate calls its groups, their keys and their measures.
inline constexpr char kGroupAlias[] = "g";
std::string KeyCell(int position);           // g.k0
std::string MeasureCell(std::size_t index);  // g.m0

// A call of a function. What its rows say of the tenant is the function's business.
struct Invoke {
  struct Argument {
    const schema::Function::Argument* argument = nullptr;
    Slot slot;
  };
  const schema::Function* function = nullptr;
  const schema::Table* table = nullptr;  // that its rows are of, be it one of the schema or none
  std::vector<Argument> arguments;       // those of the request; the tenant comes before them
  Columns returning;                     // empty: a row of one constant
};

using Query = std::variant<Read, Insert, Update, Delete, Count, Aggregate, Invoke>;

// What a statement does besides, where it is not alone in its transaction.
struct Ending {
  // As Update::refused, also of reads.
  std::optional<NoRow> refused;
  // The rows of the result are kept (tenantry.keep_rows), so that the reply can be made again. The
  // first of the four slots of KeptAt.
  std::optional<Slot> keep;
};

// The slots behind Ending::keep.
enum class KeptAt { kRequest, kFingerprint, kStatement, kLayout };

}  // namespace tenantry::plan
