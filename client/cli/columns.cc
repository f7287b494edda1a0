#include "client/cli/columns.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/fields.h"
#include "client/cli/names.h"
#include "client/cli/output.h"
#include "client/cli/select.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsNumber(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return FormatOf(field) == tenantry::v1::FORMAT_NUMERIC;
    case FieldDescriptor::CPPTYPE_MESSAGE:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_BOOL:
      return false;
    default:
      return true;
  }
}

bool IsId(const FieldDescriptor& field) {
  return FormatOf(field) == tenantry::v1::FORMAT_UUID ||
         FormatOf(field) == tenantry::v1::FORMAT_ULID;
}

bool IsAggregates(const FieldDescriptor& field) {
  return &field == AggregatesOf(*field.containing_type());
}

// Whether a table shows a field of the row itself when nobody has named its columns.
bool IsShown(const FieldDescriptor& field, const Message* select) {
  const bool row = field.containing_type()->options().HasExtension(tenantry::v1::resource);
  if (select != nullptr && row) return IsSelected(field, *select);
  return !IsRelation(field) && !IsAggregates(field);
}

// Depth first, in the order of the fields. `path` leads to the row that `type` is of.
void Collect(const Descriptor& type, const Message* select, RowColumn& path,
             std::vector<RowColumn>& columns) {
  const bool top = path.path.empty();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool shown = top ? IsShown(field, select) : select != nullptr && IsNamed(field, *select);
    if (!shown) continue;
    path.path.push_back(&field);
    if (IsAggregates(field)) {
      for (Measure& measure : AggregatesIn(*select, type)) {
        columns.push_back({path.path, std::move(measure)});
      }
    } else if (IsRelation(field)) {
      const Message* below = select == nullptr ? nullptr : SelectOf(field, *select);
      Collect(*field.message_type(), below, path, columns);
    } else {
      columns.push_back(path);
    }
    path.path.pop_back();
  }
}

absl::Status Unknown(const std::string& name, const Descriptor& type) {
  std::vector<std::string> known;
  for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->name());
  const std::string hint = DidYouMean(Snake(name), known);
  return absl::InvalidArgumentError(
      absl::StrCat("--columns: no field ", name,
                   hint.empty() ? "; there are " + absl::StrJoin(known, ", ") : hint));
}

// What a relation comes to, by its name in the select.
std::optional<Measure> MeasureNamed(absl::string_view name, const Descriptor& row,
                                    const Message& select) {
  for (Measure& measure : AggregatesIn(select, row)) {
    if (measure.name == name) return std::move(measure);
  }
  return std::nullopt;
}

// Fills the cells of one row and of those that relations lead to from it.
class Filler {
 public:
  Filler(const std::vector<RowColumn>& columns, Table& table) : columns_(columns), table_(table) {}

  // The columns from `first` to `last`, whose paths are the same up to `depth`, of a row that
  // begins on `line`. Returns the line below it.
  absl::StatusOr<std::size_t> Fill(const Message& row, std::size_t first, std::size_t last,
                                   std::size_t depth, std::size_t line, const std::string& at) {
    std::size_t below = line + 1;
    Line(line);
    for (std::size_t i = first; i < last;) {
      const FieldDescriptor& field = *columns_[i].path[depth];
      const std::string path = absl::StrCat(at, at.empty() ? "" : ".", field.name());
      if (columns_[i].path.size() == depth + 1) {
        auto cell = columns_[i].Cell(row, path, nullptr);
        if (!cell.ok()) return cell.status();
        Line(line)[i++] = *std::move(cell);
        continue;
      }
      std::size_t end = i;
      while (end < last && GoesThrough(columns_[end], field, depth)) ++end;
      auto next = FillRelation(row, field, i, end, depth + 1, line, path);
      if (!next.ok()) return next;
      below = std::max(below, *next);
      i = end;
    }
    return below;
  }

 private:
  static bool GoesThrough(const RowColumn& column, const FieldDescriptor& field,
                          std::size_t depth) {
    return column.path.size() > depth + 1 && column.path[depth] == &field;
  }

  absl::StatusOr<std::size_t> FillRelation(const Message& row, const FieldDescriptor& relation,
                                           std::size_t first, std::size_t last, std::size_t depth,
                                           std::size_t line, const std::string& path) {
    const auto& reflection = *row.GetReflection();
    if (!relation.is_repeated()) {
      if (!reflection.HasField(row, &relation)) return line;
      return Fill(reflection.GetMessage(row, &relation), first, last, depth, line, path);
    }
    for (int i = 0; i < reflection.FieldSize(row, &relation); ++i) {
      auto next = Fill(reflection.GetRepeatedMessage(row, &relation, i), first, last, depth, line,
                       absl::StrCat(path, "[", i, "]"));
      if (!next.ok()) return next;
      line = *next;
    }
    return line;
  }

  std::vector<std::string>& Line(std::size_t line) {
    while (table_.rows.size() <= line) table_.rows.emplace_back(columns_.size());
    return table_.rows[line];
  }

  const std::vector<RowColumn>& columns_;
  Table& table_;
};

}  // namespace

absl::StatusOr<std::string> RowColumn::Cell(const Message& holder, const std::string& at,
                                            const Message* select) const {
  return measure.has_value() ? CellOfMeasure(holder, *path.back(), measure->name)
                             : CellOf(holder, *path.back(), at, select);
}

std::string RowColumn::Title() const {
  std::vector<std::string> names;
  for (const FieldDescriptor* field : path) names.push_back(field->name());
  if (measure.has_value()) names.back() = measure->name;
  return absl::StrJoin(names, ".");
}

std::vector<RowColumn> ColumnsOf(const Descriptor& row, const Message* select) {
  std::vector<RowColumn> columns;
  RowColumn path;
  Collect(row, select, path, columns);
  return columns;
}

absl::StatusOr<std::vector<RowColumn>> NamedColumns(const std::vector<std::string>& names,
                                                    const Descriptor& row, const Message* select) {
  std::vector<RowColumn> columns;
  for (const std::string& name : names) {
    RowColumn column;
    const Descriptor* type = &row;
    const Message* below = select;
    for (const absl::string_view part : absl::StrSplit(name, '.')) {
      const FieldDescriptor* field =
          type == nullptr ? nullptr : type->FindFieldByName(Snake(std::string(part)));
      if (field == nullptr && type != nullptr && below != nullptr) {
        column.measure = MeasureNamed(part, *type, *below);
        if (column.measure.has_value()) field = AggregatesOf(*type);
      }
      if (field == nullptr) return Unknown(std::string(part), type == nullptr ? row : *type);
      column.path.push_back(field);
      if (column.measure.has_value()) {
        type = nullptr;
        continue;
      }
      type = IsRelation(*field) ? field->message_type() : nullptr;
      if (type != nullptr) below = below == nullptr ? nullptr : SelectOf(*field, *below);
    }
    if (type == nullptr) {
      columns.push_back(column);
    } else {
      Collect(*type, below, column, columns);
    }
  }
  return columns;
}

std::vector<Column> TitlesOf(const std::vector<RowColumn>& columns, const Message* select) {
  std::vector<Column> titles;
  for (const RowColumn& column : columns) {
    // The first id is the row's own, the one that people copy.
    const bool whole = titles.empty() && IsId(*column.path.back());
    const bool spare = whole && select != nullptr && !IsNamed(*column.path.back(), *select);
    const bool number =
        column.measure.has_value() ? column.measure->is_number() : IsNumber(*column.path.back());
    titles.push_back({column.Title(), number, whole, spare});
  }
  return titles;
}

absl::Status AddRow(const Message& row, const std::vector<RowColumn>& columns,
                    const std::string& path, Table& table) {
  return Filler(columns, table).Fill(row, 0, columns.size(), 0, table.rows.size(), path).status();
}

}  // namespace tenantry::cli
