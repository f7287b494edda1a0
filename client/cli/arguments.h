// The first reading of the command line. Flags that every command knows are taken out, wherever
// they stand. The rest keeps its order and is read by the command later: what `--name` means is
// known only when the server has described the request.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tenantry::cli {

enum class Format { kTable, kJson, kNdjson };

struct Arguments {
  std::optional<std::string> server;
  std::optional<std::string> tenant;
  std::optional<std::string> user;
  std::optional<std::string> role;
  bool tls = false;
  std::optional<std::string> tls_ca;
  std::optional<std::string> tls_certificate;
  std::optional<std::string> tls_key;
  std::chrono::milliseconds timeout{10'000};
  Format format = Format::kTable;
  std::vector<std::string> columns;  // of a table; empty = all that say something
  bool all = false;                  // follow page tokens
  bool explain = false;              // say what a read would do
  bool analyze = false;              // and did
  bool help = false;
  bool version = false;
  bool verbose = false;

  std::vector<std::string> rest;
};

// One flag that every command knows, for the help.
struct GlobalFlag {
  const char* name;   // "--tenant"
  const char* brief;  // "-t", or ""
  const char* value;  // "NAME|UUID", or "" for a switch
  const char* doc;
};
const std::vector<GlobalFlag>& GlobalFlags();

// INVALID_ARGUMENT for a flag without its value or with a bad one.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words);

}  // namespace tenantry::cli
