#include "server/schema/soft_delete.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "server/schema/kinds.h"

namespace tenantry::schema {
namespace {

// Words become tokens in lower case, and quoted names tokens without their quotes. Every other
// character is a token.
std::vector<std::string> Tokenize(const std::string& sql) {
  auto in_word = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < sql.size();) {
    const char c = sql[i];
    std::size_t end = i + 1;
    if (c == '\'' || c == '"') {
      end = std::min(sql.find(c, i + 1), sql.size() - 1) + 1;
      // A text is never a word, whatever it contains.
      tokens.push_back(c == '"' ? sql.substr(i + 1, end - i - 2) : "'");
    } else if (in_word(c)) {
      while (end < sql.size() && in_word(sql[end])) ++end;
      tokens.push_back(absl::AsciiStrToLower(sql.substr(i, end - i)));
    } else if (!absl::ascii_isspace(c)) {
      tokens.emplace_back(1, c);
    }
    i = end;
  }
  return tokens;
}

using Tokens = absl::Span<const std::string>;
using Truth = std::optional<bool>;  // no value: it depends on the row

// Finds out what a condition is when `column` is not null, whatever the other columns hold.
class Evaluator {
 public:
  explicit Evaluator(const std::string& column) : column_(column) {}

  Truth Evaluate(Tokens tokens) const {
    tokens = WithoutBrackets(tokens);
    if (auto parts = Split(tokens, "or"); parts.size() > 1) return Join(parts, true);
    if (auto parts = Split(tokens, "and"); parts.size() > 1) return Join(parts, false);
    if (!tokens.empty() && tokens[0] == "not") {
      Truth inner = Evaluate(tokens.subspan(1));
      if (inner) inner = !*inner;
      return inner;
    }
    return Atom(tokens);
  }

 private:
  static int Depth(const std::string& token) {
    if (token == "(" || token == "[" || token == "case") return 1;
    if (token == ")" || token == "]" || token == "end") return -1;
    return 0;
  }

  static Tokens WithoutBrackets(Tokens tokens) {
    while (tokens.size() > 2 && tokens.front() == "(" && tokens.back() == ")") {
      int depth = 0;
      for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        depth += Depth(tokens[i]);
        if (depth == 0) return tokens;  // the first bracket closes before the end
      }
      tokens = tokens.subspan(1, tokens.size() - 2);
    }
    return tokens;
  }

  // Splits at `word` where it is outside of all brackets. The AND of a BETWEEN does not split.
  static std::vector<Tokens> Split(Tokens tokens, const char* word) {
    std::vector<Tokens> parts;
    std::size_t begin = 0;
    int depth = 0;
    bool between = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      depth += Depth(tokens[i]);
      if (depth != 0) continue;
      if (tokens[i] == "between") between = true;
      if (tokens[i] == "and" && std::exchange(between, false)) continue;
      if (tokens[i] != word) continue;
      parts.push_back(tokens.subspan(begin, i - begin));
      begin = i + 1;
    }
    parts.push_back(tokens.subspan(begin));
    return parts;
  }

  // An OR is true when one part is true, and false when all parts are false. For an AND it is the
  // other way round.
  Truth Join(const std::vector<Tokens>& parts, bool decides) const {
    bool all_known = true;
    for (Tokens part : parts) {
      const Truth truth = Evaluate(part);
      if (truth == decides) return decides;
      all_known = all_known && truth.has_value();
    }
    return all_known ? Truth(!decides) : std::nullopt;
  }

  Truth Atom(Tokens tokens) const {
    if (tokens.size() == 1 && (tokens[0] == "true" || tokens[0] == "false")) {
      return tokens[0] == "true";
    }
    for (const auto& [words, truth] : kForms) {
      if (tokens.size() <= words.size()) continue;
      const std::size_t size = tokens.size() - words.size();
      if (tokens.subspan(size) == Tokens(words) && IsColumn(tokens.subspan(0, size))) return truth;
    }
    return std::nullopt;
  }

  bool IsColumn(Tokens tokens) const {
    tokens = WithoutBrackets(tokens);
    // The column is written as `column`, `table.column` or `schema.table.column`.
    for (std::size_t i = 1; i < tokens.size(); i += 2) {
      if (tokens[i] != ".") return false;
    }
    return tokens.size() % 2 == 1 && tokens.back() == column_;
  }

  // What may follow the column, and what the condition is then.
  inline static const std::vector<std::pair<std::vector<std::string>, bool>> kForms = {
      {{"is", "null"}, false},
      {{"isnull"}, false},
      {{"is", "not", "distinct", "from", "null"}, false},
      {{"is", "not", "null"}, true},
      {{"notnull"}, true},
      {{"is", "distinct", "from", "null"}, true},
  };

  const std::string& column_;
};

class SoftDeleteCheck {
 public:
  SoftDeleteCheck(const Table& table, Reporter& reporter) : table_(table), reporter_(reporter) {}

  void Run() {
    for (const Check& check : table_.checks) {
      if (Refuses(check.expression)) Report(absl::StrCat("check ", check.name, ": expression"));
    }
    std::set<std::string> roles;
    for (const Policy& policy : table_.policies) {
      roles.insert(policy.roles.begin(), policy.roles.end());
    }
    for (const std::string& role : roles) {
      CheckPolicies(role, v1::POLICY_COMMAND_SELECT, &Policy::using_sql);
      CheckPolicies(role, v1::POLICY_COMMAND_UPDATE, &Policy::with_check_sql);
    }
  }

 private:
  bool Refuses(const std::string& sql) const {
    const std::vector<std::string> tokens = Tokenize(sql);
    return Evaluator(table_.delete_time->name).Evaluate(tokens) == Truth(false);
  }

  // Policies are permissive: it is enough that one of them lets the row through.
  void CheckPolicies(const std::string& role, v1::PolicyCommand command,
                     std::string Policy::*condition) {
    std::vector<const Policy*> refusing;
    for (const Policy& policy : table_.policies) {
      const bool applies =
          absl::c_linear_search(policy.roles, role) &&
          (policy.commands.empty() || absl::c_linear_search(policy.commands, command));
      if (!applies) continue;
      if (!Refuses(policy.*condition)) return;
      refusing.push_back(&policy);
    }
    for (const Policy* policy : refusing) {
      // Without a with_check, `using` is both conditions. It is reported once, also when it is for
      // several roles.
      const bool is_using = policy->*condition == policy->using_sql;
      if (reported_.insert(absl::StrCat(policy->name, " ", policy->*condition)).second) {
        Report(absl::StrCat("policy ", policy->name, is_using ? ": using" : ": with_check"));
      }
    }
  }

  void Report(const std::string& what) {
    reporter_.Report(
        *table_.message,
        absl::StrCat(
            what, " never holds for a row whose ", table_.delete_time->name,
            " is set, so that Delete, which sets it, is refused: leave that condition out, "
            "the methods leave deleted rows out by themselves"));
  }

  const Table& table_;
  Reporter& reporter_;
  std::set<std::string> reported_;
};

}  // namespace

void CheckSoftDelete(const Table& table, Reporter& reporter) {
  const bool deletes =
      absl::c_any_of(table.methods, [](v1::MethodKind kind) { return FindKind(kind)->deletes; });
  if (deletes && table.delete_time != nullptr) SoftDeleteCheck(table, reporter).Run();
}

}  // namespace tenantry::schema
