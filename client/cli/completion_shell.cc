// What shells need for completion: their scripts, and bash's ways with words.
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "client/cli/completion.h"

namespace tenantry::cli {
namespace {

// bash cuts words at `=` and `:` too, so the program gets the line and cuts it itself. Commands of
// bash 3.2, which has no mapfile and no compopt, do as well.
constexpr char kBash[] = R"(# source <(tenantry completion bash)
_tenantry() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    [[ $word == *' ' ]] || compopt -o nospace 2>/dev/null
    COMPREPLY+=("${word% }")
  done < <("${1/#\~/$HOME}" __complete --readline "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -F _tenantry tenantry
)";

constexpr char kZsh[] = R"(#compdef tenantry
# source <(tenantry completion zsh), behind compinit; or a file _tenantry in a folder of $fpath
_tenantry() {
  local line word
  local -a ended ended_shown begun begun_shown
  for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    word=${line%%$'\t'*}
    [[ -n $word ]] || continue
    line=${line#*$'\t'}
    if [[ $word == *' ' ]]; then
      word=${word% }
      ended+=("$word")
      ended_shown+=("$word${line:+  -- $line}")
    else
      begun+=("$word")
      begun_shown+=("$word${line:+  -- $line}")
    fi
  done
  (( $#begun )) && compadd -S '' -l -d begun_shown -a -- begun
  (( $#ended )) && compadd -l -d ended_shown -a -- ended
}
if [[ $funcstack[1] == _tenantry ]]; then
  _tenantry "$@"
else
  compdef _tenantry tenantry
fi
)";

// fish itself adds no space behind `=`, `.`, `,`, `/` and the like.
constexpr char kFish[] = R"(# tenantry completion fish | source
function __tenantry_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct | string replace -r '^[\'"]' '' | string unescape --style=script)
  $words[1] __complete -- $words[2..-1] "$current" 2>/dev/null | string replace -r ' (\t|$)' '$1'
end
complete -c tenantry -f -a '(__tenantry_complete)'
)";

// Where in a word as it was typed that begins which readline replaces: behind the last unquoted
// character of `breaks`, and at an `@`, which it counts in (rl_special_prefixes).
std::size_t BeginOfReplaced(const std::string& raw, const std::string& breaks) {
  std::size_t begin = 0;
  char quote = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (quote != '\'' && raw[i] == '\\') {
      ++i;
    } else if (quote != 0) {
      if (raw[i] == quote) quote = 0;
    } else if (raw[i] == '\'' || raw[i] == '"') {
      quote = raw[i];
    } else if (breaks.find(raw[i]) != std::string::npos) {
      begin = raw[i] == '@' ? i : i + 1;
    }
  }
  return begin;
}

// The text with a backslash before what a shell would take for its own.
std::string Escaped(const std::string& text, char quote) {
  constexpr char kInWords[] = " \t\n\\'\"`$&|;()<>*?[]{}!#~";
  const std::string special = quote == '"' ? "\\\"`$" : quote == '\'' ? "" : kInWords;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // These two mean something at the beginning of a word alone.
    const bool harmless = (text[i] == '#' || text[i] == '~') && i > 0;
    if (!harmless && special.find(text[i]) != std::string::npos) out.push_back('\\');
    out.push_back(text[i]);
  }
  return out;
}

}  // namespace

std::optional<std::string> CompletionScript(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return std::nullopt;
}

BegunLine SplitLine(const std::string& line) {
  BegunLine begun;
  begun.words.emplace_back();
  std::string& raw = begun.raw;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    std::string& word = begun.words.back();
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (begun.quote == 0 && blank) {
      if (!raw.empty()) begun.words.emplace_back();
      raw.clear();
      continue;
    }
    raw.push_back(c);
    const bool has_next = i + 1 < line.size();
    if (begun.quote == 0 && (c == '\'' || c == '"')) {
      begun.quote = c;
    } else if (begun.quote != 0 && c == begun.quote) {
      begun.quote = 0;
    } else if (c == '\\' && begun.quote != '\'') {
      if (has_next) raw.push_back(line[++i]);
      if (has_next) word.push_back(line[i]);
    } else {
      word.push_back(c);
    }
  }
  return begun;
}

std::string ForReadline(const Candidate& candidate, const BegunLine& line,
                        const std::string& word_breaks) {
  const char* const space = candidate.ends ? " " : "";
  // Within quotes readline cuts nothing but the quote itself, if the word begins with it.
  if (line.quote != 0 && line.raw.find(line.quote) == 0) {
    return absl::StrCat(Escaped(candidate.text, line.quote), space);
  }
  // What stands before the break is typed and stays; as many characters of it are in the candidate.
  const std::size_t kept = BeginOfReplaced(line.raw, word_breaks);
  const BegunLine before = SplitLine(line.raw.substr(0, kept));
  const std::size_t cut = before.words.back().size();
  if (cut > candidate.text.size()) return "";
  return absl::StrCat(Escaped(candidate.text.substr(cut), line.quote), space);
}

std::optional<CompletionRequest> CompletionRequestOf(const std::vector<std::string>& words) {
  std::size_t at = 0;
  while (at < words.size() && words[at] != "__complete") ++at;
  if (at + 1 >= words.size()) return std::nullopt;
  CompletionRequest request;
  if (words[at + 1] == "--readline" && at + 4 == words.size()) {
    request.line = SplitLine(words[at + 2]);
    request.line.words.erase(request.line.words.begin());  // this program
    request.word_breaks = words[at + 3];
  } else {
    request.line.words.assign(words.begin() + at + 2, words.end());
  }
  if (request.line.words.empty()) request.line.words.emplace_back();
  std::vector<std::string> known(words.begin(), words.begin() + at);
  known.insert(known.end(), request.line.words.begin(), request.line.words.end() - 1);
  // A flag whose value is being typed has none yet.
  for (; !known.empty(); known.pop_back()) {
    if (auto arguments = ParseArguments(known); arguments.ok()) {
      request.arguments = *std::move(arguments);
      break;
    }
  }
  request.arguments.rest = {"__complete"};
  request.arguments.help = request.arguments.version = false;
  return request;
}

std::string CompletionLines(const CompletionRequest& request, const CompletionSources& sources) {
  std::string out;
  for (const Candidate& candidate : Completions(sources, request.line.words)) {
    if (request.word_breaks) {
      absl::StrAppend(&out, ForReadline(candidate, request.line, *request.word_breaks), "\n");
    } else {
      absl::StrAppend(&out, candidate.text, candidate.ends ? " " : "", "\t", candidate.doc, "\n");
    }
  }
  return out;
}

}  // namespace tenantry::cli
