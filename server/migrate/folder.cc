#include "server/migrate/folder.h"

#include <openssl/sha.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/text_format.h"

namespace tenantry::migrate {
namespace {

namespace fs = std::filesystem;

constexpr char kOutside[] = "-- tenantry: outside a transaction";
constexpr char kInside[] = "-- tenantry: in a transaction";
constexpr char kSnapshotHeader[] =
    "# proto-file: tenantry/migrate/v1/snapshot.proto\n"
    "# proto-message: tenantry.migrate.v1.Snapshot\n";

absl::StatusOr<std::string> ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path.string(), " cannot be read"));
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

absl::Status WriteText(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return absl::InternalError(absl::StrCat(path.string(), " cannot be written"));
  return absl::OkStatus();
}

std::string Sha256Hex(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof digest));
}

bool HasCode(const std::string& sql) {
  for (absl::string_view line : absl::StrSplit(sql, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty() && !absl::StartsWith(line, "--")) return true;
  }
  return false;
}

// One entry per statement: split after lines that end with a semicolon.
std::vector<std::string> SplitAtLineEnds(const std::string& text) {
  std::vector<std::string> statements(1);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&statements.back(), line, "\n");
    if (absl::EndsWith(absl::StripTrailingAsciiWhitespace(line), ";")) statements.emplace_back();
  }
  std::erase_if(statements, [](const std::string& s) { return !HasCode(s); });
  return statements;
}

absl::StatusOr<Migration> ReadMigration(const fs::path& folder) {
  Migration migration;
  migration.name = folder.filename().string();
  absl::StatusOr<std::string> up = ReadText(folder / "up.sql");
  if (!up.ok()) return up.status();
  migration.up_sql = *std::move(up);
  migration.checksum = Sha256Hex(migration.up_sql);
  fs::path snapshot_path = folder / "snapshot.textproto";
  if (!fs::exists(snapshot_path)) return migration;
  absl::StatusOr<std::string> text = ReadText(snapshot_path);
  if (!text.ok()) return text.status();
  if (!google::protobuf::TextFormat::ParseFromString(*text, &migration.snapshot.emplace())) {
    return absl::DataLossError(absl::StrCat(snapshot_path.string(), " is not a snapshot"));
  }
  return migration;
}

}  // namespace

std::vector<Section> Migration::Sections() const {
  std::vector<Section> sections;
  std::string text;
  bool in_transaction = true;
  auto finish = [&] {
    if (HasCode(text)) {
      sections.push_back({in_transaction,
                          in_transaction ? std::vector<std::string>{text} : SplitAtLineEnds(text)});
    }
    text.clear();
  };
  for (absl::string_view line : absl::StrSplit(up_sql, '\n')) {
    absl::string_view stripped = absl::StripAsciiWhitespace(line);
    if (stripped == kOutside || stripped == kInside) {
      finish();
      in_transaction = stripped == kInside;
    } else {
      absl::StrAppend(&text, line, "\n");
    }
  }
  finish();
  return sections;
}

absl::StatusOr<std::vector<Migration>> ReadMigrations(const std::string& directory) {
  std::vector<fs::path> folders;
  std::error_code error;
  if (!fs::exists(directory, error)) return std::vector<Migration>();
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (entry.is_directory() && entry.path().filename().string().front() != '.')
      folders.push_back(entry.path());
  }
  if (error) return absl::InternalError(absl::StrCat(directory, ": ", error.message()));
  std::sort(folders.begin(), folders.end());
  std::vector<Migration> migrations;
  for (const fs::path& folder : folders) {
    absl::StatusOr<Migration> migration = ReadMigration(folder);
    if (!migration.ok()) return migration.status();
    migrations.push_back(*std::move(migration));
  }
  return migrations;
}

std::string RenderUpSql(const std::string& name, const Statements& statements) {
  std::string text = absl::StrCat("-- Migration ", name,
                                  ", written by `tenantryd generate`. Review it before it is "
                                  "applied; after that it must not change.\n");
  if (statements.empty()) {
    absl::StrAppend(&text,
                    "\n-- Names or numbers of the schema changed; the database stays as it is.\n");
  }
  bool outside = false;
  for (const Statement& statement : statements) {
    // Each statement outside a transaction is a section of its own: after a failure it alone is
    // repeated.
    if (statement.outside_transaction) absl::StrAppend(&text, "\n", kOutside, "\n");
    if (!statement.outside_transaction && outside) absl::StrAppend(&text, "\n", kInside, "\n");
    outside = statement.outside_transaction;
    absl::StrAppend(&text, "\n");
    for (const std::string& hazard : statement.hazards) {
      absl::StrAppend(&text, "-- Hazard: ", hazard, ".\n");
    }
    absl::StrAppend(&text, statement.sql, ";\n");
  }
  return text;
}

absl::Status WriteMigration(const std::string& directory, const std::string& name,
                            const Statements& statements, const v1::Snapshot& snapshot) {
  fs::path folder = fs::path(directory) / name;
  // It is written under another name first, so that nobody takes a half-written migration for a
  // whole one.
  fs::path fresh = fs::path(directory) / ("." + name + ".new");
  std::error_code error;
  if (fs::exists(folder)) return absl::AlreadyExistsError(folder.string() + " exists");
  fs::remove_all(fresh, error);
  fs::create_directories(fresh, error);
  if (error) return absl::InternalError(absl::StrCat(fresh.string(), ": ", error.message()));
  std::string text;
  if (!google::protobuf::TextFormat::PrintToString(snapshot, &text)) {
    return absl::InternalError("the snapshot cannot be printed");
  }
  absl::Status status = WriteText(fresh / "up.sql", RenderUpSql(name, statements));
  if (status.ok()) status = WriteText(fresh / "snapshot.textproto", kSnapshotHeader + text);
  if (!status.ok()) return status;
  fs::rename(fresh, folder, error);
  if (error) return absl::InternalError(absl::StrCat(folder.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace tenantry::migrate
