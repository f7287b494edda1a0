#include "tests/support/pattern_texts.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace tenantry::test {
namespace {

using Node = schema::Pattern::Node;

std::size_t Pick(std::mt19937& random, std::size_t count) { return random() % count; }

void AppendUtf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

bool Has(const Node& set, char32_t c) {
  bool within = false;
  for (const auto& [first, last] : set.ranges) within = within || (c >= first && c <= last);
  return within != set.negated;
}

// Characters at which readers of expressions differ.
constexpr char32_t kOdd[] = {'a',   'z',    'A',    'Z',    '0',    '9',    '_',     '-',     '.',
                             ' ',   '\t',   '\n',   '\v',   '\f',   '\r',   0x1F,    0x7F,    '^',
                             '$',   '\\',   '[',    ']',    '{',    '}',    '(',     ')',     '|',
                             '*',   '+',    '?',    '/',    '\'',   '"',    '@',     '%',     0x85,
                             0xA0,  0xB2,   0xE4,   0xC4,   0xDF,   0x130,  0x131,   0x17F,   0x301,
                             0x660, 0x2028, 0x3000, 0x4F60, 0xFEFF, 0xFFFD, 0x1F989, 0x10FFFF};

char32_t OddCharacter(std::mt19937& random) { return kOdd[Pick(random, std::size(kOdd))]; }

char32_t Member(const Node& set, std::mt19937& random) {
  if (set.negated) {
    const std::size_t begin = Pick(random, std::size(kOdd));
    for (std::size_t i = 0; i < std::size(kOdd); ++i) {
      const char32_t c = kOdd[(begin + i) % std::size(kOdd)];
      if (Has(set, c)) return c;
    }
    char32_t c = 1;
    while (!Has(set, c)) ++c;
    return c;
  }
  const auto& [first, last] = set.ranges[Pick(random, set.ranges.size())];
  const std::size_t size = last - first + 1;
  const char32_t c = first + static_cast<char32_t>(Pick(random, size));
  return c >= 0xD800 && c <= 0xDFFF ? first : c;
}

void Append(const Node& node, std::mt19937& random, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kSet:
      return AppendUtf8(Member(node, random), out);
    case Node::Kind::kSequence:
      for (const Node& part : node.nodes) Append(part, random, out);
      return;
    case Node::Kind::kChoice:
      return Append(node.nodes[Pick(random, node.nodes.size())], random, out);
    case Node::Kind::kRepeat: {
      const int most = node.most < 0 ? node.least + 3 : node.most;
      const int times = node.least + static_cast<int>(Pick(random, most - node.least + 1));
      for (int i = 0; i < times; ++i) Append(node.nodes[0], random, out);
    }
  }
}

// --- expressions ---

std::string Escaped(std::mt19937& random) {
  static const char* const kEscapes[] = {"\\d",  "\\D", "\\w", "\\W", "\\s", "\\S", "\\.", "\\-",
                                         "\\\\", "\\]", "\\^", "\\$", "\\n", "\\t", "\\/", "\\'"};
  return kEscapes[Pick(random, std::size(kEscapes))];
}

std::string SetAtRandom(std::mt19937& random) {
  static const char* const kMembers[] = {
      "a",       "z",   "A-Z", "a-z",     "0-9",
      "_",       ".",   "$",   "*",       "(",
      "|",       "{",   "'",   "\"",      " ",
      "\\n-\\r", "!-~", "ä-ü", "\\[-\\]", "\xF0\x9F\xA6\x80-\xF0\x9F\xA6\x90",
      "ß",       "^",   "@",   "%"};
  std::string set = Pick(random, 3) == 0 ? "[^" : "[";
  if (Pick(random, 8) == 0) set += '-';
  for (std::size_t n = 1 + Pick(random, 3); n > 0; --n) {
    const bool first = set == "[" || set == "[^";
    std::string member =
        Pick(random, 4) == 0 ? Escaped(random) : kMembers[Pick(random, std::size(kMembers))];
    set += first && member == "^" ? "\\^" : member;
  }
  if (Pick(random, 8) == 0) set += '-';
  return set + "]";
}

std::string ChoiceAtRandom(std::mt19937& random, int depth);

std::string PartAtRandom(std::mt19937& random, int depth) {
  static const char* const kPlain[] = {"a", "b", "Z", "0",  "_", "-", " ", "ä", "\xF0\x9F\xA6\x89",
                                       "@", "/", "'", "\"", ":", "]", "}", "%", ","};
  switch (Pick(random, depth > 2 ? 4 : 6)) {
    case 0:
      return Escaped(random);
    case 1:
      return SetAtRandom(random);
    case 2:
      return ".";
    case 3:
      return kPlain[Pick(random, std::size(kPlain))];
    case 4:
      return absl::StrCat("(", ChoiceAtRandom(random, depth + 1), ")");
    default:
      return absl::StrCat("(?:", ChoiceAtRandom(random, depth + 1), ")");
  }
}

std::string ChoiceAtRandom(std::mt19937& random, int depth) {
  static const char* const kTimes[] = {"",  "",    "",     "",      "*",  "+",
                                       "?", "{2}", "{1,}", "{0,3}", "{0}"};
  std::string choice;
  for (std::size_t branch = 1 + Pick(random, 2); branch > 0; --branch) {
    if (!choice.empty()) choice += '|';
    for (std::size_t n = Pick(random, 4); n > 0; --n) {
      choice += PartAtRandom(random, depth) + kTimes[Pick(random, std::size(kTimes))];
    }
  }
  return choice;
}

}  // namespace

std::string TextOf(const schema::Pattern& pattern, std::mt19937& random) {
  std::string text;
  Append(pattern.root(), random, text);
  return text;
}

std::string Spoilt(std::string text, std::mt19937& random) {
  std::size_t at = Pick(random, text.size() + 1);
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  std::string odd;
  AppendUtf8(OddCharacter(random), odd);
  switch (at < text.size() ? Pick(random, 4) : 0) {
    case 0:
      return text.insert(at, odd);
    case 1:
      return text.replace(at, end - at, odd);
    case 2:
      return text.erase(at, end - at);
    default:
      return text.insert(at, text.substr(at, end - at));
  }
}

std::string PatternAtRandom(std::mt19937& random) { return ChoiceAtRandom(random, 0); }

}  // namespace tenantry::test
