#include "server/schema/pattern.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "re2/re2.h"
#include "server/base/utf8.h"

namespace tenantry::schema {
namespace {

using Node = Pattern::Node;
using Ranges = std::vector<std::pair<char32_t, char32_t>>;

constexpr std::size_t kBytesMax = 4096;
constexpr int kRepeatMax = 255;  // as PostgreSQL has it (DUPMAX)
// Copies of one part, when repetitions stand within each other. RE2 has the same limit.
constexpr int kCopiesMax = 1000;
constexpr int kDepthMax = 50;
constexpr char32_t kLastCodePoint = 0x10FFFF;

// RE2's \d, \w and \s.
const Ranges& ClassOf(char letter) {
  static const Ranges digits = {{'0', '9'}};
  static const Ranges words = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  static const Ranges spaces = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
  return letter == 'd' ? digits : letter == 'w' ? words : spaces;
}

// In order, and joined where they touch.
void Settle(Ranges& ranges) {
  std::sort(ranges.begin(), ranges.end());
  Ranges joined;
  for (const auto& range : ranges) {
    if (!joined.empty() && range.first <= joined.back().second + 1) {
      joined.back().second = std::max(joined.back().second, range.second);
    } else {
      joined.push_back(range);
    }
  }
  ranges = std::move(joined);
}

// What the ranges leave out.
Ranges Rest(const Ranges& ranges) {
  Ranges rest;
  char32_t next = 1;  // no text has U+0000
  for (const auto& [first, last] : ranges) {
    if (first > next) rest.emplace_back(next, first - 1);
    next = last + 1;
  }
  if (next <= kLastCodePoint) rest.emplace_back(next, kLastCodePoint);
  return rest;
}

// The recursive descent of `choice = sequence {"|" sequence}`.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<Node> Parse() {
    Node root = Choice(0);
    if (error_.empty() && at_ < text_.size()) Fail("has a `)` too many");
    if (!error_.empty()) return absl::InvalidArgumentError(error_);
    return root;
  }

 private:
  bool failed() const { return !error_.empty(); }
  bool done() const { return at_ >= text_.size() || failed(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool Take(std::string_view what) {
    if (failed() || text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  void Fail(absl::string_view why) {
    if (error_.empty()) error_ = absl::StrCat(why, ", at character ", Position());
  }
  std::size_t Position() const { return Utf8Length(text_.substr(0, at_)) + 1; }

  Node Choice(int depth) {
    Node choice;
    choice.kind = Node::Kind::kChoice;
    if (depth > kDepthMax) Fail("has too many groups within each other");
    do {
      choice.nodes.push_back(Sequence(depth));
    } while (Take("|"));
    if (choice.nodes.size() > 1) return choice;
    Node only = std::move(choice.nodes.front());
    return only;
  }

  Node Sequence(int depth) {
    Node sequence;
    while (!done() && peek() != '|' && peek() != ')') {
      Node part = Part(depth);
      Repeat(part);
      sequence.nodes.push_back(std::move(part));
    }
    return sequence;
  }

  Node Part(int depth) {
    if (Take("(")) return Group(depth);
    if (Take("[")) return Set();
    if (Take(".")) return SetOf({{'\n', '\n'}}, true);
    if (Take("\\")) return Escape();
    switch (peek()) {
      case '*':
      case '+':
      case '?':
        Fail("has a repetition of nothing");
        return {};
      case '{':
        Fail("has a `{` that repeats nothing: write \\{ for the character");
        return {};
      case '^':
      case '$':
        Fail(
            "has an anchor within it: it is matched as a whole anyway; write \\^ or \\$ for the "
            "character");
        return {};
      default:
        return One(Character());
    }
  }

  Node Group(int depth) {
    if (!Take("?:") && peek() == '?') {
      Fail("has a group that begins with (?: of those, (?: alone is possible");
    }
    Node group = Choice(depth + 1);
    if (!Take(")")) Fail("lacks a `)`");
    return group;
  }

  // The repetition that comes next.
  std::optional<std::pair<int, int>> Times() {
    if (Take("*")) return std::pair{0, -1};
    if (Take("+")) return std::pair{1, -1};
    if (Take("?")) return std::pair{0, 1};
    if (!Take("{")) return std::nullopt;
    const int least = Number();
    int most = least;
    if (Take(",")) most = peek() == '}' ? -1 : Number();
    if (!Take("}")) Fail("has a repetition other than {n}, {n,} and {n,m}");
    if (most >= 0 && most < least) Fail("has a repetition {n,m} whose m is less than n");
    return std::pair{least, most};
  }

  int Number() {
    int number = 0;
    if (!absl::ascii_isdigit(static_cast<unsigned char>(peek()))) {
      Fail("has a repetition other than {n}, {n,} and {n,m}");
    }
    while (absl::ascii_isdigit(static_cast<unsigned char>(peek())) && number <= kRepeatMax) {
      number = number * 10 + (text_[at_++] - '0');
    }
    if (number > kRepeatMax) {
      Fail(absl::StrCat("repeats more than ", kRepeatMax,
                        " times: PostgreSQL does not. Use max_length for the length of a text"));
    }
    return number;
  }

  void Repeat(Node& part) {
    const auto times = Times();
    if (!times || failed()) return;
    if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{') {
      return Fail("has a repetition of a repetition: a whole match needs none, lazy ones neither");
    }
    Node repeat;
    repeat.kind = Node::Kind::kRepeat;
    repeat.nodes.push_back(std::move(part));
    repeat.least = times->first;
    repeat.most = times->second;
    part = std::move(repeat);
  }

  // One code point.
  char32_t Character() {
    const auto lead = static_cast<unsigned char>(text_[at_]);
    const int size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t code = size == 1 ? lead : lead & (0xFF >> (size + 1));
    for (int i = 1; i < size; ++i) {
      code = code << 6 | (static_cast<unsigned char>(text_[at_ + i]) & 0x3F);
    }
    at_ += static_cast<std::size_t>(size);
    return code;
  }

  static Node SetOf(Ranges ranges, bool negated) {
    Node node;
    node.kind = Node::Kind::kSet;
    node.ranges = std::move(ranges);
    node.negated = negated;
    return node;
  }
  static Node One(char32_t character) { return SetOf({{character, character}}, false); }

  // Behind a backslash, outside of a set.
  Node Escape() {
    const bool negated = absl::ascii_isupper(static_cast<unsigned char>(peek()));
    if (const std::optional<Ranges> all = Class()) {
      return SetOf(negated ? Rest(*all) : *all, negated);
    }
    return One(EscapedCharacter());
  }

  // \d, \W and the like.
  std::optional<Ranges> Class() {
    const char letter = peek();
    const char lower = absl::ascii_tolower(static_cast<unsigned char>(letter));
    if (lower != 'd' && lower != 'w' && lower != 's') return std::nullopt;
    ++at_;
    return letter == lower ? ClassOf(lower) : Rest(ClassOf(lower));
  }

  char32_t EscapedCharacter() {
    const char letter = peek();
    if (at_ >= text_.size()) Fail("ends with a backslash");
    if (failed()) return 1;
    constexpr std::array<std::pair<char, char>, 5> kControls = {
        {{'t', '\t'}, {'n', '\n'}, {'r', '\r'}, {'f', '\f'}, {'v', '\v'}}};
    for (const auto& [name, control] : kControls) {
      if (!Take(std::string_view(&name, 1))) continue;
      return static_cast<char32_t>(control);
    }
    if (absl::ascii_ispunct(static_cast<unsigned char>(letter))) {
      ++at_;
      return static_cast<char32_t>(letter);
    }
    Fail(absl::StrCat("has the escape \\", absl::string_view(&letter, 1),
                      ", which RE2 and PostgreSQL do not read in the same way: write a set such as "
                      "[A-Za-z], or the character itself"));
    return 1;
  }

  Node Set() {
    Node set = SetOf({}, Take("^"));
    const std::size_t begin = at_;
    while (!done() && peek() != ']') Member(set.ranges, at_ == begin);
    if (!Take("]")) Fail("lacks a `]`");
    if (set.ranges.empty()) Fail("has an empty set: write \\] for the character");
    Settle(set.ranges);
    if (Rest(set.ranges).empty()) Fail("has a set of all characters: write (.|\\n)");
    return set;
  }

  void Member(Ranges& ranges, bool is_first) {
    const bool hyphen = peek() == '-';
    const bool escaped = Take("\\");
    if (escaped) {
      if (const std::optional<Ranges> all = Class()) {
        ranges.insert(ranges.end(), all->begin(), all->end());
        return;
      }
    }
    const char32_t first = SetCharacter(escaped);
    if (failed()) return;
    const bool is_range = peek() == '-' && text_.substr(at_, 2) != "-]";
    if (hyphen && !is_first && peek() != ']') Fail("has a `-` within a set: write \\-");
    if (!is_range || failed()) {
      ranges.emplace_back(first, first);
      return;
    }
    ++at_;
    const char32_t last = SetCharacter(Take("\\"));
    if (last < first) Fail("has a range whose end is before its beginning");
    ranges.emplace_back(first, last);
  }

  char32_t SetCharacter(bool escaped) {
    if (escaped) return EscapedCharacter();
    if (done()) {
      Fail("lacks a `]`");
      return 1;
    }
    if (peek() == '[') {
      Fail(
          "has a `[` within a set: write \\[ for the character, and a range such as a-z for a "
          "class");
    }
    return Character();
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

// How often repetitions within each other make one part, at most.
int CopiesOf(const Node& node) {
  int copies = 1;
  for (const Node& part : node.nodes) copies = std::max(copies, CopiesOf(part));
  if (node.kind != Node::Kind::kRepeat) return copies;
  return std::min(copies * std::max({1, node.least, node.most}), kCopiesMax + 1);
}

// --- as PostgreSQL reads it ---

void AppendCharacter(char32_t c, std::string& out) {
  if (c < 0x80 && absl::ascii_isalnum(static_cast<unsigned char>(c))) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x80 && absl::ascii_ispunct(static_cast<unsigned char>(c))) {
    out.push_back('\\');
    out.push_back(static_cast<char>(c));
  } else if (c == ' ') {
    out.push_back(' ');
  } else if (c <= 0xFFFF) {
    absl::StrAppendFormat(&out, "\\u%04X", static_cast<unsigned>(c));
  } else {
    absl::StrAppendFormat(&out, "\\U%08X", static_cast<unsigned>(c));
  }
}

void AppendSet(const Node& set, std::string& out) {
  if (!set.negated && set.ranges.size() == 1 && set.ranges[0].first == set.ranges[0].second) {
    return AppendCharacter(set.ranges[0].first, out);
  }
  out += set.negated ? "[^" : "[";
  for (const auto& [first, last] : set.ranges) {
    AppendCharacter(first, out);
    if (last == first) continue;
    if (last > first + 1) out.push_back('-');
    AppendCharacter(last, out);
  }
  out.push_back(']');
}

void Append(const Node& node, std::string& out);

void AppendGroup(const Node& node, std::string& out) {
  out += "(?:";
  Append(node, out);
  out.push_back(')');
}

void AppendRepeat(const Node& repeat, std::string& out) {
  const Node& node = repeat.nodes[0];
  if (node.kind == Node::Kind::kSet) {
    AppendSet(node, out);
  } else {
    AppendGroup(node, out);
  }
  if (repeat.most == -1 && repeat.least <= 1) {
    out.push_back(repeat.least == 0 ? '*' : '+');
  } else if (repeat.most == 1 && repeat.least == 0) {
    out.push_back('?');
  } else if (repeat.most == repeat.least) {
    absl::StrAppend(&out, "{", repeat.least, "}");
  } else {
    absl::StrAppend(&out, "{", repeat.least, ",",
                    repeat.most == -1 ? "" : absl::StrCat(repeat.most), "}");
  }
}

void Append(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kSet:
      return AppendSet(node, out);
    case Node::Kind::kRepeat:
      return AppendRepeat(node, out);
    case Node::Kind::kSequence:
      for (const Node& part : node.nodes) {
        part.kind == Node::Kind::kChoice || part.kind == Node::Kind::kSequence
            ? AppendGroup(part, out)
            : Append(part, out);
      }
      return;
    case Node::Kind::kChoice:
      for (std::size_t i = 0; i < node.nodes.size(); ++i) {
        if (i > 0) out.push_back('|');
        Append(node.nodes[i], out);
      }
  }
}

std::string SqlOf(const Node& root) {
  std::string sql = "^(?:";
  Append(root, sql);
  return absl::StrCat(sql, ")$");
}

// Anchors around all of it say nothing. `\$` at the end is a character.
std::string_view WithoutAnchors(std::string_view text) {
  if (text.starts_with('^')) text.remove_prefix(1);
  if (!text.ends_with('$')) return text;
  const std::size_t before = text.find_last_not_of('\\', text.size() - 2);
  const std::size_t slashes = text.size() - 2 - (before == text.npos ? std::size_t(-1) : before);
  if (text.size() == 1 || slashes % 2 == 0) text.remove_suffix(1);
  return text;
}

}  // namespace

Pattern::Pattern(std::string text, Node root)
    : text_(std::move(text)), sql_(SqlOf(root)), root_(std::move(root)) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  re2_ = std::make_unique<re2::RE2>(text_, options);
}

Pattern::~Pattern() = default;

absl::StatusOr<std::shared_ptr<const Pattern>> Pattern::Compile(std::string_view text) {
  if (!IsValidUtf8(text) || HasNul(text)) {
    return absl::InvalidArgumentError("must be valid UTF-8 without NUL");
  }
  if (text.size() > kBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("has more than ", kBytesMax, " bytes"));
  }
  text = WithoutAnchors(text);
  absl::StatusOr<Node> root = Parser(text).Parse();
  if (!root.ok()) return root.status();
  if (CopiesOf(*root) > kCopiesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("repeats a part more than ", kCopiesMax, " times in all"));
  }
  std::shared_ptr<const Pattern> pattern(new Pattern(std::string(text), *std::move(root)));
  if (!pattern->re2_->ok()) {
    return absl::InvalidArgumentError(absl::StrCat("is refused by RE2: ", pattern->re2_->error()));
  }
  return pattern;
}

bool Pattern::Matches(std::string_view text) const {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *re2_);
}

}  // namespace tenantry::schema
