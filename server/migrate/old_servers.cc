#include "server/migrate/old_servers.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/migrate/sql_text.h"

namespace tenantry::migrate {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;
using Tokens = std::vector<SqlToken>;

std::set<std::string> SetOf(const Names& names) { return {names.begin(), names.end()}; }

bool HasColumn(const v1::Table& table, const std::string& name) {
  return std::any_of(table.columns().begin(), table.columns().end(),
                     [&](const v1::Column& column) { return column.name() == name; });
}

bool IsOneOf(const SqlToken& token, std::initializer_list<absl::string_view> words) {
  return token.kind != SqlToken::Kind::kLiteral &&
         std::find(words.begin(), words.end(), token.text) != words.end();
}

// The conditions that all must hold. One with OR is a single condition.
std::vector<Tokens> ConditionsOf(const std::string& sql) {
  std::vector<Tokens> conditions(1);
  int depth = 0;
  for (SqlToken& token : SqlTokens(sql)) {
    if (IsOneOf(token, {"("})) ++depth;
    if (IsOneOf(token, {")"})) --depth;
    if (depth == 0 && IsOneOf(token, {"or"})) return {SqlTokens(sql)};
    if (depth == 0 && IsOneOf(token, {"and"})) {
      conditions.emplace_back();
    } else {
      conditions.back().push_back(std::move(token));
    }
  }
  return conditions;
}

// `n <= 50`, as what stands before the number, and the number.
struct Bound {
  Tokens of;
  bool upper;
  double limit;
};

std::optional<Bound> BoundOf(Tokens tokens) {
  double limit = 0;
  if (tokens.size() < 3 || tokens.back().kind != SqlToken::Kind::kNumber ||
      !absl::SimpleAtod(tokens.back().text, &limit)) {
    return std::nullopt;
  }
  tokens.pop_back();
  if (IsOneOf(tokens.back(), {"-"})) {
    limit = -limit;
    tokens.pop_back();
  }
  std::string comparison;
  while (!tokens.empty() && IsOneOf(tokens.back(), {"<", ">", "=", "<=", ">="})) {
    comparison = tokens.back().text + comparison;
    tokens.pop_back();
  }
  if (comparison != "<=" && comparison != ">=") return std::nullopt;
  return Bound{std::move(tokens), comparison == "<=", limit};
}

// Whether what meets `a` meets `b` too, as far as can be seen.
bool Implies(const Tokens& a, const Tokens& b) {
  if (a == b) return true;
  const std::optional<Bound> one = BoundOf(a), other = BoundOf(b);
  if (!one || !other || one->of != other->of || one->upper != other->upper) return false;
  return one->upper ? one->limit <= other->limit : one->limit >= other->limit;
}

bool Implies(const std::string& a, const std::string& b) {
  const std::vector<Tokens> given = ConditionsOf(a), wanted = ConditionsOf(b);
  return std::all_of(wanted.begin(), wanted.end(), [&](const Tokens& condition) {
    return std::any_of(given.begin(), given.end(),
                       [&](const Tokens& other) { return Implies(other, condition); });
  });
}

bool KeepsRows(const std::string& on_delete) {
  return on_delete == "NO ACTION" || on_delete == "RESTRICT";
}

}  // namespace

bool MayRefuseOldRows(const v1::Table& before, const v1::Index& unique_key) {
  const std::set<std::string> columns = SetOf(unique_key.columns());
  auto is_stricter = [&](const Names& names, const std::string& where) {
    return std::all_of(names.begin(), names.end(),
                       [&](const std::string& name) { return columns.contains(name); }) &&
           (where.empty() || SameSql(where, unique_key.where()));
  };
  if (is_stricter(before.primary_key().columns(), "")) return false;
  for (const v1::Index& index : before.indexes()) {
    if (index.unique() && is_stricter(index.columns(), index.where())) return false;
  }
  // Old servers leave a new column NULL, and no two NULLs are the same.
  return std::all_of(columns.begin(), columns.end(),
                     [&](const std::string& name) { return HasColumn(before, name); });
}

bool MayRefuseOldRows(const v1::Table& before, const v1::Check& check) {
  for (const v1::Check& old : before.checks()) {
    if (Implies(old.expression(), check.expression())) return false;
  }
  return std::any_of(
      before.columns().begin(), before.columns().end(),
      [&](const v1::Column& column) { return Mentions(check.expression(), column.name()); });
}

bool MayRefuseOldRows(const v1::Table& before, const v1::ForeignKey& key) {
  for (const v1::ForeignKey& old : before.foreign_keys()) {
    const bool same = SetOf(old.columns()) == SetOf(key.columns()) &&
                      SetOf(old.target_columns()) == SetOf(key.target_columns()) &&
                      old.target_schema() == key.target_schema() &&
                      old.target_table() == key.target_table();
    if (same) return KeepsRows(key.on_delete()) && !KeepsRows(old.on_delete());
  }
  return std::all_of(key.columns().begin(), key.columns().end(),
                     [&](const std::string& name) { return HasColumn(before, name); });
}

bool KeepsConflictTarget(const v1::Table& after, const v1::Index& unique_key) {
  auto serves = [&](const Names& columns, const std::string& where) {
    return SetOf(columns) == SetOf(unique_key.columns()) &&
           (where.empty() || SameSql(where, unique_key.where()));
  };
  return serves(after.primary_key().columns(), "") ||
         std::any_of(after.indexes().begin(), after.indexes().end(), [&](const v1::Index& index) {
           return index.unique() && serves(index.columns(), index.where());
         });
}

}  // namespace tenantry::migrate
