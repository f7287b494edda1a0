// Completion of commands in a shell.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/arguments.h"
#include "client/cli/catalog.h"
#include "client/cpp/settings.h"

namespace tenantry::cli {

// A script for bash, zsh or fish, which asks `tenantry __complete` for candidates; nothing for
// another shell.
std::optional<std::string> CompletionScript(const std::string& shell);

// What candidates are taken from.
struct CompletionSources {
  const Catalog* catalog = nullptr;            // null when no server answers
  const client::Settings* settings = nullptr;  // for the names of tenants and servers
  std::filesystem::path folder;                // where names of files begin
};

// What the last word may become.
struct Candidate {
  std::string text;  // the whole word
  bool ends = true;  // false: more follows within the word, so that no space belongs behind it
  std::string doc;   // may be empty
};
std::vector<Candidate> Completions(const CompletionSources& sources,
                                   const std::vector<std::string>& words);

// A command line up to the cursor, as a shell cuts it into words. The last is the one to complete.
struct BegunLine {
  std::vector<std::string> words;  // without quotes and backslashes
  std::string raw;                 // the last one as it was typed
  char quote = 0;                  // the quote that is open at the cursor
};
BegunLine SplitLine(const std::string& line);

// A candidate as readline wants it. Readline replaces only what stands behind the last unquoted
// character of `word_breaks` (COMP_WORDBREAKS), and takes the candidate as it is to be typed.
std::string ForReadline(const Candidate& candidate, const BegunLine& line,
                        const std::string& word_breaks);

// `__complete -- WORD...`, or `__complete --readline LINE WORD_BREAKS`: the arguments of this
// program's own start. Nothing for any other command.
struct CompletionRequest {
  // Of the line to complete, over those before `__complete`: the server that it names is asked.
  Arguments arguments;
  BegunLine line;
  std::optional<std::string> word_breaks;  // of readline
};
std::optional<CompletionRequest> CompletionRequestOf(const std::vector<std::string>& words);

// The candidates, one a line. For readline as they are to be typed, with a space behind those
// that end; else with the space, a tab and the description.
std::string CompletionLines(const CompletionRequest& request, const CompletionSources& sources);

}  // namespace tenantry::cli
