#include "tests/unit/schema/sources.h"

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.pb.h"

namespace tenantry::testing {
namespace {

namespace fs = std::filesystem;
namespace pb = google::protobuf;

void AddFile(const pb::FileDescriptor& file, bool with_source_info, pb::FileDescriptorSet& set) {
  for (const auto& there : set.file()) {
    if (there.name() == file.name()) return;
  }
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddFile(*file.dependency(i), with_source_info, set);
  }
  pb::FileDescriptorProto& proto = *set.add_file();
  file.CopyTo(&proto);
  if (with_source_info) file.CopySourceCodeInfoTo(&proto);
}

}  // namespace

SourceDirectory::SourceDirectory(const Files& files) {
  std::string pattern = (fs::temp_directory_path() / "tenantry-schema-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) abort();
  path_ = pattern;
  for (const auto& [name, text] : files) Write(name, text);
}

SourceDirectory::~SourceDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void SourceDirectory::Write(const std::string& name, const std::string& text) {
  fs::path file = fs::path(path_) / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string SourceDirectory::Read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(fs::path(path_) / name, std::ios::binary).rdbuf();
  return text.str();
}

bool SourceDirectory::Has(const std::string& name) const {
  return fs::exists(fs::path(path_) / name);
}

std::vector<std::string> LintLines(const Files& files) {
  SourceDirectory directory(files);
  auto schema = schema::Schema::Load({directory.path()});
  if (schema.ok()) return {};
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(schema.status().message(), '\n')) {
    lines.emplace_back(absl::StripPrefix(line, directory.path() + "/"));
  }
  return lines;
}

std::unique_ptr<const schema::Schema> MustLoad(const std::string& path) {
  auto schema = schema::Schema::Load({path});
  if (!schema.ok()) {
    std::cerr << schema.status().message() << "\n";
    abort();
  }
  return *std::move(schema);
}

std::string SerializedSet(const schema::Schema& schema, bool with_source_info, bool with_derived) {
  pb::FileDescriptorSet set;
  for (const schema::Table& table : schema.tables()) {
    AddFile(*table.message->file(), with_source_info, set);
  }
  for (const schema::Method& method : schema.methods()) {
    if (with_derived) AddFile(*method.descriptor->file(), with_source_info, set);
  }
  return set.SerializeAsString();
}

}  // namespace tenantry::testing
