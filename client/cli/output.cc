#include "client/cli/output.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/cli/columns.h"
#include "client/cli/json.h"
#include "client/cli/names.h"
#include "client/cli/select.h"
#include "client/cli/text.h"
#include "google/protobuf/descriptor.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Its own field numbers: the message's class is not the generated one.
std::string TimeText(const Message& time) {
  const Reflection& reflection = *time.GetReflection();
  const std::int64_t seconds =
      reflection.GetInt64(time, time.GetDescriptor()->FindFieldByNumber(1));
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

absl::StatusOr<std::string> MessageText(const Message& message, const std::string& path,
                                        const Message* select) {
  if (message.GetDescriptor()->full_name() == "google.protobuf.Timestamp") return TimeText(message);
  return ToJson(message, /*pretty=*/false, path, select);
}

// One value; `index` counts in a repeated field and is -1 in a singular one.
absl::StatusOr<std::string> ValueText(const Message& message, const FieldDescriptor& field,
                                      int index, const std::string& path, const Message* select) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = one ? reflection.GetString(message, &field)
                                   : reflection.GetRepeatedString(message, &field, index);
      return field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(one ? reflection.GetMessage(message, &field)
                             : reflection.GetRepeatedMessage(message, &field, index),
                         path, select);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = one ? reflection.GetEnum(message, &field)
                              : reflection.GetRepeatedEnum(message, &field, index);
      return value->number() == 0 ? "" : ShortName(*value);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? reflection.GetBool(message, &field)
                  : reflection.GetRepeatedBool(message, &field, index))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(one ? reflection.GetInt32(message, &field)
                              : reflection.GetRepeatedInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(one ? reflection.GetInt64(message, &field)
                              : reflection.GetRepeatedInt64(message, &field, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(one ? reflection.GetUInt32(message, &field)
                              : reflection.GetRepeatedUInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(one ? reflection.GetUInt64(message, &field)
                              : reflection.GetRepeatedUInt64(message, &field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrFormat("%.9g", one ? reflection.GetFloat(message, &field)
                                         : reflection.GetRepeatedFloat(message, &field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrFormat("%.17g", one ? reflection.GetDouble(message, &field)
                                          : reflection.GetRepeatedDouble(message, &field, index));
  }
  return "";
}

absl::StatusOr<std::vector<RowColumn>> ChooseColumns(const Descriptor& row,
                                                     const OutputStyle& style) {
  if (style.columns.empty()) return ColumnsOf(row, style.select);
  return NamedColumns(style.columns, row, style.select);
}

absl::Status PrintRows(const Message& reply, const FieldDescriptor& rows, const OutputStyle& style,
                       std::ostream& out) {
  auto columns = ChooseColumns(*rows.message_type(), style);
  if (!columns.ok()) return columns.status();
  Table table{TitlesOf(*columns, style.columns.empty() ? style.select : nullptr), {}};
  const Reflection& reflection = *reply.GetReflection();
  for (int i = 0; i < reflection.FieldSize(reply, &rows); ++i) {
    const std::string path = absl::StrCat(rows.name(), "[", i, "]");
    const Message& row = reflection.GetRepeatedMessage(reply, &rows, i);
    if (auto status = AddRow(row, *columns, path, table); !status.ok()) return status;
  }
  if (table.rows.empty()) {
    out << "(no rows)\n";
  } else {
    out << RenderTable(table, style.table);
  }
  return absl::OkStatus();
}

constexpr absl::string_view kIndent = "  ";

// One row, a line for each field, and a table for each relation to many.
class FieldPrinter {
 public:
  FieldPrinter(const OutputStyle& style, std::ostream& out) : style_(style), out_(out) {}

  absl::Status Print(const Message& row, const std::vector<RowColumn>& columns) {
    for (std::size_t i = 0; i < columns.size();) {
      const std::size_t many = ToManyOf(columns[i]);
      std::size_t end = i + 1;
      while (many > 0 && end < columns.size() && Same(columns[i], columns[end], many)) ++end;
      auto status = many > 0 ? AddTable(row, {columns.begin() + i, columns.begin() + end}, many)
                             : AddField(row, columns[i]);
      if (!status.ok()) return status;
      i = end;
    }
    for (const auto& [name, text] : fields_) PrintField(name, text);
    for (const auto& [name, text] : tables_) {
      const std::string lines =
          absl::StrReplaceAll(absl::StripSuffix(text, "\n"), {{"\n", absl::StrCat("\n", kIndent)}});
      out_ << "\n" << Bold(name) << "\n" << kIndent << lines << "\n";
    }
    return absl::OkStatus();
  }

 private:
  // How many steps lead to the first relation to many, that step included; 0 when there is none.
  static std::size_t ToManyOf(const RowColumn& column) {
    for (std::size_t i = 0; i + 1 < column.path.size(); ++i) {
      if (column.path[i]->is_repeated()) return i + 1;
    }
    return 0;
  }

  static bool Same(const RowColumn& a, const RowColumn& b, std::size_t steps) {
    return b.path.size() > steps &&
           std::equal(a.path.begin(), a.path.begin() + steps, b.path.begin());
  }

  // The message that holds the last of `steps` of the path; null when a row on the way is missing.
  static const Message* Holder(const Message& row, const RowColumn& column, std::size_t steps) {
    const Message* at = &row;
    for (std::size_t i = 0; i + 1 < steps; ++i) {
      if (!at->GetReflection()->HasField(*at, column.path[i])) return nullptr;
      at = &at->GetReflection()->GetMessage(*at, column.path[i]);
    }
    return at;
  }

  absl::Status AddField(const Message& row, const RowColumn& column) {
    const std::string name = column.Title();
    const Message* holder = Holder(row, column, column.path.size());
    auto text = holder == nullptr ? absl::StatusOr<std::string>("")
                                  : column.Cell(*holder, name, style_.select);
    if (!text.ok()) return text.status();
    if (text->empty() && style_.columns.empty()) return absl::OkStatus();
    widest_ = std::max(widest_, name.size());
    fields_.emplace_back(name, *std::move(text));
    return absl::OkStatus();
  }

  absl::Status AddTable(const Message& row, std::vector<RowColumn> columns, std::size_t steps) {
    const std::string name =
        RowColumn{{columns[0].path.begin(), columns[0].path.begin() + steps}, {}}.Title();
    const FieldDescriptor& relation = *columns[0].path[steps - 1];
    const Message* holder = Holder(row, columns[0], steps);
    for (RowColumn& column : columns)
      column.path.erase(column.path.begin(), column.path.begin() + steps);
    Table table{TitlesOf(columns, nullptr), {}};
    TableStyle narrower = style_.table;
    if (narrower.width > kIndent.size()) narrower.width -= kIndent.size();
    const int size = holder == nullptr ? 0 : holder->GetReflection()->FieldSize(*holder, &relation);
    for (int i = 0; i < size; ++i) {
      const Message& below = holder->GetReflection()->GetRepeatedMessage(*holder, &relation, i);
      if (auto status = AddRow(below, columns, absl::StrCat(name, "[", i, "]"), table);
          !status.ok()) {
        return status;
      }
    }
    tables_.emplace_back(name, size == 0 ? "(no rows)\n" : RenderTable(table, narrower));
    return absl::OkStatus();
  }

  void PrintField(const std::string& name, const std::string& text) {
    out_ << Bold(name) << std::string(widest_ - name.size(), ' ') << "  " << text << "\n";
  }

  std::string Bold(const std::string& text) const {
    return style_.table.bold_titles ? absl::StrCat("\x1b[1m", text, "\x1b[0m") : text;
  }

  const OutputStyle& style_;
  std::ostream& out_;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::vector<std::pair<std::string, std::string>> tables_;
  std::size_t widest_ = 0;
};

absl::Status PrintFields(const Message& reply, const OutputStyle& style, std::ostream& out) {
  auto columns = ChooseColumns(*reply.GetDescriptor(), style);
  if (!columns.ok()) return columns.status();
  if (auto status = FieldPrinter(style, out).Print(reply, *columns); !status.ok()) return status;
  if (columns->empty()) out << "done\n";
  return absl::OkStatus();
}

absl::Status PrintJson(const Message& message, bool pretty, const std::string& path,
                       const Message* select, std::ostream& out) {
  const auto json = ToJson(message, pretty, path, select);
  if (!json.ok()) return json.status();
  out << *json << "\n";
  return absl::OkStatus();
}

// A row a line. The lines before one that cannot be printed stay.
absl::Status PrintLines(const Message& reply, const FieldDescriptor* rows, const Message* select,
                        std::ostream& out) {
  if (rows == nullptr) return PrintJson(reply, /*pretty=*/false, "", select, out);
  const Reflection& reflection = *reply.GetReflection();
  for (int i = 0; i < reflection.FieldSize(reply, rows); ++i) {
    const std::string path = absl::StrCat(rows->name(), "[", i, "]");
    const Message& row = reflection.GetRepeatedMessage(reply, rows, i);
    if (auto status = PrintJson(row, /*pretty=*/false, path, select, out); !status.ok())
      return status;
  }
  return absl::OkStatus();
}

}  // namespace

const FieldDescriptor* RowsOf(const Descriptor& reply) {
  const FieldDescriptor* rows = nullptr;
  for (int i = 0; i < reply.field_count(); ++i) {
    const FieldDescriptor* field = reply.field(i);
    if (!field->is_repeated() || field->is_map()) continue;
    if (field->message_type() == nullptr || rows != nullptr) return nullptr;
    rows = field;
  }
  // A table's row may have one repeated message too; it is a row all the same.
  return reply.options().HasExtension(tenantry::v1::resource) ? nullptr : rows;
}

absl::StatusOr<std::string> CellOf(const Message& message, const FieldDescriptor& field,
                                   const std::string& path, const Message* select) {
  const Reflection& reflection = *message.GetReflection();
  const Message* below = select == nullptr ? nullptr : SelectOf(field, *select);
  if (!field.is_repeated()) {
    if (field.has_presence() && !reflection.HasField(message, &field)) return "";
    auto text = ValueText(message, field, -1, path, below);
    return text.ok() ? Printable(*text) : text;
  }
  std::vector<std::string> values;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    auto text = ValueText(message, field, i, absl::StrCat(path, "[", i, "]"), below);
    if (!text.ok()) return text;
    values.push_back(*std::move(text));
  }
  return Printable(absl::StrJoin(values, ", "));
}

absl::Status PrintReply(const Message& reply, const OutputStyle& style, std::ostream& out) {
  const FieldDescriptor* rows = RowsOf(*reply.GetDescriptor());
  switch (style.format) {
    case Format::kJson:
      return PrintJson(reply, /*pretty=*/true, "", style.select, out);
    case Format::kNdjson:
      return PrintLines(reply, rows, style.select, out);
    case Format::kTable:
      break;
  }
  return rows != nullptr ? PrintRows(reply, *rows, style, out) : PrintFields(reply, style, out);
}

}  // namespace tenantry::cli
