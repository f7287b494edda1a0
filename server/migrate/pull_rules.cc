#include "server/migrate/pull_rules.h"

#include <optional>
#include <regex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/schema/formats.h"
#include "server/schema/pattern.h"

namespace tenantry::migrate {
namespace {

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text), "\"");
}

std::optional<std::string> Between(const std::string& text, absl::string_view begin,
                                   absl::string_view end) {
  std::size_t from = text.find(std::string(begin));
  if (from == std::string::npos) return std::nullopt;
  from += begin.size();
  const std::size_t to = text.find(std::string(end), from);
  if (to == std::string::npos) return std::nullopt;
  return text.substr(from, to - from);
}

// Of a text, or of each text of a list, where it stands as a string of a path of JSON.
std::optional<std::string> Expression(const std::string& check, bool repeated) {
  auto found = repeated ? Between(check, "like_regex \"^(?:", ")$\" flag \"s\"))")
                        : Between(check, "~ '^(?:", ")$'::text");
  if (!found) return std::nullopt;
  std::string text = absl::StrReplaceAll(*found, {{"''", "'"}});
  return repeated ? absl::StrReplaceAll(text, {{"\\\\", "\\"}, {"\\\"", "\""}}) : text;
}

// The expression is what a pattern was printed as. It is a pattern itself, unless somebody wrote
// the check by hand.
void AddPattern(const std::string& check, bool repeated, std::vector<std::string>& options) {
  const std::optional<std::string> expression = Expression(check, repeated);
  if (!expression) return;
  const std::string sql = absl::StrCat("^(?:", *expression, ")$");
  const auto* formats = v1::Format_descriptor();
  for (int i = 0; i < formats->value_count(); ++i) {
    const auto* format =
        schema::FindTextFormat(static_cast<v1::Format>(formats->value(i)->number()));
    if (format == nullptr || format->pattern->sql() != sql) continue;
    return options.push_back("format: " + formats->value(i)->name());
  }
  const auto pattern = schema::Pattern::Compile(*expression);
  if (pattern.ok() && (*pattern)->sql() == sql)
    options.push_back("pattern: " + Quoted(*expression));
}

// `'a'::text, 'b'::text` or `1, 2`.
void AddChoices(const std::string& list, std::vector<std::string>& options) {
  static const std::regex element("'((?:[^']|'')*)'::[a-z ]+|(-?[0-9]+)");
  for (std::sregex_iterator found(list.begin(), list.end(), element), end; found != end; ++found) {
    const std::string text = (*found)[2].matched
                                 ? (*found)[2].str()
                                 : absl::StrReplaceAll((*found)[1].str(), {{"''", "'"}});
    options.push_back("in: " + Quoted(text));
  }
}

void AddChoicesOf(const std::string& check, bool repeated, std::vector<std::string>& options) {
  for (const char* begin : {repeated ? "<@ ARRAY[" : "= ANY (ARRAY[", "= ANY ((ARRAY["}) {
    if (const auto list = Between(check, begin, "]")) return AddChoices(*list, options);
  }
  // PostgreSQL writes a list of one as a comparison.
  static const std::regex one(" = ('(?:[^']|'')*'::[a-z ]+|-?[0-9]+)\\)*$");
  std::smatch found;
  if (!repeated && std::regex_search(check, found, one)) AddChoices(found[1].str(), options);
}

// `(n < 9)`, `(starts_on >= '2020-01-01'::date)`. What the type makes is left out.
void AddBounds(const std::string& check, RuledType type, std::vector<std::string>& options) {
  static const std::regex number(
      "\\(\\(*\"?[a-zA-Z0-9_]+\"?\\)*(?:::[a-z ]+\\)?)? (>=|<=|>|<) "
      "\\(?'?\\(?(-?[0-9]+(?:\\.[0-9]+)?)\\)?'?\\)?(?:::[a-z ]+)?\\)");
  static const std::regex day(" (>=|<=|>|<) '([0-9]{4}-[0-9]{2}-[0-9]{2})'::date");
  static const std::regex time(" (>=|<=|>|<) '([0-9]{4}-[^']*)'::timestamp with time zone");
  const std::regex& bound = type == RuledType::kNumber ? number
                            : type == RuledType::kDate ? day
                                                       : time;
  for (std::sregex_iterator found(check.begin(), check.end(), bound), end; found != end; ++found) {
    const std::string before = found->prefix(), op = (*found)[1];
    std::string limit = (*found)[2];
    // Of a function's value, as in `(scale(n) <= 2)`.
    if (type == RuledType::kNumber && !before.empty() &&
        absl::ascii_isalnum(static_cast<unsigned char>(before.back()))) {
      continue;
    }
    const bool of_type = absl::StartsWith(limit, "0001-01-01") || limit == "9999-12-31";
    if (type != RuledType::kNumber && of_type) continue;
    const bool whole = type == RuledType::kNumber && !absl::StrContains(limit, ".");
    if (whole && op == ">=") {
      options.push_back("minimum: " + limit);
    } else if (whole && op == "<=") {
      options.push_back("maximum: " + limit);
    } else {
      if (type == RuledType::kTime) limit = absl::StrReplaceAll(limit, {{" ", "T"}, {"+00", "Z"}});
      const absl::string_view name = op == ">="   ? "gte"
                                     : op == "<=" ? "lte"
                                     : op == ">"  ? "gt"
                                                  : "lt";
      options.push_back(absl::StrCat(name, ": ", Quoted(limit)));
    }
  }
}

void AddNumber(const std::string& check, const std::regex& condition, absl::string_view option,
               std::vector<std::string>& options) {
  std::smatch found;
  if (!std::regex_search(check, found, condition)) return;
  options.push_back(absl::StrCat(option, ": ", found[1].str()));
}

}  // namespace

std::vector<std::string> RuleOptions(const std::string& check, RuledType type, bool repeated) {
  static const std::regex length("char_length\\([^<>=]*\\) >= ([0-9]+)");
  static const std::regex fewest("cardinality\\([^<>=]*\\) >= ([0-9]+)");
  static const std::regex most("cardinality\\([^<>=]*\\) <= ([0-9]+)");
  std::vector<std::string> options;
  // What has alternatives was written by hand. It stays a check of the table.
  if (absl::StrContains(check, " OR ")) return options;
  if (type == RuledType::kText) {
    if (!repeated) AddNumber(check, length, "min_length", options);
    AddPattern(check, repeated, options);
  }
  if (type == RuledType::kText || type == RuledType::kNumber) {
    AddChoicesOf(check, repeated, options);
  }
  if (repeated) {
    AddNumber(check, fewest, "min_items", options);
    AddNumber(check, most, "max_items", options);
  } else if (type == RuledType::kNumber || type == RuledType::kDate || type == RuledType::kTime) {
    AddBounds(check, type, options);
  }
  return options;
}

}  // namespace tenantry::migrate
