#include "tests/e2e/terminal.h"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tenantry::test {

Terminal::Terminal(const std::vector<std::string>& words,
                   const std::map<std::string, std::string>& environment) {
  winsize size{.ws_row = 50, .ws_col = 200, .ws_xpixel = 0, .ws_ypixel = 0};
  child_ = forkpty(&master_, nullptr, nullptr, &size);
  if (child_ != 0) return;
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

Terminal::~Terminal() {
  kill(child_, SIGKILL);
  close(master_);
  waitpid(child_, nullptr, 0);
}

void Terminal::Type(const std::string& keys) {
  for (std::size_t sent = 0; sent < keys.size();) {
    const ssize_t size = write(master_, keys.data() + sent, keys.size() - sent);
    if (size <= 0) return;
    sent += static_cast<std::size_t>(size);
  }
}

void Terminal::Drain(int timeout_ms) {
  pollfd ready{.fd = master_, .events = POLLIN, .revents = 0};
  if (poll(&ready, 1, timeout_ms) <= 0) return;
  std::array<char, 4096> buffer;
  const ssize_t size = read(master_, buffer.data(), buffer.size());
  if (size > 0) output_.append(buffer.data(), static_cast<std::size_t>(size));
}

std::string Terminal::Await(const std::string& file) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!std::filesystem::exists(file)) {
    if (std::chrono::steady_clock::now() > end) return "(nothing came) " + output_;
    Drain(20);
  }
  std::ifstream in(file);
  std::string text(std::istreambuf_iterator<char>(in), {});
  in.close();
  std::filesystem::remove(file);
  return text;
}

}  // namespace tenantry::test
