#include "server/schema/generate.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/schema/loader.h"
#include "server/schema/shared_protos.h"

namespace tenantry::schema {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(const std::string& path, absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(path, ": ", what));
}

// Replaces the file at once: a reader sees the old text or the new one, never a part of it.
absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return Failed(path, error.message());
  std::string temporary = path + ".new";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) return Failed(temporary, "cannot be written");
  }
  fs::rename(temporary, path, error);
  if (error) return Failed(path, error.message());
  return absl::OkStatus();
}

using Texts = std::map<std::string, std::string>;  // by file name

Texts ApiOf(const Schema& schema) {
  return {schema.generated_files().begin(), schema.generated_files().end()};
}

// The derived files on disk that the schema does not derive any more.
absl::StatusOr<std::vector<std::string>> LeftOver(const Texts& wanted,
                                                  const std::string& directory) {
  auto names = ListProtoFiles(directory);
  if (!names.ok()) return names.status();
  std::vector<std::string> found;
  for (const std::string& name : *names) {
    if (wanted.contains(name)) continue;
    auto derived = IsDerivedFile(absl::StrCat(directory, "/", name));
    if (!derived.ok()) return derived.status();
    if (*derived) found.push_back(name);
  }
  return found;
}

absl::StatusOr<std::vector<std::string>> Stale(const Texts& wanted, const std::string& directory) {
  auto stale = LeftOver(wanted, directory);
  if (!stale.ok()) return stale.status();
  for (const auto& [name, text] : wanted) {
    auto there = ReadFile(absl::StrCat(directory, "/", name), kDerivedFileBytesMax);
    if (!there.ok() && !absl::IsNotFound(there.status())) return there.status();
    if (!there.ok() || *there != text) stale->push_back(name);
  }
  return stale;
}

absl::Status Write(const Texts& wanted, const std::string& directory,
                   std::vector<std::string>* changed) {
  auto stale = Stale(wanted, directory);
  if (!stale.ok()) return stale.status();
  for (const std::string& name : *stale) {
    std::string path = absl::StrCat(directory, "/", name);
    if (auto file = wanted.find(name); file != wanted.end()) {
      if (auto status = WriteFile(path, file->second); !status.ok()) return status;
    } else if (std::error_code error; !fs::remove(path, error)) {
      return Failed(path, error.message());
    }
  }
  if (changed != nullptr) *changed = *std::move(stale);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> StaleFiles(const Schema& schema,
                                                    const std::string& directory) {
  return Stale(ApiOf(schema), directory);
}

absl::Status WriteGeneratedFiles(const Schema& schema, const std::string& directory,
                                 std::vector<std::string>* changed) {
  return Write(ApiOf(schema), directory, changed);
}

absl::Status WriteClientFiles(const Schema& schema, const std::string& directory,
                              std::vector<std::string>* changed) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return Failed(directory, error.message());
  Texts wanted = ApiOf(schema);
  wanted.insert(SharedProtos().begin(), SharedProtos().end());
  return Write(wanted, directory, changed);
}

}  // namespace tenantry::schema
