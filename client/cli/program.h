// The program, with everything it touches handed in, so that tests can run it whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "client/cli/request.h"
#include "client/cpp/settings.h"

namespace tenantry::cli {

struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  Input input;
  client::Environment environment;
  std::filesystem::path folder;    // where the search for settings begins
  std::size_t terminal_width = 0;  // 0: the output is no terminal
  bool colours = false;
  bool shows_progress = false;  // `err` is a terminal, and `out` is none
};

// Runs one command; the exit code (failure.h). `words` come without the program's name.
int RunProgram(const std::vector<std::string>& words, const Surroundings& surroundings);

}  // namespace tenantry::cli
