// Collects what is wrong with a schema, each thing with its place in the source.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

class Reporter {
 public:
  // `directory` is put before file names. It is empty for a descriptor set.
  explicit Reporter(std::string directory) : directory_(std::move(directory)) {}

  void Report(const google::protobuf::FileDescriptor& file, absl::string_view description);
  // Reports about a table as a whole. The place is that of its `table` option.
  void Report(const google::protobuf::Descriptor& message, absl::string_view description);
  void Report(const google::protobuf::FieldDescriptor& field, absl::string_view description);
  void Report(const google::protobuf::EnumDescriptor& type, absl::string_view description);
  void Report(const google::protobuf::EnumValueDescriptor& value, absl::string_view description);
  void Report(const google::protobuf::MethodDescriptor& method, absl::string_view description);
  void Report(const google::protobuf::ServiceDescriptor& service, absl::string_view description);
  // Reports about a file that is not of the directory.
  void ReportOutside(std::string path, absl::string_view description);
  // Reports about a place that has no descriptor. Line and column count from 0, as parsers give
  // them; -1 stands for unknown.
  void ReportAt(absl::string_view file, int line, int column, absl::string_view element,
                absl::string_view description);

  bool empty() const { return errors_.empty(); }
  // Returns each thing once, ordered by file and line.
  std::vector<LintError> Take();

 private:
  void Add(const google::protobuf::FileDescriptor& file,
           const google::protobuf::SourceLocation& where, absl::string_view message,
           absl::string_view field, absl::string_view description);
  std::string PathOf(absl::string_view file) const;

  std::string directory_;
  std::vector<LintError> errors_;
};

}  // namespace tenantry::schema
