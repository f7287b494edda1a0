#include "server/schema/naming.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace tenantry::schema {
namespace {

// A word begins at an upper-case letter that follows a lower-case letter or a digit. In a run of
// upper-case letters before a lower-case one, it begins at the last of them (HTTPServer).
bool BeginsWord(absl::string_view name, std::size_t i) {
  if (i == 0 || !absl::ascii_isupper(name[i]) || name[i - 1] == '_') return false;
  if (!absl::ascii_isupper(name[i - 1])) return true;
  return i + 1 < name.size() && absl::ascii_islower(name[i + 1]);
}

std::size_t LastWord(absl::string_view name) {
  for (std::size_t i = name.size(); i-- > 0;) {
    if (name[i] == '_') return i + 1;
    if (BeginsWord(name, i)) return i;
  }
  return 0;
}

bool IsVowel(char c) { return absl::StrContains("aeiou", absl::ascii_tolower(c)); }

constexpr std::array<std::pair<absl::string_view, absl::string_view>, 12> kIrregular = {{
    {"person", "people"},
    {"child", "children"},
    {"man", "men"},
    {"woman", "women"},
    {"foot", "feet"},
    {"tooth", "teeth"},
    {"mouse", "mice"},
    {"leaf", "leaves"},
    {"half", "halves"},
    {"datum", "data"},
    {"criterion", "criteria"},
    {"quiz", "quizzes"},
}};

constexpr std::array<absl::string_view, 8> kUncountable = {
    "data", "metadata", "information", "equipment", "series", "species", "news", "feedback"};

// How many characters at the end of `word` the plural replaces, and by what. The word is in lower
// case.
std::pair<std::size_t, absl::string_view> PluralEnding(absl::string_view word) {
  for (absl::string_view same : kUncountable) {
    if (word == same) return {0, ""};
  }
  if (absl::EndsWith(word, "sis")) return {2, "es"};  // analysis, basis
  if (absl::EndsWith(word, "y") && word.size() > 1 && !IsVowel(word[word.size() - 2])) {
    return {1, "ies"};
  }
  for (absl::string_view hiss : {"s", "x", "z", "ch", "sh"}) {
    if (absl::EndsWith(word, hiss)) return {0, "es"};
  }
  for (absl::string_view o : {"hero", "potato", "tomato", "echo"}) {
    if (word == o) return {0, "es"};
  }
  return {0, "s"};
}

}  // namespace

std::string SnakeCase(absl::string_view camel) {
  std::string out;
  for (std::size_t i = 0; i < camel.size(); ++i) {
    if (BeginsWord(camel, i)) out.push_back('_');
    out.push_back(absl::ascii_tolower(camel[i]));
  }
  return out;
}

std::string UpperSnakeCase(absl::string_view camel) {
  return absl::AsciiStrToUpper(SnakeCase(camel));
}

std::string CamelCase(absl::string_view snake) {
  std::string out;
  bool upper = true;
  for (char c : snake) {
    if (c == '_') {
      upper = true;
      continue;
    }
    out.push_back(upper ? absl::ascii_toupper(c) : c);
    upper = false;
  }
  return out;
}

std::string JsonName(absl::string_view snake) {
  std::string out;
  bool capital = false;
  for (char c : snake) {
    if (c != '_') out.push_back(capital ? absl::ascii_toupper(c) : c);
    capital = c == '_';
  }
  return out;
}

std::string Plural(absl::string_view name) {
  std::size_t start = LastWord(name);
  absl::string_view head = name.substr(0, start);
  absl::string_view word = name.substr(start);
  if (word.empty()) return std::string(name);
  std::string lower = absl::AsciiStrToLower(word);
  for (const auto& [one, many] : kIrregular) {
    if (lower != one) continue;
    std::string plural(many);
    if (absl::ascii_isupper(word[0])) plural[0] = absl::ascii_toupper(plural[0]);
    return absl::StrCat(head, plural);
  }
  auto [cut, ending] = PluralEnding(lower);
  return absl::StrCat(head, word.substr(0, word.size() - cut), ending);
}

std::string Words(absl::string_view name) {
  return absl::StrReplaceAll(SnakeCase(name), {{"_", " "}});
}

bool IsSnakeIdentifier(absl::string_view name) {
  if (name.empty() || absl::ascii_isdigit(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || absl::ascii_islower(c) || absl::ascii_isdigit(c);
  });
}

bool IsCamelIdentifier(absl::string_view name) {
  if (name.empty() || !absl::ascii_isupper(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(c); });
}

std::string FitIdentifier(std::string name) {
  if (name.size() <= kIdentifierBytesMax) return name;
  std::uint32_t hash = 2166136261u;  // FNV-1a: the same on every machine
  for (unsigned char c : name) hash = (hash ^ c) * 16777619u;
  std::string suffix = absl::StrCat("_", absl::Hex(hash, absl::kZeroPad8));
  return name.substr(0, kIdentifierBytesMax - suffix.size()) + suffix;
}

std::string QuoteIdentifier(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string QuoteQualified(absl::string_view schema, absl::string_view name) {
  return absl::StrCat(QuoteIdentifier(schema), ".", QuoteIdentifier(name));
}

std::string QuoteLiteral(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

}  // namespace tenantry::schema
