#include "server/schema/loader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "buf/validate/validate.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/api.pb.h"
#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/source_context.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/type.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "server/schema/options.h"
#include "tenantry/v1/aggregate.pb.h"
#include "tenantry/v1/api.pb.h"
#include "tenantry/v1/import.pb.h"
#include "tenantry/v1/query.pb.h"
#include "tenantry/v1/session.pb.h"

namespace tenantry::schema {
namespace {

namespace fs = std::filesystem;
namespace pb = google::protobuf;

using LocationTable = pb::compiler::SourceLocationTable;

// The files that schemas and APIs may import, each after those that it imports.
std::vector<const pb::FileDescriptor*> SharedFiles() {
  return {pb::Any::descriptor()->file(),
          pb::SourceContext::descriptor()->file(),
          pb::Type::descriptor()->file(),
          pb::Api::descriptor()->file(),
          pb::FileDescriptorProto::descriptor()->file(),
          pb::Duration::descriptor()->file(),
          pb::Empty::descriptor()->file(),
          pb::FieldMask::descriptor()->file(),
          pb::Struct::descriptor()->file(),
          pb::Timestamp::descriptor()->file(),
          pb::DoubleValue::descriptor()->file(),
          google::api::FieldBehavior_descriptor()->file(),
          v1::ResourceOptions::descriptor()->file(),
          v1::StringFilter::descriptor()->file(),
          v1::AggregateValue::descriptor()->file(),
          v1::RejectedRow::descriptor()->file(),
          v1::GetSessionRequest::descriptor()->file()};
}

// The files that an API may import.
std::vector<const pb::FileDescriptor*> ApiFiles() {
  std::vector<const pb::FileDescriptor*> files = SharedFiles();
  files.push_back(buf::validate::FieldRules::descriptor()->file());
  return files;
}

// The files that those of a schema may import. Of protovalidate's it has its own, if any.
std::vector<const pb::FileDescriptor*> SchemaFiles() {
  std::vector<const pb::FileDescriptor*> files = SharedFiles();
  files.push_back(v1::TableOptions::descriptor()->file());
  return files;
}

absl::StatusOr<std::unique_ptr<pb::DescriptorPool>> PoolOf(
    const std::vector<const pb::FileDescriptor*>& files) {
  auto pool = std::make_unique<pb::DescriptorPool>();
  for (const pb::FileDescriptor* builtin : files) {
    pb::FileDescriptorProto proto;
    builtin->CopyTo(&proto);
    if (pool->BuildFile(proto) == nullptr) {
      return absl::InternalError(absl::StrCat("cannot build ", builtin->name()));
    }
  }
  return pool;
}

bool Has(const pb::DescriptorPool& pool, const std::string& file) {
  return pool.FindFileByName(file) != nullptr;
}

// A file that is to be put into the pool.
struct Pending {
  pb::FileDescriptorProto proto;
  LocationTable locations;  // empty for a descriptor set
  enum { kNew, kBuilding, kBuilt, kFailed } state = kNew;
};
using PendingFiles = std::map<std::string, Pending>;

class ParseErrors : public pb::io::ErrorCollector {
 public:
  ParseErrors(std::string file, Reporter& reporter) : file_(std::move(file)), reporter_(reporter) {}
  void AddError(int line, int column, const std::string& message) override {
    reporter_.ReportAt(file_, line, column, "", message);
  }

 private:
  std::string file_;
  Reporter& reporter_;
};

class LinkErrors : public pb::DescriptorPool::ErrorCollector {
 public:
  LinkErrors(const Pending& file, Reporter& reporter) : file_(file), reporter_(reporter) {}
  void AddError(const std::string& name, const std::string& element, const pb::Message* descriptor,
                ErrorLocation location, const std::string& message) override {
    int line = -1, column = -1;
    if (location == IMPORT) {
      file_.locations.FindImport(descriptor, element, &line, &column);
    } else {
      file_.locations.Find(descriptor, location, &line, &column);
    }
    reporter_.ReportAt(name, line, column, element == name ? "" : element, message);
  }

 private:
  const Pending& file_;
  Reporter& reporter_;
};

// Puts files into the pool, each after those that it imports.
class Linker {
 public:
  Linker(PendingFiles& files, LoadedFiles& out, Reporter& reporter)
      : files_(files), out_(out), reporter_(reporter) {}

  void LinkAll() {
    for (auto& [name, file] : files_) {
      if (!Link(name, file)) out_.complete = false;
    }
  }

 private:
  bool Link(const std::string& name, Pending& file) {
    if (file.state == Pending::kNew) {
      file.state = Pending::kBuilding;
      file.state = LinkImports(name, file) && Build(file) ? Pending::kBuilt : Pending::kFailed;
    }
    return file.state == Pending::kBuilt;
  }

  bool LinkImports(const std::string& name, Pending& file) {
    bool ok = true;
    for (const std::string& import : file.proto.dependency()) {
      if (Has(*out_.pool, import)) continue;
      auto found = files_.find(import);
      if (found == files_.end()) {
        ReportImport(name, file, import, absl::StrCat("import of ", import, ": no such file"));
        ok = false;
      } else if (found->second.state == Pending::kBuilding) {
        ReportImport(name, file, import, absl::StrCat("import of ", import, " makes a cycle"));
        ok = false;
      } else if (!Link(import, found->second)) {
        ok = false;  // reported there
      }
    }
    return ok;
  }

  bool Build(const Pending& file) {
    LinkErrors errors(file, reporter_);
    const auto* built = out_.pool->BuildFileCollectingErrors(file.proto, &errors);
    // A copy of protovalidate's own file is there to be imported, and is no part of the schema.
    if (built != nullptr && !absl::StartsWith(built->name(), "buf/validate/")) {
      out_.files.push_back(built);
    }
    return built != nullptr;
  }

  void ReportImport(const std::string& name, const Pending& file, const std::string& import,
                    absl::string_view description) {
    int line = -1, column = -1;
    file.locations.FindImport(&file.proto, import, &line, &column);
    reporter_.ReportAt(name, line, column, "", description);
  }

  PendingFiles& files_;
  LoadedFiles& out_;
  Reporter& reporter_;
};

void ParseText(const std::string& name, const std::string& text, Pending& file,
               Reporter& reporter) {
  ParseErrors errors(name, reporter);
  pb::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  pb::io::Tokenizer tokenizer(&stream, &errors);
  pb::compiler::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRequireSyntaxIdentifier(true);
  parser.RecordSourceLocationsTo(&file.locations);
  bool ok = parser.Parse(&tokenizer, &file.proto);
  file.proto.set_name(name);
  if (!ok) file.state = Pending::kFailed;
}

enum class Wanted { kWritten, kGenerated };

absl::Status ReadDirectory(const std::string& directory, Wanted wanted,
                           const pb::DescriptorPool& builtin, PendingFiles& files,
                           Reporter& reporter) {
  auto names = ListProtoFiles(directory);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (Has(builtin, name)) continue;
    const std::string path = absl::StrCat(directory, "/", name);
    auto derived = IsDerivedFile(path);
    if (!derived.ok()) return derived.status();
    if (*derived != (wanted == Wanted::kGenerated)) continue;
    auto text = ReadFile(path, *derived ? kDerivedFileBytesMax : kSourceFileBytesMax);
    if (!text.ok()) return text.status();
    ParseText(name, *text, files[name], reporter);
  }
  return absl::OkStatus();
}

// Whether the name stays within a directory. File names become paths when derived files are
// written.
bool StaysInside(absl::string_view name) {
  fs::path path{std::string(name)};
  return !path.empty() && path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

absl::Status ReadDescriptorSet(const std::string& path, const pb::DescriptorPool& builtin,
                               PendingFiles& files) {
  auto bytes = ReadFile(path, kDescriptorSetBytesMax);
  if (!bytes.ok()) return bytes.status();
  pb::FileDescriptorSet set;
  if (bytes->empty() || !set.ParseFromString(*bytes) || set.file().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is neither a directory nor a serialized FileDescriptorSet"));
  }
  for (auto& file : *set.mutable_file()) {
    if (!StaysInside(file.name())) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": a file is named `", file.name(), "`; names must be relative"));
    }
    if (Has(builtin, file.name())) continue;
    if (IsGenerated(file)) continue;
    std::string name = file.name();
    files[name].proto.Swap(&file);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> IsDerivedFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::string begin(kGeneratedMarker.size(), '\0');
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin == kGeneratedMarker;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, std::uintmax_t bytes_max) {
  std::error_code error;
  std::uintmax_t size = fs::file_size(path, error);
  if (error) return absl::NotFoundError(absl::StrCat(path, ": ", error.message()));
  if (size > bytes_max) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", size, " bytes; at most ", bytes_max, " are read"));
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (size > 0) text << in.rdbuf();
  if (!in) return absl::UnavailableError(absl::StrCat(path, ": cannot be read"));
  return std::move(text).str();
}

absl::StatusOr<std::vector<std::string>> ListProtoFiles(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator it(directory, error), end;
  for (; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (it->is_directory() && absl::StartsWith(name, ".")) {
      it.disable_recursion_pending();
    } else if (it->path().extension() == ".proto" && it->is_regular_file()) {
      names.push_back(it->path().lexically_relative(directory).generic_string());
    }
    if (names.size() > kSourceFilesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(directory, ": more than ", kSourceFilesMax, " .proto files"));
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat(directory, ": ", error.message()));
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<LoadedFiles> LoadFiles(const Source& source, Reporter& reporter) {
  LoadedFiles out;
  auto pool = PoolOf(SchemaFiles());
  if (!pool.ok()) return pool.status();
  out.pool = *std::move(pool);
  auto api_pool = PoolOf(ApiFiles());
  if (!api_pool.ok()) return api_pool.status();
  out.api_pool = *std::move(api_pool);
  PendingFiles files;
  std::error_code error;
  absl::Status read = fs::is_directory(source.path, error)
                          ? ReadDirectory(source.path, Wanted::kWritten, *out.pool, files, reporter)
                          : ReadDescriptorSet(source.path, *out.pool, files);
  if (!read.ok()) return read;
  for (auto& [name, file] : files) {
    if (!source.api_text) file.proto.clear_source_code_info();
  }
  Linker(files, out, reporter).LinkAll();
  return out;
}

absl::StatusOr<LoadedFiles> LoadGeneratedFiles(const std::string& directory, Reporter& reporter) {
  LoadedFiles out;
  auto pool = PoolOf(ApiFiles());
  if (!pool.ok()) return pool.status();
  out.pool = *std::move(pool);
  PendingFiles files;
  absl::Status read = ReadDirectory(directory, Wanted::kGenerated, *out.pool, files, reporter);
  if (!read.ok()) return read;
  Linker(files, out, reporter).LinkAll();
  return out;
}

}  // namespace tenantry::schema
