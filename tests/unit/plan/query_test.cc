// Queries as trees: how conditions are printed, and that keys and texts agree.
#include "server/plan/query.h"

#include <map>
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "server/plan/print.h"
#include "server/plan/query_key.h"
#include "tests/support/saas_schema.h"

namespace tenantry::plan {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::SaasSchema;

const schema::Table& Contacts() { return *SaasSchema().FindTable("saas.crm.v1.Contact"); }
const schema::Column& Column(const char* name) { return *Contacts().FindColumn(name); }

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

Expr IsNull(const schema::Column& column) {
  Expr expr;
  expr.kind = Expr::Kind::kIsNull;
  expr.column = &column;
  return expr;
}

Expr Group(Expr::Kind kind, std::vector<Expr> operands) {
  Expr expr;
  expr.kind = kind;
  expr.operands = std::move(operands);
  return expr;
}

TEST(PrintTest, TheTenantConditionIsNeverForgotten) {
  EXPECT_EQ(Print(ReadContacts())->sql,
            "SELECT t.\"id\" FROM \"saas\".\"contacts\" AS t WHERE t.\"tenant_id\" = $1::uuid");
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

// Random reads and writes of one table.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Query Next() {
    switch (Below(4)) {
      case 0:
        return NextRead();
      case 1:
        return NextInsert();
      case 2: {
        Update update{&Contacts(), NextAssignments(3), NextWhere(2), NextDeleted(), NextColumns()};
        return update;
      }
      default:
        return Delete{&Contacts(), NextWhere(2), NextColumns()};
    }
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  const schema::Column* NextColumn() { return &Contacts().columns[Below(3)]; }
  Slot NextSlot() { return {1 + Below(2)}; }
  Deleted NextDeleted() { return Below(2) ? Deleted::kShown : Deleted::kHidden; }

  Columns NextColumns() {
    Columns columns(1 + Below(2));
    for (const schema::Column*& column : columns) column = NextColumn();
    return columns;
  }

  Expr NextExpr(int depth) {
    Expr expr;
    expr.kind = static_cast<Expr::Kind>(Below(depth > 0 ? 5 : 2));
    switch (expr.kind) {
      case Expr::Kind::kCompare:
        expr.comparison = static_cast<Comparison>(Below(6));
        expr.slot = NextSlot();
        [[fallthrough]];
      case Expr::Kind::kIsNull:
        expr.column = NextColumn();
        break;
      case Expr::Kind::kNot:
        expr.operands = {NextExpr(depth - 1)};
        break;
      default:
        // Groups of one and none are printed like other things are.
        expr.operands = {NextExpr(depth - 1), NextExpr(depth - 1)};
    }
    return expr;
  }

  std::vector<Expr> NextWhere(int size_max) {
    std::vector<Expr> where;
    for (int i = Below(size_max + 1); i > 0; --i) where.push_back(NextExpr(2));
    return where;
  }

  std::vector<Assignment> NextAssignments(int size) {
    std::vector<Assignment> assignments;
    for (int i = 1 + Below(size); i > 0; --i) {
      // A column without a default has none to fall back to, so that source is left out.
      const bool slot = Below(2) == 0;
      assignments.push_back({NextColumn(),
                             slot ? Assignment::Source::kValue : Assignment::Source::kNow,
                             slot ? NextSlot() : Slot{}});
    }
    return assignments;
  }

  Read NextRead() {
    Read read;
    read.table = &Contacts();
    read.columns = NextColumns();
    if (Below(4) == 0) {
      read.lookup = {NextSlot()};
      return read;
    }
    read.where = NextWhere(2);
    read.deleted = NextDeleted();
    const bool descending = Below(2) == 0;
    for (int i = 1 + Below(2); i > 0; --i) read.order.push_back({NextColumn(), descending});
    if (Below(2) == 0) return read;
    Page page{64 << (2 * Below(2)), NextSlot(), {}};
    if (Below(2) == 0) page.after.assign(read.order.size(), NextSlot());
    read.page = page;
    return read;
  }

  Insert NextInsert() {
    Insert insert;
    insert.table = &Contacts();
    insert.values = NextAssignments(3);
    insert.returning = NextColumns();
    // A batch of times alone would have no array to take its rows from.
    insert.many = insert.values[0].source == Assignment::Source::kValue && Below(2) == 0;
    if (Below(2) == 0) {
      insert.on_conflict = OnConflict{
          NextColumns(), Below(2) == 0, {{NextColumn(), Assignment::Source::kProposed, {}}}};
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
