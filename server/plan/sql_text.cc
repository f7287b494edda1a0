// Any query as the text of a statement.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/sqlstate.h"
#include "server/base/strings.h"
#include "server/plan/page_token.h"
#include "server/plan/print.h"
#include "server/plan/sql_writer.h"

namespace tenantry::plan {
namespace {

using schema::Column;
using schema::Table;
using schema::Transport;

// 128 bits of the text: two queries must never share a name.
std::string NameOf(absl::string_view text) {
  return absl::StrFormat("t%016x%016x", StableHash(ToStd(text)),
                         StableHash(ToStd(text), 0x9e3779b97f4a7c15ULL));
}

class CountPrinter : public SqlWriter {
 public:
  void Print(const Count& count) {
    const std::string row = Name("t", NewTable());
    Add(count.estimated ? "EXPLAIN (FORMAT JSON) SELECT" : "SELECT count(*)", " FROM ",
        count.table->sql_name, " AS ", row, " WHERE ");
    Conditions(*count.table, row, count.deleted, count.where);
  }
};

struct SqlOf {
  const Ending& ending;

  std::string operator()(const Read& read) const { return Ended(PrintRead(read)); }
  std::string operator()(const Count& count) const {
    CountPrinter printer;
    printer.Print(count);
    return Ended(std::move(printer).Take());
  }
  std::string operator()(const Aggregate& aggregate) const {
    return Ended(PrintAggregate(aggregate));
  }
  std::string operator()(const Invoke& invoke) const { return PrintCall(invoke, ending); }
  template <typename Write>
  std::string operator()(const Write& write) const {
    return PrintWrite(write, ending);
  }

 private:
  std::string Ended(std::string read) const {
    if (!ending.refused.has_value() && !ending.keep.has_value()) return read;
    return PrintEnded(read, ending);
  }
};

}  // namespace

std::string CastFromTransport(absl::string_view expression, const Column& column, bool array) {
  const schema::TypeInfo& type = schema::InfoOf(column.type);
  if (type.transport == Transport::kOwn) return std::string(expression);
  const absl::string_view name =
      column.enum_type == nullptr ? type.name : absl::string_view(column.enum_type->sql_name);
  return absl::StrCat(expression, "::", name, array ? "[]" : "");
}

std::shared_ptr<const SqlText> Print(const Query& query, const Ending& ending) {
  auto text = std::make_shared<SqlText>();
  text->sql = std::visit(SqlOf{ending}, query);
  text->name = NameOf(text->sql);
  text->aggregates = std::holds_alternative<Aggregate>(query);
  text->read_only = text->aggregates || std::holds_alternative<Read>(query) ||
                    std::holds_alternative<Count>(query);
  if (const auto* invoke = std::get_if<Invoke>(&query)) {
    text->read_only = invoke->function->read_only;
    text->row_name = invoke->table->message->name();
  } else if (!text->read_only || ending.refused.has_value()) {
    const Table& table = *std::visit([](const auto& statement) { return statement.table; }, query);
    text->written_schema = table.schema;
    text->written_table = table.name;
    text->row_name = table.message->name();
    // A soft delete is an update: the row stays for those that refer to it.
    text->removes_rows = std::holds_alternative<Delete>(query);
  }
  return text;
}

namespace {

std::shared_ptr<const SqlText> Fixed(std::string sql) {
  auto text = std::make_shared<SqlText>();
  text->sql = std::move(sql);
  text->name = NameOf(text->sql);
  return text;
}

}  // namespace

std::shared_ptr<const SqlText> TakeBack() {
  static const auto& text =
      *new auto(Fixed(absl::StrCat("SELECT tenantry.refuse('", ToAbsl(kTriedState), "', NULL)")));
  return text;
}

std::shared_ptr<const SqlText> KeptRows() {
  static const auto& text =
      *new auto(Fixed("SELECT fingerprint, layout, rows FROM tenantry.kept_rows($1)"));
  return text;
}

}  // namespace tenantry::plan
