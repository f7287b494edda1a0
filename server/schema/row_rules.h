// Rules over several columns of a row.
//
// As with those of a column (rules.h), each is defined once. The server's check and the CHECK
// constraint follow from it, and they agree on every row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "server/schema/rules.h"
#include "tenantry/v1/options.pb.h"

namespace tenantry::schema {

class Reporter;
struct Table;

struct RowComparison {
  const Column* column = nullptr;
  v1::Operator op = v1::OPERATOR_UNSPECIFIED;
  const Column* other = nullptr;  // null: the literal
  RuleLiteral literal;
};

struct RowRule {
  std::string name;  // of the constraint
  std::optional<RowComparison> compare;
  std::vector<const Column*> set;  // when there is no comparison
  v1::SetCount count = v1::SET_COUNT_UNSPECIFIED;
  std::optional<RowComparison> when;
  std::string message;                 // `must be less than ends_at`
  std::string sql;                     // the condition of the constraint
  std::vector<const Column*> columns;  // all that it looks at, each once
  // The field that a violation names, when it is one; null: it is the row.
  const Column* subject = nullptr;
};

// A value of a row; nothing is NULL.
using RowValue = std::optional<RuleValue>;

// Whether the row keeps the rule. As in SQL, a comparison with NULL is neither true nor false, and
// what is not false keeps a CHECK.
bool KeepsRowRule(const RowRule& rule, absl::FunctionRef<RowValue(const Column&)> value_of);

// The rule of this constraint; null when the table has none.
const RowRule* FindRowRule(const Table& table, absl::string_view constraint);

// Makes the table's rules. Its columns must be there.
void BuildRowRules(const v1::TableOptions& options, Reporter& reporter, Table& table);

}  // namespace tenantry::schema
