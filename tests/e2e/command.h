// Runs a program of ours as a user would, and shows what it printed.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tenantry::test {

struct CommandResult {
  int exit_code = 0;  // 128 + the signal's number when one ended it
  std::string out;
  std::string err;
};

// `words[0]` is the name of a program in the build's bin folder. `environment` goes over this
// process's.
CommandResult RunCommand(const std::vector<std::string>& words,
                         const std::map<std::string, std::string>& environment = {},
                         const std::string& stdin_text = "");

// Ids, times and page tokens replaced by <id>, <time> and <token>, so that output can be compared.
std::string Stable(const std::string& text);

}  // namespace tenantry::test
