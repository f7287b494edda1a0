// Queries as trees: how conditions are printed, and that keys and texts agree.
#include "server/plan/query.h"

#include <map>
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "server/plan/print.h"
#include "server/plan/query_key.h"
#include "tests/support/reads.h"
#include "tests/support/saas_schema.h"

namespace tenantry::plan {
namespace {

using test::IsNull;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::SaasSchema;

using schema::Table;

const Table& Contacts() { return test::TableNamed(SaasSchema(), "contacts"); }
const schema::Column& Column(const char* name) { return test::ColumnOf(Contacts(), name); }

std::string KeyOf(const Query& query) {
  std::string key;
  AppendKey(query, key);
  return key;
}

Read ReadContacts() {
  Read read;
  read.table = &Contacts();
  read.columns = {&Column("id")};
  return read;
}

Expr Group(Expr::Kind kind, std::vector<Expr> operands) {
  Expr expr;
  expr.kind = kind;
  expr.operands = std::move(operands);
  return expr;
}

TEST(PrintTest, WhatNobodyWritesIsNeverForgotten) {
  EXPECT_EQ(Print(ReadContacts())->sql,
            "SELECT t.\"id\" FROM \"saas\".\"contacts\" AS t WHERE t.\"tenant_id\" = $1::uuid AND "
            "t.\"deleted_at\" IS NULL");
}

TEST(PrintTest, ConditionsNest) {
  Read read = ReadContacts();
  Expr less = Equals(Column("name"), {1});
  less.comparison = Comparison::kLess;
  read.where = {Group(Expr::Kind::kOr, {less, Group(Expr::Kind::kNot, {IsNull(Column("email"))}),
                                        Group(Expr::Kind::kAnd, {Equals(Column("type"), {2}),
                                                                 IsNull(Column("phone"))})})};
  EXPECT_THAT(Print(read)->sql,
              EndsWith(" AND (t.\"name\" < $2::text OR NOT (t.\"email\" IS NULL) OR "
                       "(t.\"type\" = $3::text::\"saas\".\"contact_type\" AND "
                       "t.\"phone\" IS NULL))"));
}

TEST(PrintTest, EmptyGroupsMeanWhatTheyMeanInLogic) {
  Read read = ReadContacts();
  read.where = {Group(Expr::Kind::kAnd, {})};
  EXPECT_THAT(Print(read)->sql, EndsWith(" AND true"));
  read.where = {Group(Expr::Kind::kOr, {})};
  EXPECT_THAT(Print(read)->sql, EndsWith(" AND false"));
}

// What refuses runs whether or not there is a row to join it with.
TEST(PrintTest, AWriteMayRefuseItselfWithoutARow) {
  Delete statement{&Contacts(), {Equals(Column("id"), {1})}, {}};
  statement.refused = NoRow::kNotFound;
  EXPECT_EQ(Print(statement)->sql,
            "WITH written AS (DELETE FROM \"saas\".\"contacts\" AS t WHERE t.\"tenant_id\" = "
            "$1::uuid AND t.\"id\" = $2::uuid RETURNING 1) SELECT written.* FROM (SELECT CASE "
            "WHEN EXISTS (SELECT FROM written) THEN true ELSE tenantry.refuse('TN002', NULL) END) "
            "AS required LEFT JOIN written ON true");
  EXPECT_EQ(Print(statement)->row_name, "Contact");
  statement.refused = NoRow::kDeleted;
  EXPECT_THAT(Print(statement)->sql, HasSubstr("tenantry.refuse('TN003', NULL)"));
}

// Random reads and writes of one table, with its relations.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Query Next() {
    switch (Below(5)) {
      case 0:
        return NextRead();
      case 1:
        return NextInsert();
      case 2: {
        Update update{.table = &Contacts(),
                      .values = NextAssignments(3),
                      .where = NextWhere(Contacts(), 2),
                      .require = {},
                      .deleted = NextDeleted(),
                      .returning = NextColumns(Contacts()),
                      .children = {},
                      .refused = {}};
        if (!NextRows(update)) {
          update.refused = NextRefused();
          update.children = NextChildren();
          update.restores = Below(4) == 0;
        }
        if (Below(3) == 0) update.require = NextWhere(Contacts(), 2);
        return update;
      }
      case 3:
        return NextCount();
      default:
        return NextDelete();
    }
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  const schema::Column* NextColumn(const Table& table) { return &table.columns[Below(3)]; }
  const schema::Relation& NextRelation(const Table& table) {
    return table.relations[Below(static_cast<int>(table.relations.size()))];
  }
  Slot NextSlot() { return {1 + Below(2)}; }
  Deleted NextDeleted() { return Below(2) ? Deleted::kShown : Deleted::kHidden; }

  std::optional<NoRow> NextRefused() {
    if (Below(2) == 0) return std::nullopt;
    return Below(2) == 0 ? NoRow::kNotFound : NoRow::kDeleted;
  }

  Columns NextColumns(const Table& table) {
    Columns columns(1 + Below(2));
    for (const schema::Column*& column : columns) column = NextColumn(table);
    return columns;
  }

  Expr NextExpr(const Table& table, int depth) {
    if (depth > 0 && Below(8) == 0 && !table.relations.empty()) {
      const schema::Relation& relation = NextRelation(table);
      return test::ExistsIn(table, relation.name, NextWhere(*relation.target, 2, depth - 1));
    }
    Expr expr;
    expr.kind = static_cast<Expr::Kind>(Below(depth > 0 ? 5 : 2));
    switch (expr.kind) {
      case Expr::Kind::kCompare:
        expr.comparison = static_cast<Comparison>(Below(6));
        expr.slot = NextSlot();
        [[fallthrough]];
      case Expr::Kind::kIsNull:
        expr.column = NextColumn(table);
        break;
      case Expr::Kind::kNot:
        expr.operands = {NextExpr(table, depth - 1)};
        break;
      default:
        // Groups of one and none are printed like other things are.
        expr.operands = {NextExpr(table, depth - 1), NextExpr(table, depth - 1)};
    }
    return expr;
  }

  std::vector<Expr> NextWhere(const Table& table, int size_max, int depth = 2) {
    std::vector<Expr> where;
    for (int i = Below(size_max + 1); i > 0; --i) where.push_back(NextExpr(table, depth));
    return where;
  }

  std::vector<Assignment> NextAssignments(int size) {
    std::vector<Assignment> assignments;
    for (int i = 1 + Below(size); i > 0; --i) {
      // A column without a default has none to fall back to, so that source is left out.
      const bool slot = Below(2) == 0;
      assignments.push_back({NextColumn(Contacts()),
                             slot ? Assignment::Source::kValue : Assignment::Source::kNow,
                             slot ? NextSlot() : Slot{}});
    }
    return assignments;
  }

  Read NextRead() {
    Read read = NextRows(Contacts(), 2);
    if (Below(4) == 0) {
      read.where.clear();
      read.lookup = {NextSlot()};
      return read;
    }
    NextOrder(read);
    return read;
  }

  Read NextRows(const Table& table, int depth) {
    Read read;
    read.table = &table;
    read.columns = NextColumns(table);
    read.where = NextWhere(table, 2);
    if (table.delete_time != nullptr) read.deleted = NextDeleted();
    if (depth == 0 || table.relations.empty()) return read;
    for (int i = Below(3); i > 0; --i) {
      const schema::Relation& relation = NextRelation(table);
      Child child{&relation, NextRows(*relation.target, depth - 1)};
      if (relation.many && Below(2) == 0) NextOrder(child.read);
      if (relation.many && Below(3) == 0) Measure(child);
      read.children.push_back(std::move(child));
    }
    return read;
  }

  // What the rows come to instead of the rows.
  void Measure(Child& child) {
    Read rows;
    rows.table = child.read.table;
    rows.where = std::move(child.read.where);
    rows.deleted = child.read.deleted;
    child.read = std::move(rows);
    for (int i = 1 + Below(2); i > 0; --i) {
      plan::Measure measure;
      if (Below(3) > 0) {
        measure.function = static_cast<plan::Measure::Function>(Below(6));
        measure.column = NextColumn(*child.read.table);
        if (measure.column->type == schema::Type::kEnum) {  // has neither sum nor maximum
          measure.function = plan::Measure::Function::kCountDistinct;
        }
      }
      measure.where = NextWhere(*child.read.table, 1);
      child.measures.push_back(std::move(measure));
    }
  }

  void NextOrder(Read& read) {
    for (int i = 1 + Below(2); i > 0; --i) {
      read.order.push_back(NextTerm(*read.table));
    }
    if (Below(2) == 0) return;
    Page page{.rows_max = 64 << (2 * Below(2)), .limit = NextSlot(), .after = {}};
    if (Below(2) == 0) page.skip = NextSlot();
    if (Below(2) == 0) {
      for (const OrderTerm& term : read.order) {
        page.after.emplace_back();
        if (!term.may_be_null() || Below(2) == 0) page.after.back() = NextSlot();
      }
      page.including = Below(2) == 0;
    }
    read.page = page;
  }

  // What a write answers with beside the row.
  std::vector<Child> NextChildren() {
    return Below(3) == 0 ? NextRows(Contacts(), 2).children : std::vector<Child>();
  }

  OrderTerm NextTerm(const schema::Table& table) {
    OrderTerm term{.descending = Below(2) == 0};
    const schema::Table* at = &table;
    while (Below(3) == 0) {
      const schema::Relation& relation = NextRelation(*at);
      if (relation.many) break;
      term.path.push_back(&relation);
      at = relation.target;
    }
    term.column = NextColumn(*at);
    term.nulls_first = term.may_be_null() ? Below(2) == 0 : term.descending;
    return term;
  }

  // Of an upsert. The rows of a batch are told apart by it, so it is among their values.
  Columns NextKey(Insert& insert) {
    if (!insert.many) return NextColumns(Contacts());
    return {insert.values[0].column};
  }

  Count NextCount() {
    Count count;
    count.table = &Contacts();
    count.where = NextWhere(*count.table, 2);
    count.deleted = NextDeleted();
    count.estimated = Below(2) == 0;
    return count;
  }

  Delete NextDelete() {
    Delete removal{.table = &Contacts(),
                   .where = NextWhere(Contacts(), 2),
                   .require = Below(3) == 0 ? NextWhere(Contacts(), 2) : std::vector<Expr>(),
                   .returning = NextColumns(Contacts())};
    if (!NextRows(removal)) removal.refused = NextRefused();
    return removal;
  }

  // Whether the write is made one of a batch, or of all rows that are found.
  template <typename Write>
  bool NextRows(Write& write) {
    switch (Below(4)) {
      case 0:
        write.entries.emplace();
        write.entries->key = {NextSlot()};
        return true;
      case 1:
        write.at_most = NextSlot();
        return true;
      default:
        return false;
    }
  }

  Insert NextInsert() {
    Insert insert;
    insert.table = &Contacts();
    insert.values = NextAssignments(3);
    insert.returning = NextColumns(Contacts());
    // A batch of times alone would have no array to take its rows from.
    insert.many = insert.values[0].source == Assignment::Source::kValue && Below(2) == 0;
    if (Below(2) == 0) {
      insert.on_conflict =
          OnConflict{NextKey(insert),
                     Below(2) == 0,
                     {{NextColumn(Contacts()), Assignment::Source::kProposed, {}}}};
    }
    if (!insert.many || !insert.on_conflict.has_value()) {
      insert.refused = NextRefused();
      insert.children = NextChildren();
    }
    return insert;
  }

  std::mt19937 random_;
};

// Two queries share a key exactly when they share their SQL: no more, or a call would run another's
// statement, and no less, or it would be planned again and again.
TEST(QueryKeyTest, KeysAreEqualWhenTheSqlIs) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  Generator generator(seed);
  std::map<std::string, std::string> sql_of_key, key_of_sql;
  for (int i = 0; i < 20000; ++i) {
    const Query query = generator.Next();
    const std::string key = KeyOf(query), sql = Print(query)->sql;
    EXPECT_EQ(sql_of_key.emplace(key, sql).first->second, sql);
    EXPECT_EQ(key_of_sql.emplace(sql, key).first->second, key) << sql;
    if (HasFailure()) break;
  }
  EXPECT_GT(key_of_sql.size(), 1000u);
}

}  // namespace
}  // namespace tenantry::plan
