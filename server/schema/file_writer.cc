#include "server/schema/file_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

// Makes the form in which protoc keeps comments: each line begins with the blank after `//`, and a
// newline is at the end.
std::string Wrap(absl::string_view text, std::size_t width) {
  std::string out, line;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      absl::StrAppend(&out, line, "\n");
      line.clear();
    }
    absl::StrAppend(&line, " ", word);
  }
  return absl::StrCat(out, line, "\n");
}

}  // namespace

FileWriter::Field FileWriter::Scalar(std::string name, int number,
                                     pb::FieldDescriptorProto::Type type) {
  Field field;
  field.name = std::move(name);
  field.number = number;
  field.type = type;
  return field;
}

FileWriter::Field FileWriter::OfMessage(std::string name, int number, std::string type_name,
                                        std::string type_file) {
  Field field = Scalar(std::move(name), number, pb::FieldDescriptorProto::TYPE_MESSAGE);
  field.type_name = std::move(type_name);
  field.type_file = std::move(type_file);
  return field;
}

FileWriter::FileWriter(std::string name, std::string package, bool comments) : comments_(comments) {
  proto_.set_name(std::move(name));
  proto_.set_package(std::move(package));
  proto_.set_syntax("proto3");
}

void FileWriter::Comment(const Path& path, absl::string_view text) {
  if (text.empty() || !comments_) return;
  // A path has two numbers for each level, and each level below the file is indented by two blanks.
  std::size_t indent = path.size() / 2 * 2;
  indent = indent < 2 ? 0 : indent - 2;
  CommentAsIs(path, Wrap(text, kProtoColumns - indent - 2));
}

void FileWriter::CommentAsIs(const Path& path, const std::string& text) {
  if (text.empty() || !comments_) return;
  auto* location = proto_.mutable_source_code_info()->add_location();
  location->mutable_path()->Assign(path.begin(), path.end());
  for (int i = 0; i < 3; ++i) location->add_span(0);
  location->set_leading_comments(text);
}

void FileWriter::Import(const std::string& file) {
  if (!file.empty() && file != proto_.name()) imports_.insert(file);
}

FileWriter::Path FileWriter::MessagePath() const {
  return {pb::FileDescriptorProto::kMessageTypeFieldNumber, proto_.message_type_size() - 1};
}

FileWriter::Path FileWriter::FieldPath() const {
  Path path = MessagePath();
  path.push_back(pb::DescriptorProto::kFieldFieldNumber);
  path.push_back(proto_.message_type(path[1]).field_size() - 1);
  return path;
}

pb::DescriptorProto& FileWriter::AddMessage(absl::string_view name, absl::string_view comment) {
  pb::DescriptorProto& message = *proto_.add_message_type();
  message.set_name(std::string(name));
  names_.emplace_back(name);
  Comment(MessagePath(), comment);
  return message;
}

pb::FieldDescriptorProto& FileWriter::AddField(const Field& field, absl::string_view comment) {
  pb::DescriptorProto& message = *proto_.mutable_message_type(proto_.message_type_size() - 1);
  pb::FieldDescriptorProto& out = *message.add_field();
  Comment(FieldPath(), comment);
  out.set_name(field.name);
  out.set_number(field.number);
  out.set_label(field.repeated ? pb::FieldDescriptorProto::LABEL_REPEATED
                               : pb::FieldDescriptorProto::LABEL_OPTIONAL);
  out.set_type(field.type);
  if (!field.type_name.empty()) out.set_type_name("." + field.type_name);
  Import(field.type_file);
  if (field.optional) {
    // In proto3 a field with presence is the only member of a oneof. protoc makes that oneof
    // itself, and so do we.
    out.set_proto3_optional(true);
    out.set_oneof_index(message.oneof_decl_size());
    message.add_oneof_decl()->set_name("_" + field.name);
  }
  // A comparison of files tells an empty message of options from none.
  if (field.options.ByteSizeLong() > 0) *out.mutable_options() = field.options;
  return out;
}

// A map is a list of entries, which are messages within that of the map (protobuf.dev, "Maps").
void FileWriter::AddMap(const Field& field, absl::string_view comment) {
  pb::DescriptorProto& message = *proto_.mutable_message_type(proto_.message_type_size() - 1);
  Field list = field;
  const std::string entry = CamelCase(field.name) + "Entry";
  list.type_name = absl::StrCat(proto_.package(), ".", message.name(), ".", entry);
  list.repeated = true;
  AddField(list, comment);
  pb::DescriptorProto& type = *message.add_nested_type();
  type.set_name(entry);
  type.mutable_options()->set_map_entry(true);
  pb::FieldDescriptorProto& key = *type.add_field();
  key.set_name("key");
  key.set_number(1);
  key.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
  key.set_type(pb::FieldDescriptorProto::TYPE_STRING);
  pb::FieldDescriptorProto& value = *type.add_field();
  value = key;
  value.set_name("value");
  value.set_number(2);
  value.set_type(pb::FieldDescriptorProto::TYPE_MESSAGE);
  value.set_type_name("." + field.type_name);
}

void FileWriter::AddEnum(absl::string_view name, absl::string_view comment) {
  Comment({pb::FileDescriptorProto::kEnumTypeFieldNumber, proto_.enum_type_size()}, comment);
  proto_.add_enum_type()->set_name(std::string(name));
  names_.emplace_back(name);
}

void FileWriter::AddValue(absl::string_view name, int number, absl::string_view comment) {
  int index = proto_.enum_type_size() - 1;
  pb::EnumDescriptorProto& type = *proto_.mutable_enum_type(index);
  Comment({pb::FileDescriptorProto::kEnumTypeFieldNumber, index,
           pb::EnumDescriptorProto::kValueFieldNumber, type.value_size()},
          comment);
  pb::EnumValueDescriptorProto& value = *type.add_value();
  value.set_name(std::string(name));
  names_.emplace_back(name);
  value.set_number(number);
}

void FileWriter::CopyEnum(const pb::EnumDescriptor& type, bool nested) {
  Path path = {pb::FileDescriptorProto::kEnumTypeFieldNumber, proto_.enum_type_size()};
  pb::EnumDescriptorProto* out;
  if (nested) {
    pb::DescriptorProto& message = *proto_.mutable_message_type(proto_.message_type_size() - 1);
    path = MessagePath();
    path.push_back(pb::DescriptorProto::kEnumTypeFieldNumber);
    path.push_back(message.enum_type_size());
    out = message.add_enum_type();
  } else {
    out = proto_.add_enum_type();
  }
  out->set_name(type.name());
  if (!nested) names_.push_back(type.name());
  CommentAsIs(path, CommentOf(type));
  for (int i = 0; i < type.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *type.value(i);
    Path value_path = path;
    value_path.push_back(pb::EnumDescriptorProto::kValueFieldNumber);
    value_path.push_back(i);
    CommentAsIs(value_path, CommentOf(value));
    pb::EnumValueDescriptorProto& copy = *out->add_value();
    copy.set_name(value.name());
    copy.set_number(value.number());
    if (value.options().deprecated()) copy.mutable_options()->set_deprecated(true);
    if (!nested) names_.push_back(value.name());
  }
  pb::EnumDescriptorProto whole;
  type.CopyTo(&whole);
  *out->mutable_reserved_range() = whole.reserved_range();
  *out->mutable_reserved_name() = whole.reserved_name();
  if (type.options().deprecated()) out->mutable_options()->set_deprecated(true);
}

void FileWriter::AddService(absl::string_view name, absl::string_view comment) {
  Comment({pb::FileDescriptorProto::kServiceFieldNumber, proto_.service_size()}, comment);
  proto_.add_service()->set_name(std::string(name));
  names_.emplace_back(name);
}

pb::MethodDescriptorProto* FileWriter::AddMethod(absl::string_view name, const std::string& input,
                                                 const std::string& output,
                                                 absl::string_view comment) {
  int index = proto_.service_size() - 1;
  pb::ServiceDescriptorProto& service = *proto_.mutable_service(index);
  Comment({pb::FileDescriptorProto::kServiceFieldNumber, index,
           pb::ServiceDescriptorProto::kMethodFieldNumber, service.method_size()},
          comment);
  pb::MethodDescriptorProto* method = service.add_method();
  method->set_name(std::string(name));
  method->set_input_type("." + input);
  method->set_output_type("." + output);
  return method;
}

pb::FileDescriptorProto FileWriter::Finish() {
  for (const std::string& import : imports_) proto_.add_dependency(import);
  return std::move(proto_);
}

}  // namespace tenantry::schema
