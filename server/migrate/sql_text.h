// SQL expressions as tokens: to compare them and to carry them over a rename.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace tenantry::migrate {

struct SqlToken {
  enum class Kind { kName, kLiteral, kNumber, kSymbol };
  Kind kind;
  // A name without quotes (in lower case where it had none), a literal with them.
  std::string text;
  // Where it is in the text.
  std::size_t begin = 0, end = 0;
  friend bool operator==(const SqlToken& a, const SqlToken& b) {
    return a.kind == b.kind && a.text == b.text;
  }
};

// Blanks and comments are left out. A text that ends within a literal gives what there is.
std::vector<SqlToken> SqlTokens(absl::string_view sql);

// The same tokens: blanks, comments, and the case of names without quotes do not count.
bool SameSql(absl::string_view a, absl::string_view b);

// Whether the expression has the name, as a column's for example.
bool Mentions(absl::string_view sql, absl::string_view name);

// What has new names. PostgreSQL carries the expressions that it keeps over by itself; this does
// the same with their text.
struct Renames {
  using Qualified = std::pair<std::string, std::string>;  // namespace, name
  std::map<std::string, std::string> columns;
  std::map<Qualified, Qualified> types;
  // Labels of enum types, by the type's old name.
  std::map<Qualified, std::map<std::string, std::string>> labels;
};

// A name that a `(` or a `.` follows is no column, and neither is one behind `::`. A literal is a
// label where it is cast to an enum type: `'open'::"saas"."state"`.
std::string Carry(const std::string& sql, const Renames& renames);

}  // namespace tenantry::migrate
