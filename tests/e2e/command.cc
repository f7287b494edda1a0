#include "tests/e2e/command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <regex>

#include "absl/strings/str_cat.h"

namespace tenantry::test {
namespace {

// A file without a name. With pipes each would need a thread that empties it.
class Capture {
 public:
  Capture() : file_(std::tmpfile()) {}
  ~Capture() { std::fclose(file_); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  int fd() const { return fileno(file_); }

  void Fill(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), file_);
    std::rewind(file_);
  }

  std::string Text() {
    std::rewind(file_);
    std::string text;
    std::array<char, 4096> buffer;
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file_)) {
      text.append(buffer.data(), size);
    }
    return text;
  }

 private:
  std::FILE* const file_;
};

std::string ProgramPath(const std::string& name) {
  const char* folder = std::getenv("TENANTRY_BIN_DIR");
  return folder == nullptr ? name : absl::StrCat(folder, "/", name);
}

[[noreturn]] void Become(const std::vector<std::string>& words,
                         const std::map<std::string, std::string>& environment) {
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  const std::string path = ProgramPath(words[0]);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(path.c_str(), arguments.data());
  std::perror(path.c_str());
  _exit(127);
}

}  // namespace

CommandResult RunCommand(const std::vector<std::string>& words,
                         const std::map<std::string, std::string>& environment,
                         const std::string& stdin_text) {
  Capture in;
  Capture out;
  Capture err;
  in.Fill(stdin_text);
  const pid_t child = fork();
  if (child == 0) {
    dup2(in.fd(), STDIN_FILENO);
    dup2(out.fd(), STDOUT_FILENO);
    dup2(err.fd(), STDERR_FILENO);
    Become(words, environment);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CommandResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = out.Text();
  result.err = err.Text();
  return result;
}

std::string Stable(const std::string& text) {
  static const std::regex kId("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  static const std::regex kTime(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
  static const std::regex kToken("--page-token [A-Za-z0-9_-]+");
  static const std::regex kRequest("request [0-9a-f]{32}");
  std::string stable = std::regex_replace(text, kId, "<id>");
  stable = std::regex_replace(stable, kTime, "<time>");
  stable = std::regex_replace(stable, kRequest, "request <request>");
  return std::regex_replace(stable, kToken, "--page-token <token>");
}

}  // namespace tenantry::test
