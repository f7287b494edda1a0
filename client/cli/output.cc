#include "client/cli/output.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cli/fields.h"
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

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return FormatOf(field) == tenantry::v1::FORMAT_NUMERIC;
    case FieldDescriptor::CPPTYPE_MESSAGE:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_BOOL:
      return false;
    default:
      return !field.is_repeated();
  }
}

bool IsId(const FieldDescriptor& field) {
  return FormatOf(field) == tenantry::v1::FORMAT_UUID ||
         FormatOf(field) == tenantry::v1::FORMAT_ULID;
}

// Whether a table shows the field when nobody has named its columns.
bool IsShown(const FieldDescriptor& field, const Message* select) {
  const bool row = field.containing_type()->options().HasExtension(tenantry::v1::resource);
  if (select != nullptr && row) return IsSelected(field, *select);
  return !IsRelation(field);
}

absl::StatusOr<std::vector<const FieldDescriptor*>> ChooseColumns(const Descriptor& row,
                                                                  const OutputStyle& style) {
  const std::vector<std::string>& names = style.columns;
  std::vector<const FieldDescriptor*> chosen;
  std::vector<std::string> known;
  for (int i = 0; i < row.field_count(); ++i) {
    if (names.empty() && IsShown(*row.field(i), style.select)) chosen.push_back(row.field(i));
    known.push_back(row.field(i)->name());
  }
  for (const std::string& name : names) {
    const FieldDescriptor* field = row.FindFieldByName(Snake(name));
    if (field == nullptr) {
      const std::string hint = DidYouMean(Snake(name), known);
      return absl::InvalidArgumentError(
          absl::StrCat("--columns: no field ", name,
                       hint.empty() ? "; there are " + absl::StrJoin(known, ", ") : hint));
    }
    chosen.push_back(field);
  }
  return chosen;
}

absl::Status PrintRows(const Message& reply, const FieldDescriptor& rows, const OutputStyle& style,
                       std::ostream& out) {
  auto chosen = ChooseColumns(*rows.message_type(), style);
  if (!chosen.ok()) return chosen.status();
  Table table;
  for (const FieldDescriptor* field : *chosen) {
    // The first id is the row's own, the one that people copy.
    const bool whole = IsId(*field) && table.columns.empty();
    table.columns.push_back({field->name(), IsNumber(*field), whole});
  }
  const Reflection& reflection = *reply.GetReflection();
  for (int i = 0; i < reflection.FieldSize(reply, &rows); ++i) {
    const Message& row = reflection.GetRepeatedMessage(reply, &rows, i);
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const FieldDescriptor* field : *chosen) {
      auto cell =
          CellOf(row, *field, absl::StrCat(rows.name(), "[", i, "].", field->name()), style.select);
      if (!cell.ok()) return cell.status();
      cells.push_back(*std::move(cell));
    }
  }
  if (table.rows.empty()) {
    out << "(no rows)\n";
  } else {
    out << RenderTable(table, style.table);
  }
  return absl::OkStatus();
}

absl::Status PrintFields(const Message& reply, const OutputStyle& style, std::ostream& out) {
  auto chosen = ChooseColumns(*reply.GetDescriptor(), style);
  if (!chosen.ok()) return chosen.status();
  std::vector<std::pair<std::string, std::string>> lines;
  std::size_t widest = 0;
  for (const FieldDescriptor* field : *chosen) {
    auto text = CellOf(reply, *field, field->name(), style.select);
    if (!text.ok()) return text.status();
    if (text->empty() && style.columns.empty()) continue;
    widest = std::max(widest, field->name().size());
    lines.emplace_back(field->name(), *std::move(text));
  }
  for (const auto& [name, text] : lines) {
    out << (style.table.bold_titles ? "\x1b[1m" : "") << name
        << (style.table.bold_titles ? "\x1b[0m" : "") << std::string(widest - name.size(), ' ')
        << "  " << text << "\n";
  }
  if (chosen->empty()) out << "done\n";
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
