// A schema written in a test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/schema/schema.h"

namespace tenantry::migrate {

// The bodies of functions, by name.
using Bodies = std::map<std::string, std::string>;

// `body`: messages, enums and services of package `notes`.
inline absl::StatusOr<std::unique_ptr<const schema::Schema>> SchemaFromText(
    const std::string& body, const Bodies& functions = {}) {
  static int count = 0;
  std::filesystem::path directory =
      std::filesystem::temp_directory_path() /
      ("tenantry-schema-" + std::to_string(getpid()) + "-" + std::to_string(++count));
  std::filesystem::create_directories(directory / "notes");
  std::ofstream(directory / "notes/notes.proto")
      << "syntax = \"proto3\";\npackage notes;\n"
      << "import \"google/protobuf/timestamp.proto\";\nimport \"tenantry/v1/options.proto\";\n"
      << body;
  std::filesystem::create_directories(directory / "functions");
  for (const auto& [name, text] : functions) {
    std::ofstream(directory / "functions" / (name + ".sql")) << text;
  }
  auto schema = schema::Schema::Load({directory.string(), (directory / "functions").string()});
  std::filesystem::remove_all(directory);
  return schema;
}

}  // namespace tenantry::migrate
