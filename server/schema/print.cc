#include "server/schema/print.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/protobuf/text_format.h"

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

  void PrintFileOptions() {
    std::vector<std::string> options = OptionsOf(file_.options());
    if (options.empty()) return;
    Blank();
    // `buf format` puts options of our own behind the language's.
    std::stable_partition(options.begin(), options.end(),
                          [](const std::string& option) { return option[0] != '('; });
    PrintOptionLines(options);
  }

  void PrintOptionLines(const std::vector<std::string>& options) {
    for (const std::string& option : options) {
      const std::vector<absl::string_view> lines = absl::StrSplit(option, '\n');
      for (std::size_t i = 0; i < lines.size(); ++i) {
        Line(absl::StrCat(i == 0 ? "option " : "", lines[i], i + 1 == lines.size() ? ";" : ""));
      }
    }
  }

  // `name = value` for each option that is set, ordered by name. A value may have several lines.
  std::vector<std::string> OptionsOf(const pb::Message& options) const {
    std::vector<const pb::FieldDescriptor*> set;
    options.GetReflection()->ListFields(options, &set);
    std::vector<std::pair<std::string, std::string>> named;
    for (const pb::FieldDescriptor* option : set) {
      std::string name = option->is_extension()
                             ? absl::StrCat("(", TypeName("." + option->full_name()), ")")
                             : option->name();
      if (!option->is_repeated()) {
        named.push_back(OptionOf(std::move(name), options, *option));
        continue;
      }
      for (int i = 0; i < options.GetReflection()->FieldSize(options, option); ++i) {
        named.emplace_back(name, ScalarText(options, *option, i));
      }
    }
    absl::c_stable_sort(named, [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> lines;
    for (const auto& [name, value] : named) lines.push_back(absl::StrCat(name, " = ", value));
    return lines;
  }

  // A message with a single scalar is written as `name.scalar = value`.
  std::pair<std::string, std::string> OptionOf(std::string name, const pb::Message& options,
                                               const pb::FieldDescriptor& option) const {
    if (option.message_type() == nullptr) {
      return {std::move(name), ScalarText(options, option, -1)};
    }
    const pb::Message& value = options.GetReflection()->GetMessage(options, &option);
    std::vector<const pb::FieldDescriptor*> set;
    value.GetReflection()->ListFields(value, &set);
    if (set.size() == 1 && !set[0]->is_repeated() && set[0]->message_type() == nullptr) {
      return {absl::StrCat(name, ".", set[0]->name()), ScalarText(value, *set[0], -1)};
    }
    return {std::move(name), Literal(value)};
  }

  // Braces with a line for each field. A list of scalars is one line.
  static std::string Literal(const pb::Message& value) {
    std::vector<std::string> lines;
    std::vector<const pb::FieldDescriptor*> set;
    const pb::Reflection& reflection = *value.GetReflection();
    reflection.ListFields(value, &set);
    for (const pb::FieldDescriptor* field : set) {
      if (field->message_type() != nullptr && !field->is_repeated()) {
        lines.push_back(
            absl::StrCat(field->name(), ": ", Literal(reflection.GetMessage(value, field))));
      } else if (field->message_type() != nullptr) {
        for (int i = 0; i < reflection.FieldSize(value, field); ++i) {
          lines.push_back(absl::StrCat(field->name(), ": ",
                                       Literal(reflection.GetRepeatedMessage(value, field, i))));
        }
      } else if (field->is_repeated()) {
        std::vector<std::string> elements;
        for (int i = 0; i < reflection.FieldSize(value, field); ++i) {
          elements.push_back(ScalarText(value, *field, i));
        }
        lines.push_back(
            elements.size() == 1
                ? absl::StrCat(field->name(), ": ", elements[0])
                : absl::StrCat(field->name(), ": [\n  ", absl::StrJoin(elements, ",\n  "), "\n]"));
      } else {
        lines.push_back(absl::StrCat(field->name(), ": ", ScalarText(value, *field, -1)));
      }
    }
    std::string body = absl::StrJoin(lines, "\n");
    if (lines.size() == 1 && !absl::StrContains(body, '\n')) return absl::StrCat("{", body, "}");
    return absl::StrCat("{\n  ", absl::StrReplaceAll(body, {{"\n", "\n  "}}), "\n}");
  }

  // `index` is -1 when the field is not repeated.
  static std::string ScalarText(const pb::Message& message, const pb::FieldDescriptor& field,
                                int index) {
    std::string text;
    pb::TextFormat::PrintFieldValueToString(message, &field, index, &text);
    return text;
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
    const auto stream = [](bool streams) { return streams ? "stream " : ""; };
    Open(absl::StrCat("rpc ", method.name(), "(", stream(method.client_streaming()),
                      TypeName(method.input_type()), ") returns (",
                      stream(method.server_streaming()), TypeName(method.output_type()), ")"));
    std::vector<std::string> options = OptionsOf(method.options());
    std::stable_partition(options.begin(), options.end(),
                          [](const std::string& option) { return option[0] != '('; });
    PrintOptionLines(options);
    Close();
  }

  void PrintMessage(int index) {
    const pb::DescriptorProto& message = file_.message_type(index);
    Path path = {pb::FileDescriptorProto::kMessageTypeFieldNumber, index};
    Blank();
    PrintComment(path);
    if (message.field().empty()) return Line(absl::StrCat("message ", message.name(), " {}"));
    Open(absl::StrCat("message ", message.name()));
    const std::vector<std::string> options = OptionsOf(message.options());
    PrintOptionLines(options);
    PrintReserved(message);
    if (!options.empty() || !message.reserved_range().empty()) Blank();
    for (int i = 0; i < message.field_size(); ++i) {
      PrintComment({path[0], index, pb::DescriptorProto::kFieldFieldNumber, i});
      PrintField(message, message.field(i));
    }
    for (int i = 0; i < message.enum_type_size(); ++i) {
      Blank();
      PrintEnum(message.enum_type(i),
                {path[0], index, pb::DescriptorProto::kEnumTypeFieldNumber, i});
    }
    Close();
  }

  // The end of a range is not part of it in messages, and is part of it in enums.
  void PrintReserved(const pb::DescriptorProto& message) {
    std::vector<std::string> ranges;
    for (const auto& range : message.reserved_range()) {
      const int last = range.end() - 1;
      ranges.push_back(RangeText(range.start(), last, last == pb::FieldDescriptor::kMaxNumber));
    }
    PrintReserved(ranges, message.reserved_name());
  }

  void PrintReserved(const pb::EnumDescriptorProto& type) {
    std::vector<std::string> ranges;
    for (const auto& range : type.reserved_range()) {
      ranges.push_back(RangeText(range.start(), range.end(),
                                 range.end() == std::numeric_limits<std::int32_t>::max()));
    }
    PrintReserved(ranges, type.reserved_name());
  }

  static std::string RangeText(int first, int last, bool open) {
    if (open) return absl::StrCat(first, " to max");
    return first == last ? absl::StrCat(first) : absl::StrCat(first, " to ", last);
  }

  void PrintReserved(const std::vector<std::string>& ranges,
                     const pb::RepeatedPtrField<std::string>& names) {
    if (!ranges.empty()) Line(absl::StrCat("reserved ", absl::StrJoin(ranges, ", "), ";"));
    if (names.empty()) return;
    Line(absl::StrCat("reserved ",
                      absl::StrJoin(names, ", ",
                                    [](std::string* out, const std::string& name) {
                                      absl::StrAppend(out, Quoted(name));
                                    }),
                      ";"));
  }

  // The entry type of a map; null when the field is none.
  static const pb::DescriptorProto* MapEntryOf(const pb::DescriptorProto& message,
                                               const pb::FieldDescriptorProto& field) {
    for (const pb::DescriptorProto& nested : message.nested_type()) {
      const std::string within = absl::StrCat(".", message.name(), ".", nested.name());
      if (nested.options().map_entry() && absl::EndsWith(field.type_name(), within)) return &nested;
    }
    return nullptr;
  }

  void PrintField(const pb::DescriptorProto& message, const pb::FieldDescriptorProto& field) {
    if (const pb::DescriptorProto* entry = MapEntryOf(message, field)) {
      return PrintWithOptions(absl::StrCat("map<", ScalarName(entry->field(0).type()), ", ",
                                           TypeName(entry->field(1).type_name()), "> ",
                                           field.name(), " = ", field.number()),
                              OptionsOf(field.options()));
    }
    absl::string_view label = field.label() == pb::FieldDescriptorProto::LABEL_REPEATED
                                  ? "repeated "
                              : field.proto3_optional() ? "optional "
                                                        : "";
    std::string type(field.type_name().empty() ? std::string(ScalarName(field.type()))
                                               : TypeName(field.type_name()));
    PrintWithOptions(absl::StrCat(label, type, " ", field.name(), " = ", field.number()),
                     OptionsOf(field.options()));
  }

  // A single option stays in the line. Each of several has a line of its own.
  void PrintWithOptions(const std::string& head, const std::vector<std::string>& options) {
    if (options.empty()) return Line(absl::StrCat(head, ";"));
    std::string text = absl::StrCat(head, " [", options[0], "];");
    if (options.size() > 1) {
      text = absl::StrCat(head, " [\n  ",
                          absl::StrReplaceAll(absl::StrJoin(options, ",\n"), {{"\n", "\n  "}}),
                          "\n];");
    }
    for (absl::string_view line : absl::StrSplit(text, '\n')) Line(line);
  }

  void PrintEnum(int index) {
    Blank();
    PrintEnum(file_.enum_type(index), {pb::FileDescriptorProto::kEnumTypeFieldNumber, index});
  }

  void PrintEnum(const pb::EnumDescriptorProto& type, const Path& path) {
    PrintComment(path);
    Open(absl::StrCat("enum ", type.name()));
    const std::vector<std::string> options = OptionsOf(type.options());
    PrintOptionLines(options);
    PrintReserved(type);
    if (!options.empty() || !type.reserved_range().empty()) Blank();
    for (int i = 0; i < type.value_size(); ++i) {
      Path value = path;
      value.push_back(pb::EnumDescriptorProto::kValueFieldNumber);
      value.push_back(i);
      PrintComment(value);
      PrintWithOptions(absl::StrCat(type.value(i).name(), " = ", type.value(i).number()),
                       OptionsOf(type.value(i).options()));
    }
    Close();
  }

  // Writes the full name, with its leading dot where it is needed. Names are looked up from the
  // innermost package outwards. So the dot is needed where the first part of the name is also a
  // part of our package.
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
