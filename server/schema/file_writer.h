// Puts a FileDescriptorProto together, comments included.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.pb.h"

namespace tenantry::schema {

// Comment lines end before this column.
inline constexpr std::size_t kProtoColumns = 100;

// Adds elements in order. Comments go to source_code_info, from where PrintFile takes them.
class FileWriter {
 public:
  using Path = std::vector<int>;

  struct Field {
    std::string name;
    int number = 0;
    google::protobuf::FieldDescriptorProto::Type type;
    std::string type_name;  // full name without a leading dot, for messages and enums
    std::string type_file;  // that declares the type; imported
    bool repeated = false;
    bool optional = false;  // scalars only: messages can always be absent
  };

  FileWriter(std::string name, std::string package);

  void Comment(const Path& path, absl::string_view text);
  void Import(const std::string& file);

  // The path of what was added, for comments on it and on its parts.
  Path AddMessage(absl::string_view name, absl::string_view comment);
  // To the message added last.
  void AddField(const Field& field, absl::string_view comment);
  Path AddEnum(absl::string_view name, absl::string_view comment);
  // To the enum added last.
  void AddValue(absl::string_view name, int number, absl::string_view comment);
  Path AddService(absl::string_view name, absl::string_view comment);
  // To the service added last. Types are full names without a leading dot.
  google::protobuf::MethodDescriptorProto* AddMethod(absl::string_view name,
                                                     const std::string& input,
                                                     const std::string& output,
                                                     absl::string_view comment);

  // The names that were added to the package since the last time: messages, services, enums, and
  // the values of enums.
  std::vector<std::string> TakeNames() { return std::exchange(names_, {}); }

  const std::string& package() const { return proto_.package(); }
  void SetOptions(const google::protobuf::FileOptions& options);
  google::protobuf::FileDescriptorProto Finish();

 private:
  google::protobuf::FileDescriptorProto proto_;
  std::set<std::string> imports_;
  std::vector<std::string> names_;
};

}  // namespace tenantry::schema
