#include "server/schema/views.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/schema/expressions.h"
#include "server/schema/options.h"

namespace tenantry::schema {
namespace {

// Keys, constraints and policies are those of the tables that the query reads.
void CheckTable(const v1::TableOptions& options, Reporter& reporter, const Table& table) {
  const auto refuse = [&](bool has, absl::string_view what) {
    if (!has) return;
    reporter.Report(
        *table.message,
        absl::StrCat("a view has no ", what, ": it belongs to the tables that the query reads"));
  };
  refuse(!options.unique().empty(), "unique key");
  refuse(!options.indexes().empty(), "index");
  refuse(!options.policies().empty(), "policy");
  refuse(!options.checks().empty(), "check");
  refuse(!options.rules().empty(), "rule");
  refuse(options.has_search(), "search");
  if (options.tenant_root()) reporter.Report(*table.message, "the tenant root is no view");
  if (auto why = WhyNoQuery(options.view())) {
    reporter.Report(*table.message, absl::StrCat("view: the query ", *why));
  }
}

void CheckColumn(const Column& column, Reporter& reporter) {
  v1::ColumnOptions others = ColumnOf(*column.field);
  others.clear_type();
  others.clear_precision();
  others.clear_scale();
  others.clear_name();
  others.clear_filterable();
  // A function is about a row's type, which would keep the view from being made anew.
  if (others.ByteSizeLong() == 0) return;
  reporter.Report(*column.field,
                  "a column of a view is what its query gives: of the options it takes type, "
                  "precision, scale, name and filterable");
}

}  // namespace

void BuildView(const v1::TableOptions& options, Reporter& reporter, Table& table) {
  CheckTable(options, reporter, table);
  table.view_sql = options.view();
  for (Column& column : table.columns) {
    CheckColumn(column, reporter);
    column.output_only = true;
    column.required_on_create = false;
    // PostgreSQL promises nothing of what a query gives.
    column.not_null = absl::c_linear_search(table.primary_key, &column);
    column.default_sql.clear();
    column.rules.clear();
  }
}

}  // namespace tenantry::schema
