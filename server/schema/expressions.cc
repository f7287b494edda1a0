#include "server/schema/expressions.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tenantry::schema {

std::optional<std::string> WhyNoExpression(absl::string_view sql) {
  if (absl::StripAsciiWhitespace(sql).empty()) return "is empty";
  std::string open;  // the brackets that are not closed yet
  for (std::size_t i = 0; i < sql.size(); ++i) {
    char c = sql[i];
    absl::string_view two = sql.substr(i, 2);
    if (c == '\'' || c == '"') {
      // A doubled quote closes the text and opens it again. The result is the same.
      i = sql.find(c, i + 1);
      if (i == absl::string_view::npos) return absl::StrCat("has an unclosed ", std::string(1, c));
    } else if (c == '$' || c == ';' || c == '\\' || c == '\0') {
      // A `$` would begin a parameter or a dollar-quoted string.
      return absl::StrCat("holds `", std::string(1, c == '\0' ? '0' : c), "`");
    } else if (two == "--" || two == "/*") {
      return "holds a comment";
    } else if (c == '(' || c == '[') {
      open.push_back(c == '(' ? ')' : ']');
    } else if (c == ')' || c == ']') {
      if (open.empty() || open.back() != c) return "has unbalanced brackets";
      open.pop_back();
    }
  }
  if (!open.empty()) return "has unbalanced brackets";
  return std::nullopt;
}

namespace {

bool InWord(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// The word that the text ends with, in lower case; empty when it ends otherwise.
std::string LastWord(absl::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && InWord(text[begin - 1])) --begin;
  return absl::AsciiStrToLower(text.substr(begin));
}

// Whether a `*` behind the text stands for columns: `SELECT *`, `t.*`, `id, *`. Others multiply, or
// count rows.
bool StarIsColumns(absl::string_view before) {
  before = absl::StripTrailingAsciiWhitespace(before);
  if (before.empty()) return true;
  const std::string word = LastWord(before);
  return before.back() == '.' || before.back() == ',' || word == "select" || word == "all" ||
         word == "distinct";
}

}  // namespace

std::optional<std::string> WhyNoQuery(absl::string_view sql) {
  if (auto why = WhyNoExpression(sql)) return why;
  sql = absl::StripAsciiWhitespace(sql);
  const std::string first = LastWord(sql.substr(0, sql.find_first_of(" \t\n\r")));
  if (first != "select" && first != "with") return "does not begin with SELECT or WITH";
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'' || sql[i] == '"') {
      i = sql.find(sql[i], i + 1);
    } else if (sql[i] == '*' && StarIsColumns(sql.substr(0, i))) {
      return "has `*` for columns: name them, since it would mean others after a migration";
    }
  }
  return std::nullopt;
}

}  // namespace tenantry::schema
