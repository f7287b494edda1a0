// An aggregate as SQL:
//
//   SELECT g.k0, g.m0::text FROM (
//     SELECT * FROM (
//       SELECT t."status" AS k0, sum(t."price") AS m0 FROM "saas"."orders" AS t WHERE .. GROUP BY 1
//     ) AS g WHERE g.m0 > $2 ORDER BY g.k0 LIMIT 64
//   ) AS g ORDER BY g.k0 LIMIT $3
//
// The innermost select makes the groups, those around it name what it has made: conditions and
// order need no expression twice. The database's planner takes conditions on measures into the
// inner select.
//
// A row of the result has the cells of the keys as a tree (plan.h, Outputs), those of a row that is
// referred to behind a boolean which says whether one of its keys has a value, and then a cell for
// each measure.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/plan/row_size.h"
#include "server/plan/sql_writer.h"
#include "server/plan/value.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Type;

// A name that no column has: it is not written in snake_case.
constexpr char kTotal[] = "\"tenantry total\"";

absl::string_view UnitName(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMinute:
      return "'minute'";
    case TimeUnit::kHour:
      return "'hour'";
    case TimeUnit::kDay:
      return "'day'";
    case TimeUnit::kWeek:
      return "'week'";
    case TimeUnit::kMonth:
      return "'month'";
    case TimeUnit::kQuarter:
      return "'quarter'";
    case TimeUnit::kYear:
      return "'year'";
  }
  return "";
}

class AggregatePrinter : public SqlWriter {
 public:
  void Print(const Aggregate& aggregate) {
    Add("SELECT ");
    absl::string_view separator;
    Cells(aggregate.grouping, separator);
    for (std::size_t i = 0; i < aggregate.measures.size(); ++i) {
      Add(std::exchange(separator, ", "),
          Result(MeasureCell(i), ColumnOf(ResultOf(aggregate.measures[i]))));
    }
    if (aggregate.bytes_max.has_value()) return Bounded(aggregate, separator);
    Found(aggregate);
  }

 private:
  // --- what the result has ----------------------------------------------------------------------

  void Cells(const Grouping& grouping, absl::string_view& separator) {
    for (const GroupKey& key : grouping.keys) {
      Add(std::exchange(separator, ", "), Result(KeyCell(key.position), *key.column));
    }
    for (const Grouping::Child& child : grouping.children) {
      Add(std::exchange(separator, ", "), "(");
      absl::string_view word;
      HasValue(child.row, word);
      Add(")");
      Cells(child.row, separator);
    }
  }

  void HasValue(const Grouping& grouping, absl::string_view& word) {
    for (const GroupKey& key : grouping.keys) {
      Add(std::exchange(word, " OR "), KeyCell(key.position), " IS NOT NULL");
    }
    for (const Grouping::Child& child : grouping.children) HasValue(child.row, word);
  }

  // --- the groups -------------------------------------------------------------------------------

  void Groups(const Aggregate& aggregate) {
    Add("(SELECT ");
    std::string joins;
    absl::string_view separator;
    Keys(aggregate.grouping, Name("t", NewTable()), joins, separator);
    for (std::size_t i = 0; i < aggregate.measures.size(); ++i) {
      Add(std::exchange(separator, ", "));
      MeasureOf(aggregate.measures[i], "t");
      Add(" AS m", i);
    }
    Add(" FROM ", aggregate.table->sql_name, " AS t", joins, " WHERE ");
    Conditions(*aggregate.table, "t", aggregate.deleted, aggregate.where);
    // By places: a name could be a column's as well.
    for (int i = 1; i <= keys_; ++i) Add(i == 1 ? " GROUP BY " : ", ", i);
    Add(") AS ", kGroupAlias);
  }

  // In the order of the tree, which need not be that of their positions.
  void Keys(const Grouping& grouping, const std::string& row, std::string& joins,
            absl::string_view& separator) {
    for (const GroupKey& key : grouping.keys) {
      Add(std::exchange(separator, ", "));
      Key(key, Cell(*key.column, row));
      Add(" AS k", key.position);
      ++keys_;
    }
    for (const Grouping::Child& child : grouping.children) {
      const std::string name = Name("t", NewTable());
      joins += Apart([&] {
        Add(" LEFT JOIN ", child.row.table->sql_name, " AS ", name, " ON ");
        Conditions(*child.row.table, name, Deleted::kShown, {}, {child.relation, row});
      });
      Keys(child.row, name, joins, separator);
    }
  }

  void Key(const GroupKey& key, const std::string& column) {
    if (!key.unit.has_value()) return Add(column);
    Add("date_trunc(", UnitName(*key.unit), ", ", column);
    if (key.column->type == Type::kDate) return Add("::timestamp)::date");
    Add(", ", key.zone.has_value() ? absl::StrCat(Placeholder(*key.zone), "::text") : "'UTC'", ")");
  }

  // --- which of them, and in which order --------------------------------------------------------

  // The literal bound tells the database's planner how many groups are wanted, the parameter where
  // to stop (ReadPrinter::PageOf).
  void Found(const Aggregate& aggregate) {
    Add(" FROM (SELECT * FROM ");
    Groups(aggregate);
    Where(aggregate);
    OrderBy(aggregate);
    Add(" LIMIT ", aggregate.rows_max, ") AS ", kGroupAlias);
    OrderBy(aggregate);
    Add(" LIMIT ", Placeholder(aggregate.limit), "::bigint");
  }

  void Where(const Aggregate& aggregate) {
    absl::string_view word = " WHERE ";
    for (const Aggregate::Having& having : aggregate.having) {
      Add(std::exchange(word, " AND "));
      Condition(having.condition, MeasureCell(static_cast<std::size_t>(having.measure)));
    }
  }

  void OrderBy(const Aggregate& aggregate) {
    absl::string_view separator = " ORDER BY ";
    for (const Aggregate::Order& order : aggregate.order) {
      Add(std::exchange(separator, ", "),
          order.by_measure ? MeasureCell(static_cast<std::size_t>(order.index))
                           : KeyCell(order.index),
          order.descending ? " DESC" : "");
      if (order.nulls_first != order.descending) {
        Add(order.nulls_first ? " NULLS FIRST" : " NULLS LAST");
      }
    }
  }

  // The groups that begin before the bytes are used up, as the rows of a read.
  void Bounded(const Aggregate& aggregate, absl::string_view separator) {
    Add(separator, kGroupAlias, ".", kTotal, " >= ", *aggregate.bytes_max, " FROM (SELECT ",
        kGroupAlias, ".*, sum(");
    const std::string size = LongValuesSize(aggregate);
    Add(size, ") OVER (");
    OrderBy(aggregate);
    Add(" ROWS UNBOUNDED PRECEDING) AS ", kTotal);
    Found(aggregate);
    Add(") AS ", kGroupAlias, " WHERE ", kGroupAlias, ".", kTotal, " - (", size, ") < ",
        *aggregate.bytes_max);
    OrderBy(aggregate);
  }

  int keys_ = 0;
};

}  // namespace

std::string PrintAggregate(const Aggregate& aggregate) {
  AggregatePrinter printer;
  printer.Print(aggregate);
  return std::move(printer).Take();
}

}  // namespace tenantry::plan
