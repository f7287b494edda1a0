// Makes a FileDescriptorProto, comments included.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace tenantry::schema {

// Comment lines end before this column.
inline constexpr std::size_t kProtoColumns = 100;

// The comment on a declaration as protoc keeps it: the one above the declaration, or else the one
// behind it.
template <typename Descriptor>
std::string CommentOf(const Descriptor& descriptor) {
  google::protobuf::SourceLocation where;
  if (!descriptor.GetSourceLocation(&where)) return "";
  return where.leading_comments.empty() ? where.trailing_comments : where.leading_comments;
}

// Adds elements in the order of the calls. Comments go to source_code_info, where PrintFile finds
// them.
class FileWriter {
 public:
  using Path = std::vector<int>;

  struct Field {
    std::string name;
    int number = 0;
    google::protobuf::FieldDescriptorProto::Type type;
    std::string type_name;  // full name without a leading dot, for messages and enums
    std::string type_file;  // the file that declares the type; it is imported
    bool repeated = false;
    bool optional = false;  // scalars only: messages can always be absent
    google::protobuf::FieldOptions options{};
  };

  static Field Scalar(std::string name, int number,
                      google::protobuf::FieldDescriptorProto::Type type);
  static Field OfMessage(std::string name, int number, std::string type_name,
                         std::string type_file);

  // Without `comments`, those that are added are dropped.
  FileWriter(std::string name, std::string package, bool comments);

  // Adds a comment. The text is broken into lines here.
  void Comment(const Path& path, absl::string_view text);
  // Adds a comment that has the form in which protoc keeps comments.
  void CommentAsIs(const Path& path, const std::string& text);
  void Import(const std::string& file);

  google::protobuf::DescriptorProto& AddMessage(absl::string_view name, absl::string_view comment);
  // Adds a field to the message that was added last.
  google::protobuf::FieldDescriptorProto& AddField(const Field& field, absl::string_view comment);
  // A map from text to messages of the field's type, to the message added last.
  void AddMap(const Field& field, absl::string_view comment);
  void AddEnum(absl::string_view name, absl::string_view comment);
  // Adds a value to the enum that was added last.
  void AddValue(absl::string_view name, int number, absl::string_view comment);
  // Copies the enum as it is, comments included. With `nested` the copy is declared within the
  // message that was added last.
  void CopyEnum(const google::protobuf::EnumDescriptor& type, bool nested);
  void AddService(absl::string_view name, absl::string_view comment);
  // Adds a method to the service that was added last. Types are full names without a leading dot.
  google::protobuf::MethodDescriptorProto* AddMethod(absl::string_view name,
                                                     const std::string& input,
                                                     const std::string& output,
                                                     absl::string_view comment);

  // The paths of the message that was added last, and of the field that was added last to it.
  Path MessagePath() const;
  Path FieldPath() const;

  // Takes the names that were added to the package since the last call: messages, services, enums,
  // and the values of enums.
  std::vector<std::string> TakeNames() { return std::exchange(names_, {}); }

  const std::string& name() const { return proto_.name(); }
  const std::string& package() const { return proto_.package(); }
  bool empty() const {
    return proto_.message_type().empty() && proto_.enum_type().empty() && proto_.service().empty();
  }
  google::protobuf::FileOptions& options() { return *proto_.mutable_options(); }
  google::protobuf::FileDescriptorProto Finish();

 private:
  google::protobuf::FileDescriptorProto proto_;
  const bool comments_;
  std::set<std::string> imports_;
  std::vector<std::string> names_;
};

}  // namespace tenantry::schema
