// A program in a terminal of its own, as a person runs a shell.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace tenantry::test {

class Terminal {
 public:
  // Starts `words` with `environment` over this process's, and takes what it prints to `output()`.
  Terminal(const std::vector<std::string>& words,
           const std::map<std::string, std::string>& environment);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void Type(const std::string& keys);
  // Until the file is there, or the time is over; its content, and the file is gone.
  std::string Await(const std::string& file);
  const std::string& output() const { return output_; }

 private:
  void Drain(int timeout_ms);

  int master_ = -1;
  pid_t child_ = -1;
  std::string output_;
};

}  // namespace tenantry::test
