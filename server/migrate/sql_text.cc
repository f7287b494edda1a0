#include "server/migrate/sql_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using Kind = SqlToken::Kind;

bool IsNameStart(char c) { return absl::ascii_isalpha(c) || c == '_' || (c & 0x80) != 0; }
bool IsNamePart(char c) { return IsNameStart(c) || absl::ascii_isdigit(c) || c == '$'; }

class Lexer {
 public:
  explicit Lexer(absl::string_view sql) : sql_(sql) {}

  std::vector<SqlToken> Run() {
    while (at_ < sql_.size()) {
      const std::size_t begin = at_;
      if (SkipBlank()) continue;
      const SqlToken::Kind kind = Next();
      Push(kind, begin);
    }
    return std::move(tokens_);
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
  }

  bool SkipBlank() {
    if (absl::ascii_isspace(Peek())) return ++at_, true;
    if (Peek() == '-' && Peek(1) == '-') return JumpBehind("\n"), true;
    if (Peek() != '/' || Peek(1) != '*') return false;
    int depth = 0;
    do {
      const bool opens = Peek() == '/' && Peek(1) == '*';
      const bool closes = Peek() == '*' && Peek(1) == '/';
      depth += opens ? 1 : closes ? -1 : 0;
      at_ += opens || closes ? 2 : 1;
    } while (depth > 0 && at_ < sql_.size());
    return true;
  }

  void JumpBehind(absl::string_view mark) {
    const std::size_t found = sql_.find(mark, at_);
    at_ = found == absl::string_view::npos ? sql_.size() : found + mark.size();
  }

  // Behind the closing quote; a doubled one is part of the text, and so is what a backslash
  // escapes.
  void JumpOverQuoted(char quote, bool backslashes) {
    for (++at_; at_ < sql_.size(); ++at_) {
      if (backslashes && Peek() == '\\') {
        ++at_;
      } else if (Peek() == quote && Peek(1) == quote) {
        ++at_;
      } else if (Peek() == quote) {
        ++at_;
        return;
      }
    }
    at_ = sql_.size();
  }

  Kind Next() {
    const char c = Peek();
    if (c == '\'') return JumpOverQuoted('\'', false), Kind::kLiteral;
    if (c == '"') return JumpOverQuoted('"', false), Kind::kName;
    if ((c == 'e' || c == 'E' || c == 'b' || c == 'B' || c == 'x' || c == 'X') && Peek(1) == '\'') {
      ++at_;
      return JumpOverQuoted('\'', c == 'e' || c == 'E'), Kind::kLiteral;
    }
    if (IsNameStart(c)) {
      while (at_ < sql_.size() && IsNamePart(Peek())) ++at_;
      return Kind::kName;
    }
    if (absl::ascii_isdigit(c)) {
      while (at_ < sql_.size() && (IsNamePart(Peek()) || Peek() == '.')) ++at_;
      return Kind::kNumber;
    }
    if (c == '$') return DollarQuoted() ? Kind::kLiteral : Kind::kSymbol;
    at_ += c == ':' && Peek(1) == ':' ? 2 : 1;
    return Kind::kSymbol;
  }

  // $tag$ ... $tag$
  bool DollarQuoted() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && IsNamePart(sql_[end]) && sql_[end] != '$') ++end;
    if (end >= sql_.size() || sql_[end] != '$') return ++at_, false;
    const absl::string_view tag = sql_.substr(at_, end + 1 - at_);
    at_ = end + 1;
    JumpBehind(tag);
    return true;
  }

  void Push(Kind kind, std::size_t begin) {
    std::string text(sql_.substr(begin, at_ - begin));
    if (kind == Kind::kName && text.front() == '"') {
      text = absl::StrReplaceAll(text.substr(1, text.size() - (text.size() > 1 ? 2 : 1)),
                                 {{"\"\"", "\""}});
    } else if (kind == Kind::kName) {
      absl::AsciiStrToLower(&text);
    }
    tokens_.push_back({kind, std::move(text), begin, at_});
  }

  absl::string_view sql_;
  std::size_t at_ = 0;
  std::vector<SqlToken> tokens_;
};

bool Is(const std::vector<SqlToken>& tokens, std::size_t i, absl::string_view symbol) {
  return i < tokens.size() && tokens[i].kind == Kind::kSymbol && tokens[i].text == symbol;
}

bool IsName(const std::vector<SqlToken>& tokens, std::size_t i) {
  return i < tokens.size() && tokens[i].kind == Kind::kName;
}

}  // namespace

std::vector<SqlToken> SqlTokens(absl::string_view sql) { return Lexer(sql).Run(); }

bool SameSql(absl::string_view a, absl::string_view b) {
  return a == b || SqlTokens(a) == SqlTokens(b);
}

bool Mentions(absl::string_view sql, absl::string_view name) {
  if (!absl::StrContains(sql, name)) return false;
  for (const SqlToken& token : SqlTokens(sql)) {
    if (token.kind == Kind::kName && token.text == name) return true;
  }
  return false;
}

std::string Carry(const std::string& sql, const Renames& renames) {
  if (renames.columns.empty() && renames.types.empty() && renames.labels.empty()) return sql;
  const std::vector<SqlToken> tokens = SqlTokens(sql);
  std::string out;
  std::size_t copied = 0;
  auto replace = [&](const SqlToken& first, const SqlToken& last, const std::string& text) {
    absl::StrAppend(&out, absl::string_view(sql).substr(copied, first.begin - copied), text);
    copied = last.end;
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == Kind::kLiteral && Is(tokens, i + 1, "::") && IsName(tokens, i + 2) &&
        Is(tokens, i + 3, ".") && IsName(tokens, i + 4)) {
      auto type = renames.labels.find({tokens[i + 2].text, tokens[i + 4].text});
      if (type == renames.labels.end()) continue;
      for (const auto& [from, to] : type->second) {
        if (tokens[i].text != schema::QuoteLiteral(from)) continue;
        replace(tokens[i], tokens[i], schema::QuoteLiteral(to));
        break;
      }
      continue;
    }
    if (!IsName(tokens, i) || (i > 0 && Is(tokens, i - 1, "."))) continue;
    if (Is(tokens, i + 1, ".") && IsName(tokens, i + 2)) {
      auto type = renames.types.find({tokens[i].text, tokens[i + 2].text});
      if (type == renames.types.end()) continue;
      replace(tokens[i], tokens[i + 2],
              schema::QuoteQualified(type->second.first, type->second.second));
    } else if (!Is(tokens, i + 1, "(") && !Is(tokens, i + 1, ".") &&
               !(i > 0 && Is(tokens, i - 1, "::"))) {
      auto column = renames.columns.find(tokens[i].text);
      if (column == renames.columns.end()) continue;
      replace(tokens[i], tokens[i], schema::QuoteIdentifier(column->second));
    }
  }
  return out + sql.substr(copied);
}

}  // namespace tenantry::migrate
