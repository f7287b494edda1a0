#include "server/plan/shapes.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace tenantry::plan {

std::string Shape::Line() const {
  return absl::StrCat(method, " ", key, " ", absl::StrReplaceAll(sql, {{"\n", " "}}));
}

absl::StatusOr<ShapeList> ShapeList::Parse(std::string_view text) {
  ShapeList list;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    std::string key;
    if (words.size() < 2 || !absl::StartsWith(words[0], "/") ||
        !absl::WebSafeBase64Unescape(words[1], &key) || key.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, " is no shape: METHOD KEY SQL"));
    }
    list.Add({words[0], words[1], ""});
  }
  return list;
}

}  // namespace tenantry::plan
