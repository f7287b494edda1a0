#include "server/plan/write_rules.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/plan/row_rules.h"
#include "server/schema/naming.h"

namespace tenantry::plan {
namespace {

using google::protobuf::Message;
using schema::Column;
using schema::Table;

bool IsKey(const Table& table, const Column& column) {
  return std::find(table.primary_key.begin(), table.primary_key.end(), &column) !=
         table.primary_key.end();
}

// The column of a path. In JSON a mask holds JSON names, which libraries turn back into field names
// as well as they can: `line1` stays, where the field is `line_1`. So a path is also taken for the
// field that has the same JSON name; protobuf sees to it that there is one only.
const Column* FindMasked(const Table& table, const std::string& path) {
  const std::string json_name = schema::JsonName(path);
  const Column* found = nullptr;
  for (const Column& column : table.columns) {
    if (column.is_hidden()) continue;
    if (column.api->name() == path) return &column;
    if (schema::JsonName(column.api->name()) == json_name) found = &column;
  }
  return found;
}

constexpr char kRelationIsNotWritten[] =
    "is a relation, which this method does not write: write its rows by their own methods";

bool IsRelation(const Table& table, const std::string& path) {
  return absl::c_any_of(table.relations, [&](const schema::Relation& relation) {
    return schema::JsonName(relation.name) == schema::JsonName(path);
  });
}

// A caller who sends rows of a relation expects that they are written. They are not, so this is an
// error.
void RefuseRelations(const Table& table, const Message& row, const Path& path,
                     Violations& violations) {
  for (const schema::Relation& relation : table.relations) {
    if (HoldsRows(row, relation)) RefuseRelation(Path(path, relation.name), violations);
  }
}

enum class MaskForm { kAbsent, kAll, kNamed };

// Marks the columns that the mask names.
class Mask {
 public:
  Mask(const Table& table, const Message& request, const Path& request_path,
       const google::protobuf::FieldDescriptor* mask_field, Violations& violations)
      : table_(table), named_(table.columns.size(), false) {
    if (!request.GetReflection()->HasField(request, mask_field)) return;
    const Message& mask = request.GetReflection()->GetMessage(request, mask_field);
    const auto* paths = mask.GetDescriptor()->FindFieldByNumber(1);
    const Path mask_path(request_path, mask_field->name());
    for (int i = 0, n = mask.GetReflection()->FieldSize(mask, paths); i < n; ++i) {
      form_ = form_ == MaskForm::kAll ? form_ : MaskForm::kNamed;
      std::string scratch;
      Take(Value{&mask, paths, i}.as_string(scratch), Path(mask_path, "paths", i), violations);
    }
  }

  MaskForm form() const { return form_; }
  bool names(const Column& column) const { return named_[column.index]; }

 private:
  void Take(const std::string& name, const Path& path, Violations& violations) {
    if (name == "*") {
      form_ = MaskForm::kAll;
      return;
    }
    const Column* column = FindMasked(table_, name);
    if (column == nullptr && IsRelation(table_, name)) {
      violations.Add(path, kRelationIsNotWritten);
    } else if (column == nullptr) {
      violations.Add(path,
                     absl::StrCat("must be a field of ", table_.resource->full_name(), " or *"));
    } else if (column->immutable && !IsKey(table_, *column)) {
      violations.Add(path, "names a field that can only be set on creation");
    } else {
      named_[column->index] = true;
    }
  }

  const Table& table_;
  MaskForm form_ = MaskForm::kAbsent;
  std::vector<bool> named_;
};

// Without a mask, an update sets the fields that are populated (AIP-134). Where zero and absent
// look alike, zero is absent. An empty list is absent too. To clear such a field, the mask must
// name it.
bool IsPopulated(const Value& value, const Column& column) {
  if (column.array) return value.size() > 0;
  if (column.absence_is_visible) return IsPresent(value);
  return value.message->GetReflection()->HasField(*value.message, value.field);
}

// Decides what becomes of a column that an update sets and whose value is absent: NULL, the
// default, or an error. An upsert does not need this. Its EXCLUDED row has the default already, and
// CheckInsert has asked for the rest.
void ResolveAbsent(const Path& path, Violations& violations, Change& change) {
  const Column& column = *change.column;
  if (!column.not_null) return;
  change.to_default = !column.default_sql.empty();
  if (!change.to_default) violations.Add(path, "is required and cannot be cleared");
}

}  // namespace

void CheckInsert(const Table& table, const Message& row, const Path& path, Violations& violations,
                 JsonTexts& json) {
  RefuseRelations(table, row, path, violations);
  CheckNewRow(
      table, row, path, [](const Column&) { return false; }, violations, json);
}

void CheckNewRow(const Table& table, const Message& row, const Path& path,
                 absl::FunctionRef<bool(const Column&)> is_linked, Violations& violations,
                 JsonTexts& json) {
  for (const Column& column : table.columns) {
    if (!column.is_settable() || is_linked(column)) continue;
    const Value value{&row, column.api};
    if (IsPresent(value)) {
      CheckWritten(column, value, Path(path, column.api->name()), violations, json);
    } else if (column.required_on_create) {
      violations.Add(Path(path, column.api->name()), "is required");
    }
  }
  CheckRowRules(
      table, row, path, [&](const Column& column) { return !is_linked(column); }, violations);
}

bool HoldsRows(const Message& row, const schema::Relation& relation) {
  const google::protobuf::Reflection& reflection = *row.GetReflection();
  return relation.many ? reflection.FieldSize(row, relation.api) > 0
                       : reflection.HasField(row, relation.api);
}

void RefuseRelation(const Path& path, Violations& violations) {
  violations.Add(path, kRelationIsNotWritten);
}

void CheckKey(const std::vector<const Column*>& key, const Message& row, const Path& path,
              Violations& violations) {
  for (const Column* column : key) {
    const Value value{&row, column->api};
    const Path field_path(path, column->api->name());
    if (!IsPresent(value)) {
      violations.Add(field_path, "is required");
    } else {
      CheckCompared(*column, value, field_path, violations);
    }
  }
}

std::vector<Change> ResolveMask(const Table& table, const Message& request,
                                const Path& request_path,
                                const google::protobuf::FieldDescriptor* mask_field,
                                const Message& row, const Path& row_path, MaskUse use,
                                Violations& violations, JsonTexts& json) {
  const Mask mask(table, request, request_path, mask_field, violations);
  // With a mask, only what it names counts. A resource that was read before may hold rows of
  // relations.
  if (mask.form() != MaskForm::kNamed) RefuseRelations(table, row, row_path, violations);
  std::vector<Change> changes;
  for (const Column& column : table.columns) {
    if (!column.is_settable() || column.immutable || IsKey(table, column)) continue;
    const Value value{&row, column.api};
    const bool chosen =
        mask.form() == MaskForm::kAll ||
        (mask.form() == MaskForm::kNamed ? mask.names(column) : IsPopulated(value, column));
    // A caller who replaces a row that was read has no value for columns that replies never hold.
    const bool unknown = mask.form() == MaskForm::kAll && !column.is_readable();
    if (!chosen || (unknown && !IsPresent(value))) continue;
    Change change{&column};
    const Path path(row_path, column.api->name());
    if (use == MaskUse::kUpdate) {
      if (IsPresent(value)) {
        CheckWritten(column, value, path, violations, json);
      } else {
        ResolveAbsent(path, violations, change);
      }
    }
    changes.push_back(change);
  }
  if (use == MaskUse::kUpdate) {
    const auto is_set = [&](const Column& column) {
      return absl::c_any_of(changes, [&](const Change& change) {
        return change.column == &column && !change.to_default;
      });
    };
    CheckRowRules(table, row, row_path, is_set, violations);
  }
  return changes;
}

}  // namespace tenantry::plan
