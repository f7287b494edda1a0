// Calls of functions as SQL.
#include "absl/strings/str_cat.h"
#include "server/base/sqlstate.h"
#include "server/base/strings.h"
#include "server/plan/sql_writer.h"
#include "server/schema/naming.h"

namespace tenantry::plan {
namespace {

using schema::Column;

class CallPrinter : public SqlWriter {
 public:
  void Print(const Invoke& invoke, std::optional<Slot> keep) {
    const bool one = invoke.function->result != nullptr && !invoke.function->many;
    if (!one && !keep.has_value()) return Called(invoke);
    Add("WITH called AS (");
    Called(invoke);
    Add(") SELECT called.* FROM ");
    one ? ExactlyOne() : Add("called");
    if (keep.has_value()) Keep("called", *keep);
  }

 private:
  // The arguments are named: their order does not matter.
  void Called(const Invoke& invoke) {
    const schema::Function& function = *invoke.function;
    Add("SELECT ");
    invoke.returning.empty() ? Add("1 AS done") : Results(invoke.returning, "t");
    Add(" FROM ", function.sql_name, "(", schema::QuoteIdentifier(schema::TenantArgument(function)),
        " => ");
    Tenant();
    for (const Invoke::Argument& given : invoke.arguments) {
      Add(", ", schema::QuoteIdentifier(given.argument->name), " => ", Given(given));
    }
    Add(") AS t");
  }

  static std::string Given(const Invoke::Argument& given) {
    const Column& column = *given.argument->column;
    if (given.argument->list != nullptr) return Value(given.slot, column, true);
    const std::string value = Value(given.slot, column);
    if (column.array || column.default_sql.empty()) return value;
    return absl::StrCat("COALESCE(", value, ", ", column.default_sql, ")");
  }

  // The call and all of its transaction is refused otherwise: what has been committed cannot be
  // answered with an error.
  void ExactlyOne() {
    Add("(SELECT CASE (SELECT count(*) FROM called) WHEN 1 THEN true WHEN 0 THEN tenantry.refuse('",
        ToAbsl(kNotFoundState), "', NULL) ELSE tenantry.refuse('", ToAbsl(kSeveralRowsState),
        "', NULL) END) AS required LEFT JOIN called ON true");
  }
};

}  // namespace

std::string PrintCall(const Invoke& invoke, const Ending& ending) {
  CallPrinter printer;
  printer.Print(invoke, ending.keep);
  return std::move(printer).Take();
}

}  // namespace tenantry::plan
