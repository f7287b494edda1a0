#include "server/schema/print.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tenantry/v1/options.pb.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
using Path = std::vector<int>;

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
}

absl::string_view ScalarName(pb::FieldDescriptorProto::Type type) {
  return pb::FieldDescriptor::TypeName(static_cast<pb::FieldDescriptor::Type>(type));
}

class Printer {
 public:
  explicit Printer(const pb::FileDescriptorProto& file) : file_(file) {
    for (const auto& location : file.source_code_info().location()) {
      comments_[Path(location.path().begin(), location.path().end())] = location.leading_comments();
    }
  }

  std::string Print() {
    PrintComment({pb::FileDescriptorProto::kSyntaxFieldNumber});
    Line("syntax = \"proto3\";");
    Blank();
    Line(absl::StrCat("package ", file_.package(), ";"));
    PrintImports();
    PrintFileOptions();
    for (int i = 0; i < file_.service_size(); ++i) PrintService(i);
    for (int i = 0; i < file_.message_type_size(); ++i) PrintMessage(i);
    for (int i = 0; i < file_.enum_type_size(); ++i) PrintEnum(i);
    return std::move(out_);
  }

 private:
  void Line(absl::string_view text) {
    absl::StrAppend(&out_, std::string(indent_, ' '), text, "\n");
  }
  void Blank() { out_.push_back('\n'); }
  void Open(absl::string_view head) {
    Line(absl::StrCat(head, " {"));
    indent_ += 2;
  }
  void Close(absl::string_view tail = "}") {
    indent_ -= 2;
    Line(tail);
  }

  void PrintComment(const Path& path) {
    auto comment = comments_.find(path);
    if (comment == comments_.end()) return;
    absl::string_view text = absl::StripSuffix(comment->second, "\n");
    for (absl::string_view line : absl::StrSplit(text, '\n')) Line(absl::StrCat("//", line));
  }

  void PrintImports() {
    if (file_.dependency().empty()) return;
    Blank();
    std::vector<std::string> imports(file_.dependency().begin(), file_.dependency().end());
    absl::c_sort(imports);
    for (const std::string& import : imports) Line(absl::StrCat("import ", Quoted(import), ";"));
  }

  // The language options, all of them strings or booleans, in order of their names.
  void PrintFileOptions() {
    const pb::Reflection& reflection = *file_.options().GetReflection();
    std::vector<const pb::FieldDescriptor*> set;
    reflection.ListFields(file_.options(), &set);
    std::map<std::string, std::string> lines;
    for (const pb::FieldDescriptor* option : set) {
      bool text = option->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
      lines[option->name()] = text ? Quoted(reflection.GetString(file_.options(), option))
                              : reflection.GetBool(file_.options(), option) ? "true"
                                                                            : "false";
    }
    if (!lines.empty()) Blank();
    for (const auto& [name, value] : lines) {
      Line(absl::StrCat("option ", name, " = ", value, ";"));
    }
  }

  void PrintService(int index) {
    const pb::ServiceDescriptorProto& service = file_.service(index);
    Path path = {pb::FileDescriptorProto::kServiceFieldNumber, index};
    Blank();
    PrintComment(path);
    Open(absl::StrCat("service ", service.name()));
    for (int i = 0; i < service.method_size(); ++i) {
      PrintComment({path[0], index, pb::ServiceDescriptorProto::kMethodFieldNumber, i});
      PrintMethod(service.method(i));
    }
    Close();
  }

  void PrintMethod(const pb::MethodDescriptorProto& method) {
    Open(absl::StrCat("rpc ", method.name(), "(", TypeName(method.input_type()), ") returns (",
                      TypeName(method.output_type()), ")"));
    const pb::MethodOptions& options = method.options();
    if (options.has_idempotency_level()) {
      Line(absl::StrCat("option idempotency_level = ",
                        pb::MethodOptions::IdempotencyLevel_Name(options.idempotency_level()),
                        ";"));
    }
    if (options.HasExtension(v1::method)) {
      const v1::MethodOptions& marker = options.GetExtension(v1::method);
      Open(absl::StrCat("option (", TypeName(".tenantry.v1.method"), ") ="));
      Line(absl::StrCat("table: ", Quoted(marker.table())));
      Line(absl::StrCat("kind: ", v1::MethodKind_Name(marker.kind())));
      Close("};");
    }
    Close();
  }

  void PrintMessage(int index) {
    const pb::DescriptorProto& message = file_.message_type(index);
    Path path = {pb::FileDescriptorProto::kMessageTypeFieldNumber, index};
    Blank();
    PrintComment(path);
    if (message.field().empty()) return Line(absl::StrCat("message ", message.name(), " {}"));
    Open(absl::StrCat("message ", message.name()));
    for (int i = 0; i < message.field_size(); ++i) {
      PrintComment({path[0], index, pb::DescriptorProto::kFieldFieldNumber, i});
      PrintField(message.field(i));
    }
    Close();
  }

  void PrintField(const pb::FieldDescriptorProto& field) {
    absl::string_view label = field.label() == pb::FieldDescriptorProto::LABEL_REPEATED
                                  ? "repeated "
                              : field.proto3_optional() ? "optional "
                                                        : "";
    std::string type(field.type_name().empty() ? std::string(ScalarName(field.type()))
                                               : TypeName(field.type_name()));
    Line(absl::StrCat(label, type, " ", field.name(), " = ", field.number(), ";"));
  }

  void PrintEnum(int index) {
    const pb::EnumDescriptorProto& type = file_.enum_type(index);
    Path path = {pb::FileDescriptorProto::kEnumTypeFieldNumber, index};
    Blank();
    PrintComment(path);
    Open(absl::StrCat("enum ", type.name()));
    for (int i = 0; i < type.value_size(); ++i) {
      PrintComment({path[0], index, pb::EnumDescriptorProto::kValueFieldNumber, i});
      Line(absl::StrCat(type.value(i).name(), " = ", type.value(i).number(), ";"));
    }
    Close();
  }

  // `full` with its leading dot. Names are looked up from the innermost package outwards, so the
  // dot stays where a part of our package would catch the name's first part.
  std::string TypeName(absl::string_view full) const {
    absl::string_view name = full.substr(1);
    if (absl::ConsumePrefix(&name, file_.package() + ".")) return std::string(name);
    absl::string_view first = name.substr(0, name.find('.'));
    std::vector<absl::string_view> parts = absl::StrSplit(file_.package(), '.');
    bool caught = std::find(parts.begin() + 1, parts.end(), first) != parts.end();
    return std::string(caught ? full : name);
  }

  const pb::FileDescriptorProto& file_;
  std::map<Path, std::string> comments_;
  std::string out_;
  int indent_ = 0;
};

}  // namespace

std::string PrintFile(const pb::FileDescriptorProto& file) { return Printer(file).Print(); }

}  // namespace tenantry::schema
