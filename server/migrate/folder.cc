#include "server/migrate/folder.h"

#include <openssl/sha.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/text_format.h"

namespace tenantry::migrate {
namespace {

namespace fs = std::filesystem;

constexpr char kDirective[] = "-- tenantry:";
constexpr char kOutside[] = "outside a transaction";
constexpr char kInside[] = "in a transaction";
constexpr char kInBatches[] = "in batches";
constexpr char kRepeated[] = "repeated";
constexpr char kTimeout[] = "statement timeout ";
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

// The section that a line begins; nothing when it is not one.
std::optional<Section> SectionOf(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  absl::ConsumePrefix(&line, kDirective);
  Section section;
  for (absl::string_view word : absl::StrSplit(line, ',')) {
    word = absl::StripAsciiWhitespace(word);
    if (word == kInside || word == kOutside) {
      section.in_transaction = word == kInside;
    } else if (word == kInBatches) {
      section.in_batches = true;
    } else if (word == kRepeated) {
      section.repeated = true;
    } else if (!absl::ConsumePrefix(&word, kTimeout) ||
               !absl::ParseDuration(word, &section.statement_timeout)) {
      return std::nullopt;
    }
  }
  if ((section.repeated || section.in_batches) && section.in_transaction) return std::nullopt;
  return section;
}

absl::StatusOr<Migration> ReadMigration(const fs::path& folder) {
  Migration migration;
  migration.name = folder.filename().string();
  absl::StatusOr<std::string> up = ReadText(folder / "up.sql");
  if (!up.ok()) return up.status();
  migration.up_sql = *std::move(up);
  migration.checksum_of_bytes = Sha256Hex(migration.up_sql);
  absl::StrReplaceAll({{"\r\n", "\n"}}, &migration.up_sql);
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

absl::StatusOr<std::vector<Section>> Migration::Sections() const {
  std::vector<Section> sections;
  std::string text;
  Section section;
  auto finish = [&] {
    if (HasCode(text)) {
      section.statements =
          section.in_transaction ? std::vector<std::string>{text} : SplitAtLineEnds(text);
      sections.push_back(section);
    }
    text.clear();
  };
  for (absl::string_view line : absl::StrSplit(up_sql, '\n')) {
    if (!absl::StartsWith(absl::StripAsciiWhitespace(line), kDirective) ||
        absl::StripAsciiWhitespace(line) == kToBeWritten) {
      absl::StrAppend(&text, line, "\n");
      continue;
    }
    finish();
    std::optional<Section> next = SectionOf(line);
    if (!next) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, "/up.sql: `", line, "` is no line that begins a section"));
    }
    section = *next;
  }
  finish();
  return sections;
}

bool Migration::IsToBeWritten() const {
  for (absl::string_view line : absl::StrSplit(up_sql, '\n')) {
    if (absl::StripAsciiWhitespace(line) == kToBeWritten) return true;
  }
  return false;
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

namespace {

std::string Commented(const std::string& text, const char* indent = "") {
  std::string lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&lines, "-- ", indent, line, "\n");
  }
  return lines;
}

std::string Header(const Draft& draft) {
  std::string text =
      absl::StrCat("-- Migration ", draft.name, ", written by `tenantryd generate`. Review it",
                   " before it is applied; after that it must not change.\n");
  auto list = [&](const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    absl::StrAppend(&text, "--\n-- ", title, "\n");
    for (const std::string& line : lines) absl::StrAppend(&text, Commented(line, "  "));
  };
  list("Changes:", draft.changes);
  list("Hazards:", HazardSummary(draft.statements));
  return text;
}

std::string Marker(const Statement& first, absl::Duration timeout) {
  return absl::StrCat("\n", kDirective, " ", first.outside_transaction ? kOutside : kInside,
                      first.in_batches ? absl::StrCat(", ", kInBatches) : "", ", ", kTimeout,
                      absl::FormatDuration(timeout), "\n");
}

std::string Render(const Statement& statement) {
  std::string text = "\n";
  if (!statement.note.empty()) absl::StrAppend(&text, Commented(statement.note));
  if (!statement.hazards.empty()) {
    absl::StrAppend(&text, "-- Hazards: ",
                    absl::StrJoin(statement.hazards, ", ",
                                  [](std::string* out, Hazard hazard) {
                                    absl::StrAppend(out, NameOf(hazard));
                                  }),
                    "\n");
  }
  return absl::StrCat(text, statement.sql, ";\n");
}

constexpr char kHandWritten[] =
    "\n-- Hazards: IS_USER_GENERATED\n"
    "-- Row-level security hides the rows from their owner too, as whom this runs. To read or "
    "write\n"
    "-- them here, show them to the owner while it does:\n"
    "--   CREATE POLICY tenantry_migrate ON saas.contacts TO CURRENT_USER USING (true);\n"
    "--   UPDATE saas.contacts SET ... WHERE ...;\n"
    "--   DROP POLICY tenantry_migrate ON saas.contacts;\n";

}  // namespace

std::vector<std::string> HazardSummary(const Statements& statements) {
  std::vector<std::string> lines;
  for (Hazard hazard : AllHazards()) {
    const auto count =
        std::count_if(statements.begin(), statements.end(), [&](const Statement& statement) {
          return std::count(statement.hazards.begin(), statement.hazards.end(), hazard) > 0;
        });
    if (count == 0) continue;
    lines.push_back(absl::StrCat(NameOf(hazard), ": ", MeaningOf(hazard), " (", count,
                                 count == 1 ? " statement)" : " statements)"));
  }
  return lines;
}

std::string RenderUpSql(const Draft& draft) {
  std::string text = Header(draft);
  const Statements& statements = draft.statements;
  if (statements.empty() && draft.by_hand.empty() && !draft.custom) {
    absl::StrAppend(&text,
                    "\n-- Names or numbers of the schema changed; the database stays as it is.\n");
  }
  for (std::size_t begin = 0; begin < statements.size();) {
    // Each statement outside a transaction is a section of its own: after a failure it alone is
    // repeated.
    std::size_t end = begin + 1;
    absl::Duration timeout = statements[begin].timeout;
    while (end < statements.size() && !statements[begin].outside_transaction &&
           !statements[end].outside_transaction) {
      timeout = std::max(timeout, statements[end++].timeout);
    }
    absl::StrAppend(&text, Marker(statements[begin], timeout));
    for (; begin < end; ++begin) absl::StrAppend(&text, Render(statements[begin]));
  }
  if (!draft.custom && draft.by_hand.empty()) return text;
  absl::StrAppend(&text, Marker({}, kShortStatement), kHandWritten);
  for (const std::string& line : draft.by_hand) {
    absl::StrAppend(&text, "\n", Commented(line), kToBeWritten, "\n");
  }
  return text;
}

absl::Status WriteMigration(const std::string& directory, const Draft& draft) {
  fs::path folder = fs::path(directory) / draft.name;
  // It is written under another name first, so that nobody takes a half-written migration for a
  // whole one.
  fs::path fresh = fs::path(directory) / ("." + draft.name + ".new");
  std::error_code error;
  if (fs::exists(folder)) return absl::AlreadyExistsError(folder.string() + " exists");
  fs::remove_all(fresh, error);
  fs::create_directories(fresh, error);
  if (error) return absl::InternalError(absl::StrCat(fresh.string(), ": ", error.message()));
  std::string text;
  if (!google::protobuf::TextFormat::PrintToString(draft.snapshot, &text)) {
    return absl::InternalError("the snapshot cannot be printed");
  }
  absl::Status status = WriteText(fresh / "up.sql", RenderUpSql(draft));
  if (status.ok()) status = WriteText(fresh / "snapshot.textproto", kSnapshotHeader + text);
  if (!status.ok()) return status;
  fs::rename(fresh, folder, error);
  if (error) return absl::InternalError(absl::StrCat(folder.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace tenantry::migrate
