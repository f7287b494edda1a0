// Regular expressions that RE2 and PostgreSQL read in the same way.
//
// The server matches by RE2, in time that grows with the text alone. The table's CHECK matches by
// PostgreSQL's own expressions ("Advanced Regular Expressions" of its manual, 9.7.3), which differ:
// \w and \d go by the locale there, `.` takes a newline, and most of Perl's additions are missing.
// So what both have is parsed here, and written anew for PostgreSQL with nothing left to its
// locale. Everything else is refused, with what to write in its place.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace re2 {
class RE2;
}

namespace tenantry::schema {

class Pattern {
 public:
  // A part of the expression, as tests need it that make texts which match.
  struct Node {
    enum class Kind { kSet, kSequence, kChoice, kRepeat };
    Kind kind = Kind::kSequence;
    // Of a set: ranges of code points, both ends included, in order and apart. A character is a set
    // of one.
    std::vector<std::pair<char32_t, char32_t>> ranges;
    bool negated = false;     // the set is all the rest
    std::vector<Node> nodes;  // of the others; a repeat has one
    int least = 1;            // of a repeat
    int most = 1;             // -1: any number
  };

  // The message of the status says what is wrong with the expression.
  static absl::StatusOr<std::shared_ptr<const Pattern>> Compile(std::string_view text);
  ~Pattern();

  // Whether all of the text, which is UTF-8, is what the expression says. Thread-safe.
  bool Matches(std::string_view text) const;

  // As RE2 reads it, without anchors.
  const std::string& text() const { return text_; }
  // As PostgreSQL reads it, with anchors.
  const std::string& sql() const { return sql_; }
  const Node& root() const { return root_; }

 private:
  Pattern(std::string text, Node root);

  std::string text_;
  std::string sql_;
  Node root_;
  std::unique_ptr<re2::RE2> re2_;
};

}  // namespace tenantry::schema
