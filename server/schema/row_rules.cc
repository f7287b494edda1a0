#include "server/schema/row_rules.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/base/ids.h"
#include "server/base/utf8.h"
#include "server/schema/columns.h"
#include "server/schema/naming.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"
#include "server/schema/tables.h"

namespace tenantry::schema {
namespace {

struct OperatorInfo {
  v1::Operator op;
  const char* sql;
  const char* words;  // between `must` and what stands on the right
  bool (*holds)(int order);
};

constexpr OperatorInfo kOperators[] = {
    {v1::OPERATOR_EQ, "=", "be equal to", [](int order) { return order == 0; }},
    {v1::OPERATOR_NE, "<>", "differ from", [](int order) { return order != 0; }},
    {v1::OPERATOR_LT, "<", "be less than", [](int order) { return order < 0; }},
    {v1::OPERATOR_LTE, "<=", "be at most", [](int order) { return order <= 0; }},
    {v1::OPERATOR_GT, ">", "be more than", [](int order) { return order > 0; }},
    {v1::OPERATOR_GTE, ">=", "be at least", [](int order) { return order >= 0; }},
};

const OperatorInfo* FindOperator(v1::Operator op) {
  for (const OperatorInfo& info : kOperators) {
    if (info.op == op) return &info;
  }
  return nullptr;
}

struct CountInfo {
  v1::SetCount count;
  const char* before;  // words before the names of the columns, and after them
  const char* after;
  const char* sql;  // behind the number of columns that are set; `$n` is that of all
  bool (*holds)(std::size_t set, std::size_t all);
};

constexpr CountInfo kCounts[] = {
    {v1::SET_COUNT_UNSPECIFIED, "must have all of ", "", " = $n",
     [](std::size_t set, std::size_t all) { return set == all; }},
    {v1::SET_COUNT_AT_LEAST_ONE, "must have at least one of ", "", " >= 1",
     [](std::size_t set, std::size_t) { return set >= 1; }},
    {v1::SET_COUNT_EXACTLY_ONE, "must have exactly one of ", "", " = 1",
     [](std::size_t set, std::size_t) { return set == 1; }},
    {v1::SET_COUNT_AT_MOST_ONE, "must have at most one of ", "", " <= 1",
     [](std::size_t set, std::size_t) { return set <= 1; }},
    {v1::SET_COUNT_ALL_OR_NONE, "must have all of ", " or none of them", " IN (0, $n)",
     [](std::size_t set, std::size_t all) { return set == 0 || set == all; }},
    {v1::SET_COUNT_NONE, "must have none of ", "", " = 0",
     [](std::size_t set, std::size_t) { return set == 0; }},
};

const CountInfo* FindCount(v1::SetCount count) {
  for (const CountInfo& info : kCounts) {
    if (info.count == count) return &info;
  }
  return nullptr;
}

// --- check ---

// Nothing where NULL takes part.
std::optional<bool> Compare(const RowComparison& comparison,
                            absl::FunctionRef<RowValue(const Column&)> value_of) {
  const RowValue left = value_of(*comparison.column);
  const RowValue right = comparison.other != nullptr ? value_of(*comparison.other)
                                                     : RowValue(comparison.literal.value);
  if (!left || !right) return std::nullopt;
  return FindOperator(comparison.op)->holds(CompareValues(*left, *right));
}

// --- build ---

// Types that compare with each other, in values as in SQL.
enum class Family { kNone, kWhole, kReal, kDecimal, kDate, kTime, kText, kId, kBool, kEnum };

Family FamilyOf(const Column& column) {
  if (column.array || !column.stored) return Family::kNone;
  switch (column.type) {
    case Type::kInt32:
    case Type::kInt64:
      return Family::kWhole;
    case Type::kFloat:
    case Type::kDouble:
      return Family::kReal;
    case Type::kNumeric:
      return Family::kDecimal;
    case Type::kDate:
      return Family::kDate;
    case Type::kTimestamp:
      return Family::kTime;
    case Type::kText:
      return Family::kText;
    case Type::kUuid:
    case Type::kUlid:
      return Family::kId;
    case Type::kBool:
      return Family::kBool;
    case Type::kEnum:
      return Family::kEnum;
    default:
      return Family::kNone;
  }
}

// Text has an order by the database's collation alone, and an enum that of its labels.
bool HasOrder(Family family) { return family != Family::kNone && family <= Family::kTime; }

absl::StatusOr<RuleLiteral> IdLiteral(const Column& column, const std::string& text) {
  std::uint8_t bytes[16];
  const bool uuid = column.type == Type::kUuid;
  if (uuid ? !ParseUuid(text, bytes) : !IsValidUlid(text)) {
    return absl::InvalidArgumentError(absl::StrCat("`", text, "` is no ", uuid ? "UUID" : "ULID"));
  }
  auto kept = std::make_shared<const std::string>(uuid ? absl::AsciiStrToLower(text)
                                                       : absl::AsciiStrToUpper(text));
  return RuleLiteral{kept, std::string_view(*kept), QuoteLiteral(*kept)};
}

absl::StatusOr<RuleLiteral> LiteralOf(const Column& column, const std::string& text) {
  auto kept = std::make_shared<const std::string>(text);
  const auto wrong = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("`", text, "` ", what));
  };
  switch (FamilyOf(column)) {
    case Family::kText:
      if (HasNul(text)) return wrong("has a NUL character");
      return RuleLiteral{kept, std::string_view(*kept), QuoteLiteral(text)};
    case Family::kId:
      return IdLiteral(column, text);
    case Family::kBool:
      if (text != "true" && text != "false") return wrong("is not true or false");
      return RuleLiteral{kept, std::int64_t{text == "true"}, text};
    case Family::kEnum:
      for (const EnumType::Value& value : column.enum_type->values) {
        if (value.name != text) continue;
        return RuleLiteral{kept, std::int64_t{value.number},
                           absl::StrCat(QuoteLiteral(value.label), "::", column.sql_type)};
      }
      return wrong(absl::StrCat("is no value of ", column.enum_type->descriptor->full_name(),
                                " that can be stored"));
    default:
      return ParseRuleLiteral(column, text);
  }
}

class RuleBuilder {
 public:
  RuleBuilder(const v1::RuleOptions& options, Reporter& reporter, Table& table)
      : options_(options),
        reporter_(reporter),
        table_(table),
        what_(absl::StrCat("rule ", options.name())) {}

  void Build() {
    RowRule rule;
    rule.name = options_.name();
    CheckName(table_, "name of a rule", rule.name, reporter_);
    if (options_.has_compare() == options_.has_set()) {
      return Report("must have exactly one of `compare` and `set`");
    }
    if (options_.has_compare()) {
      rule.compare = ComparisonOf(options_.compare(), rule);
      if (!rule.compare) return;
    } else if (!AddSet(rule)) {
      return;
    }
    if (options_.has_when()) {
      rule.when = ComparisonOf(options_.when(), rule);
      if (!rule.when) return;
    }
    rule.subject = rule.compare ? rule.compare->column : nullptr;
    rule.sql = SqlOf(rule);
    rule.message = options_.message().empty() ? WordsOf(rule) : options_.message();
    table_.rules.push_back(std::move(rule));
  }

 private:
  void Report(absl::string_view why) {
    reporter_.Report(*table_.message, absl::StrCat(what_, ": ", why));
  }

  const Column* Find(const std::string& field, RowRule& rule) {
    const Column* column = table_.FindColumn(field);
    if (column == nullptr) {
      Report(absl::StrCat(table_.message->full_name(), " has no field `", field, "`"));
    } else if (!absl::c_linear_search(rule.columns, column)) {
      rule.columns.push_back(column);
    }
    return column;
  }

  std::optional<RowComparison> ComparisonOf(const v1::Comparison& options, RowRule& rule) {
    RowComparison comparison;
    comparison.column = Find(options.column(), rule);
    comparison.op = options.operator_();
    if (comparison.column == nullptr) return std::nullopt;
    const Family family = FamilyOf(*comparison.column);
    if (family == Family::kNone) {
      return Refuse(absl::StrCat(options.column(), " is of type ", DescribeType(*comparison.column),
                                 ", which is not compared"));
    }
    if (FindOperator(comparison.op) == nullptr) return Refuse("must have an operator");
    const bool is_order = comparison.op != v1::OPERATOR_EQ && comparison.op != v1::OPERATOR_NE;
    if (is_order && !HasOrder(family)) {
      return Refuse(absl::StrCat(options.column(), " is of type ", DescribeType(*comparison.column),
                                 ": only OPERATOR_EQ and OPERATOR_NE compare it"));
    }
    if (options.other().empty() == options.value().empty()) {
      return Refuse("must have exactly one of `other` and `value` in each comparison");
    }
    if (!SetRight(options, family, rule, comparison)) return std::nullopt;
    return comparison;
  }

  std::optional<RowComparison> Refuse(absl::string_view why) {
    Report(why);
    return std::nullopt;
  }

  bool SetRight(const v1::Comparison& options, Family family, RowRule& rule,
                RowComparison& comparison) {
    const Column& column = *comparison.column;
    if (options.other().empty()) {
      absl::StatusOr<RuleLiteral> literal = LiteralOf(column, options.value());
      if (!literal.ok()) {
        Report(literal.status().message());
        return false;
      }
      comparison.literal = *std::move(literal);
      return true;
    }
    comparison.other = Find(options.other(), rule);
    if (comparison.other == nullptr) return false;
    const Column& other = *comparison.other;
    const bool same = FamilyOf(other) == family && other.enum_type == column.enum_type &&
                      (family != Family::kId || other.type == column.type);
    if (&other == &column || !same) {
      Report(absl::StrCat(options.column(), " and ", options.other(),
                          " must be two columns of one type"));
      return false;
    }
    return true;
  }

  bool AddSet(RowRule& rule) {
    const v1::SetColumns& set = options_.set();
    rule.count = set.count();
    if (FindCount(rule.count) == nullptr) return Refuse("has an unknown count").has_value();
    const bool counts = rule.count != v1::SET_COUNT_UNSPECIFIED && rule.count != v1::SET_COUNT_NONE;
    if (set.columns_size() < (counts ? 2 : 1)) {
      return Refuse(counts ? "counts two columns or more" : "names no column").has_value();
    }
    for (const std::string& field : set.columns()) {
      const Column* column = Find(field, rule);
      if (column == nullptr) return false;
      if (column->not_null || !column->stored) {
        return Refuse(
                   absl::StrCat(field, " is never NULL: only columns that allow NULL are counted"))
            .has_value();
      }
      if (absl::c_linear_search(rule.set, column)) {
        return Refuse(absl::StrCat(field, " is named twice")).has_value();
      }
      rule.set.push_back(column);
    }
    if (!counts && !options_.has_when()) {
      return Refuse("needs `when`: the columns' own `not_null` says it for every row").has_value();
    }
    return true;
  }

  // --- SQL ---

  static std::string SqlOf(const RowComparison& comparison) {
    return absl::StrCat(
        comparison.column->sql_name, " ", FindOperator(comparison.op)->sql, " ",
        comparison.other != nullptr ? comparison.other->sql_name : comparison.literal.sql);
  }

  static std::string SqlOf(const RowRule& rule) {
    std::string sql;
    if (rule.compare) {
      sql = SqlOf(*rule.compare);
    } else {
      const auto name = [](std::string* out, const Column* column) { *out += column->sql_name; };
      sql = absl::StrCat(
          "num_nonnulls(", absl::StrJoin(rule.set, ", ", name), ")",
          absl::StrReplaceAll(FindCount(rule.count)->sql, {{"$n", absl::StrCat(rule.set.size())}}));
    }
    // Where the condition is unknown, so is its opposite, and a CHECK lets that pass.
    return rule.when ? absl::StrCat("NOT (", SqlOf(*rule.when), ") OR ", sql) : sql;
  }

  // --- words, by the names that callers know ---

  static std::string RightOf(const RowComparison& comparison) {
    return comparison.other != nullptr ? comparison.other->field->name() : *comparison.literal.text;
  }

  static std::string WordsOf(const RowRule& rule) {
    std::string words;
    if (rule.compare) {
      words =
          absl::StrCat("must ", FindOperator(rule.compare->op)->words, " ", RightOf(*rule.compare));
    } else {
      const CountInfo& count = *FindCount(rule.count);
      const auto name = [](std::string* out, const Column* column) {
        *out += column->field->name();
      };
      words = absl::StrCat(count.before, absl::StrJoin(rule.set, ", ", name), count.after);
    }
    if (!rule.when) return words;
    return absl::StrCat(words, " when ", rule.when->column->field->name(), " ",
                        FindOperator(rule.when->op)->sql, " ", RightOf(*rule.when));
  }

  const v1::RuleOptions& options_;
  Reporter& reporter_;
  Table& table_;
  const std::string what_;
};

}  // namespace

bool KeepsRowRule(const RowRule& rule, absl::FunctionRef<RowValue(const Column&)> value_of) {
  if (rule.when && !Compare(*rule.when, value_of).value_or(false)) return true;
  if (rule.compare) return Compare(*rule.compare, value_of).value_or(true);
  const auto set = absl::c_count_if(
      rule.set, [&](const Column* column) { return value_of(*column).has_value(); });
  return FindCount(rule.count)->holds(static_cast<std::size_t>(set), rule.set.size());
}

const RowRule* FindRowRule(const Table& table, absl::string_view constraint) {
  const auto found =
      absl::c_find_if(table.rules, [&](const RowRule& rule) { return rule.name == constraint; });
  return found == table.rules.end() ? nullptr : &*found;
}

void BuildRowRules(const v1::TableOptions& options, Reporter& reporter, Table& table) {
  for (const v1::RuleOptions& rule : options.rules()) RuleBuilder(rule, reporter, table).Build();
}

}  // namespace tenantry::schema
