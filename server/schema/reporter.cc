#include "server/schema/reporter.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tenantry::schema {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::SourceLocation;

auto Key(const LintError& e) {
  return std::tie(e.file, e.line, e.column, e.message_name, e.field, e.description);
}

// start_line is -1 when the descriptor has no source info.
template <typename Descriptor>
SourceLocation Locate(const Descriptor& descriptor) {
  SourceLocation where;
  if (!descriptor.GetSourceLocation(&where)) where.start_line = where.start_column = -1;
  return where;
}

SourceLocation LocateTableOption(const google::protobuf::Descriptor& message) {
  SourceLocation where;
  if (message.containing_type() == nullptr) {
    std::vector<int> path = {FileDescriptorProto::kMessageTypeFieldNumber, message.index(),
                             DescriptorProto::kOptionsFieldNumber, v1::kTableFieldNumber};
    if (message.file()->GetSourceLocation(path, &where)) return where;
  }
  return Locate(message);
}

}  // namespace

void Reporter::Report(const google::protobuf::FileDescriptor& file, absl::string_view description) {
  Add(file, Locate(file), "", "", description);
}

void Reporter::Report(const google::protobuf::Descriptor& message, absl::string_view description) {
  Add(*message.file(), LocateTableOption(message), message.full_name(), "", description);
}

void Reporter::Report(const google::protobuf::FieldDescriptor& field,
                      absl::string_view description) {
  Add(*field.file(), Locate(field), field.containing_type()->full_name(), field.name(),
      description);
}

void Reporter::Report(const google::protobuf::EnumDescriptor& type, absl::string_view description) {
  Add(*type.file(), Locate(type), type.full_name(), "", description);
}

void Reporter::Report(const google::protobuf::EnumValueDescriptor& value,
                      absl::string_view description) {
  Add(*value.type()->file(), Locate(value), value.type()->full_name(), value.name(), description);
}

void Reporter::Report(const google::protobuf::MethodDescriptor& method,
                      absl::string_view description) {
  Add(*method.file(), Locate(method), method.full_name(), "", description);
}

void Reporter::Report(const google::protobuf::ServiceDescriptor& service,
                      absl::string_view description) {
  Add(*service.file(), Locate(service), service.full_name(), "", description);
}

void Reporter::ReportOutside(std::string path, absl::string_view description) {
  ReportAt("", -1, -1, "", description);
  errors_.back().file = std::move(path);
}

void Reporter::ReportAt(absl::string_view file, int line, int column, absl::string_view element,
                        absl::string_view description) {
  LintError error;
  error.file = PathOf(file);
  error.line = line < 0 ? 0 : line + 1;
  error.column = line < 0 ? 0 : column + 1;
  error.message_name = std::string(element);
  error.description = std::string(description);
  errors_.push_back(std::move(error));
}

void Reporter::Add(const google::protobuf::FileDescriptor& file, const SourceLocation& where,
                   absl::string_view message, absl::string_view field,
                   absl::string_view description) {
  ReportAt(file.name(), where.start_line, where.start_column, message, description);
  errors_.back().field = std::string(field);
}

std::string Reporter::PathOf(absl::string_view file) const {
  if (directory_.empty()) return std::string(file);
  if (file.empty()) return directory_;
  return absl::StrCat(directory_, absl::EndsWith(directory_, "/") ? "" : "/", file);
}

std::vector<LintError> Reporter::Take() {
  std::vector<LintError> errors = std::exchange(errors_, {});
  std::sort(errors.begin(), errors.end(),
            [](const LintError& a, const LintError& b) { return Key(a) < Key(b); });
  errors.erase(std::unique(errors.begin(), errors.end(),
                           [](const LintError& a, const LintError& b) { return Key(a) == Key(b); }),
               errors.end());
  return errors;
}

}  // namespace tenantry::schema
