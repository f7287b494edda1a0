// What a write may set: required columns on Create, field masks on Update and Upsert (AIP-133,
// -134, -203).
#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"

namespace tenantry::plan {

// Checks a resource that is to be inserted: it has every required column, and every value is right.
void CheckInsert(const schema::Table& table, const google::protobuf::Message& row, const Path& path,
                 Violations& violations, JsonTexts& json);

// The same of a row that is made together with others. `is_linked`: the column gets its value from
// a row that this one refers to. Rows of relations are not looked at.
void CheckNewRow(const schema::Table& table, const google::protobuf::Message& row, const Path& path,
                 absl::FunctionRef<bool(const schema::Column&)> is_linked, Violations& violations,
                 JsonTexts& json);

// Whether the row holds rows of the relation.
bool HoldsRows(const google::protobuf::Message& row, const schema::Relation& relation);

// Adds the violation that the method does not write the relation's rows.
void RefuseRelation(const Path& path, Violations& violations);

// Checks that a resource has its key columns, and that their values are right.
void CheckKey(const std::vector<const schema::Column*>& key, const google::protobuf::Message& row,
              const Path& path, Violations& violations);

// A column that a write sets, besides the key.
struct Change {
  const schema::Column* column;
  bool to_default = false;  // the column's default instead of the request's value
};

enum class MaskUse { kUpdate, kUpsert };

// The columns that a write sets, in the table's order. Without a mask these are the populated
// fields, and with `*` every column that can be set. Output-only columns and the primary key are
// ignored. Another immutable column is an error when the mask names it. For an update, the values
// are checked too. `request_path` is that of the message with the mask.
std::vector<Change> ResolveMask(const schema::Table& table,
                                const google::protobuf::Message& request, const Path& request_path,
                                const google::protobuf::FieldDescriptor* mask_field,
                                const google::protobuf::Message& row, const Path& row_path,
                                MaskUse use, Violations& violations, JsonTexts& json);

}  // namespace tenantry::plan
