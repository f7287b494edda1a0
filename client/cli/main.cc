// tenantry: the command line client.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "client/cli/program.h"
#include "client/cpp/settings.h"

namespace {

std::size_t TerminalWidth() {
  if (isatty(STDOUT_FILENO) == 0) return 0;
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const int width = std::atoi(columns);
    if (width > 0) return static_cast<std::size_t>(width);
  }
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

absl::StatusOr<std::string> ReadStdin() {
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t width = TerminalWidth();
  std::error_code error;
  const tenantry::cli::Surroundings surroundings = {
      .out = std::cout,
      .err = std::cerr,
      .input = {ReadStdin, isatty(STDIN_FILENO) != 0, &std::cin},
      .environment = tenantry::client::ProcessEnvironment,
      .folder = std::filesystem::current_path(error),
      .terminal_width = width,
      .colours = width > 0 && std::getenv("NO_COLOR") == nullptr,
      .shows_progress = width == 0 && isatty(STDERR_FILENO) != 0,
  };
  return tenantry::cli::RunProgram(std::vector<std::string>(argv + 1, argv + argc), surroundings);
}
