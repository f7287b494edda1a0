#include "server/plan/query.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace tenantry::plan {

bool IsDecided(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::kCompare:
      return expr.comparison == Comparison::kDistinct || expr.column->not_null;
    case Expr::Kind::kCompareMember:
      return expr.comparison == Comparison::kDistinct;
    case Expr::Kind::kCompareLength:
    case Expr::Kind::kIsEmpty:
      return expr.column->not_null;
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr:
    case Expr::Kind::kNot:
      return absl::c_all_of(expr.operands, IsDecided);
    case Expr::Kind::kIsNull:
    case Expr::Kind::kExists:
    case Expr::Kind::kIsNotTrue:
    case Expr::Kind::kHasMember:
    case Expr::Kind::kSearch:  // the vector of no text has no words, and is not NULL
      return true;
  }
  return false;
}

// NOT is what the database's planner understands best: it makes an anti-join of NOT EXISTS.
Expr Opposite(Expr expr) {
  const Expr::Kind kind = IsDecided(expr) ? Expr::Kind::kNot : Expr::Kind::kIsNotTrue;
  Expr opposite{.kind = kind, .operands = {}};
  opposite.operands.push_back(std::move(expr));
  return opposite;
}

bool NeedsPositionCell(const OrderTerm& term, const Columns& columns) {
  return !term.is_column() || !absl::c_linear_search(columns, term.column);
}

std::string KeyCell(int position) { return absl::StrCat(kGroupAlias, ".k", position); }
std::string MeasureCell(std::size_t index) { return absl::StrCat(kGroupAlias, ".m", index); }

schema::Type ResultOf(const Measure& measure) {
  using Function = Measure::Function;
  using schema::Type;
  const Function function = measure.function;
  if (function == Function::kCount || function == Function::kCountDistinct) return Type::kInt64;
  const Type type = measure.column->type;
  switch (type) {
    case Type::kFloat:
    case Type::kDouble:
      return Type::kDouble;
    case Type::kInt32:
      return function == Function::kAverage ? Type::kNumeric : Type::kInt64;
    case Type::kInt64: {
      const bool extreme = function == Function::kMinimum || function == Function::kMaximum;
      return extreme ? Type::kInt64 : Type::kNumeric;
    }
    default:
      return type;
  }
}

}  // namespace tenantry::plan
