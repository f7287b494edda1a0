// Makes a table, without its relations, from a message.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "server/schema/enums.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// A table, and the options from which the later passes take more.
struct TableDraft {
  Table* table = nullptr;
  v1::TableOptions options;
};

// What the tables of the file call the tenant.
std::string TenantColumnOf(const google::protobuf::FileDescriptor& file);

// Fills `draft.table` from `message`, whose `table` option is `draft.options`.
void BuildTable(const google::protobuf::Descriptor& message, EnumTypes& enums, Reporter& reporter,
                TableDraft& draft);

// The columns that `fields` name. Names that are unknown or given twice are reported and left out.
// Each report begins with `what`: `primary_key`, `unique 2`.
std::vector<const Column*> ResolveColumns(
    const Table& table, const google::protobuf::RepeatedPtrField<std::string>& fields,
    absl::string_view what, const Table& reported_at, Reporter& reporter);

// Reports a name that is not lower_snake_case, or that is too long.
void CheckName(const Table& table, absl::string_view what, absl::string_view name,
               Reporter& reporter);

// `<table>_<columns>_<suffix>`.
std::string ConstraintName(const Table& table, const std::vector<const Column*>& columns,
                           absl::string_view suffix);

}  // namespace tenantry::schema
