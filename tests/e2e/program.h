// tenantryd as a program: `tenantryd serve` in a process of its own.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "grpcpp/channel.h"
#include "nlohmann/json.hpp"
#include "tests/support/test_database.h"

namespace tenantry::e2e {

// A running server that takes its settings from its environment alone.
class Program {
 public:
  // `open_files_max`: the hard limit of its process; 0: that of this one.
  explicit Program(const test::Database& database,
                   std::map<std::string, std::string> environment = {}, int open_files_max = 0);
  ~Program();

  const nlohmann::json& ready() const { return ready_; }
  pid_t pid() const { return pid_; }
  std::string address() const { return ready_["listening"][0]; }
  std::string metrics_address() const { return ready_["metrics"]; }
  // A channel with a connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel() const;
  // The most memory that it has had so far.
  std::size_t PeakRssBytes() const;

  void Signal(int number);
  // The exit code; nothing when it does not end.
  std::optional<int> Wait();

 private:
  const std::string ready_file_;
  pid_t pid_ = -1;
  bool exited_ = false;
  nlohmann::json ready_;
};

}  // namespace tenantry::e2e
