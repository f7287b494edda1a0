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

}  // namespace tenantry::schema
