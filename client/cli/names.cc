#include "client/cli/names.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace tenantry::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

bool IsUpper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

// "ContactType" -> "CONTACT_TYPE_": what the names of its values begin with by custom.
std::string Prefix(const EnumDescriptor& type) {
  return absl::AsciiStrToUpper(absl::StrReplaceAll(Kebab(type.name()), {{"-", "_"}})) + "_";
}

// Edits (insert, delete, replace, swap neighbours) from one to the other.
std::size_t Distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t replace = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string Kebab(const std::string& name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    // A capital begins a word, except inside an abbreviation: "SQLQuery" is sql-query.
    const bool after_lower = i > 0 && !IsUpper(name[i - 1]) && name[i - 1] != '_';
    const bool before_lower = i > 0 && i + 1 < name.size() && IsUpper(name[i - 1]) &&
                              std::islower(static_cast<unsigned char>(name[i + 1])) != 0;
    if (IsUpper(c) && (after_lower || before_lower)) out += '-';
    out += c == '_' ? '-' : absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return out;
}

std::string Snake(const std::string& name) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(name, {{"-", "_"}}));
}

std::string ShortName(const EnumValueDescriptor& value) {
  const std::string prefix = Prefix(*value.type());
  const std::string& name = value.name();
  const bool prefixed = name.starts_with(prefix) && name.size() > prefix.size();
  return absl::AsciiStrToLower(prefixed ? name.substr(prefix.size()) : name);
}

const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type, const std::string& text) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number)) return type.FindValueByNumber(number);
  const std::string wanted = Snake(text);
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor* value = type.value(i);
    if (absl::AsciiStrToLower(value->name()) == wanted || ShortName(*value) == wanted) return value;
  }
  return nullptr;
}

std::string ListValues(const EnumDescriptor& type) {
  std::string out;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0 && type.value_count() > 1) continue;
    absl::StrAppend(&out, out.empty() ? "" : ", ", ShortName(*type.value(i)));
  }
  return out;
}

std::string Nearest(const std::string& name, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = Distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string DidYouMean(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(name, candidates);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

}  // namespace tenantry::cli
