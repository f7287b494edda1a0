#include "server/schema/schema.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/strings.h"
#include "server/schema/builder.h"
#include "server/schema/loader.h"
#include "server/schema/reporter.h"

namespace tenantry::schema {
namespace {

absl::Status ErrorsAsStatus(std::vector<LintError> found, std::vector<LintError>* errors) {
  std::string text = absl::StrJoin(found, "\n", [](std::string* out, const LintError& error) {
    absl::StrAppend(out, error.ToString());
  });
  if (errors != nullptr) *errors = std::move(found);
  return absl::InvalidArgumentError(text);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Schema>> Schema::Load(const Source& source,
                                                           std::vector<LintError>* errors) {
  std::error_code ignored;
  Reporter reporter(std::filesystem::is_directory(source.path, ignored) ? source.path : "");
  auto files = LoadFiles(source, reporter);
  if (!files.ok()) return files.status();
  auto schema = SchemaBuilder(*std::move(files), source, reporter).Build();
  if (schema != nullptr) return schema;
  if (source.api_text) return ErrorsAsStatus(reporter.Take(), errors);
  // Once more, for the places of the errors.
  Source with_text = source;
  with_text.api_text = true;
  return Load(with_text, errors);
}

const Table* Schema::FindTable(std::string_view message_full_name) const {
  auto found = by_message_.find(ToAbsl(message_full_name));
  return found == by_message_.end() ? nullptr : found->second;
}

std::vector<std::string> Schema::service_names() const {
  std::vector<std::string> names;
  for (const Method& method : methods_) {
    const std::string& name = method.descriptor->service()->full_name();
    // The methods of a service are next to each other.
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

const EnumType::Value* EnumType::FindNumber(std::int32_t number) const {
  for (const Value& value : values) {
    if (value.number == number) return &value;
  }
  return nullptr;
}

const EnumType::Value* EnumType::FindLabel(std::string_view label) const {
  for (const Value& value : values) {
    if (value.label == label) return &value;
  }
  return nullptr;
}

const Column* Table::FindColumn(std::string_view field_name) const {
  for (const Column& column : columns) {
    if (column.field->name() == field_name) return &column;
  }
  return nullptr;
}

const Column* Table::FindColumnByNumber(int number) const {
  for (const Column& column : columns) {
    if (column.number() == number) return &column;
  }
  return nullptr;
}

bool Table::HasIndexOn(const Column& column) const {
  if (tenant_root) return true;  // one row
  const auto leads = [&](const std::vector<const Column*>& columns) {
    return !columns.empty() && columns[0] == &column;
  };
  return leads(primary_key) ||
         std::any_of(unique_keys.begin(), unique_keys.end(),
                     [&](const UniqueKey& key) { return leads(key.columns); }) ||
         std::any_of(indexes.begin(), indexes.end(), [&](const Index& index) {
           return index.method == v1::INDEX_METHOD_BTREE && index.where.empty() &&
                  leads(index.columns);
         });
}

const Relation* Table::FindRelationByNumber(int number) const {
  for (const Relation& relation : relations) {
    if (relation.number == number) return &relation;
  }
  return nullptr;
}

std::vector<const Column*> Table::readable() const {
  std::vector<const Column*> found;
  found.reserve(columns.size());
  for (const Column& column : columns) {
    if (column.is_readable()) found.push_back(&column);
  }
  return found;
}

std::vector<const Column*> Table::comparable() const {
  std::vector<const Column*> found = readable();
  std::erase_if(found, [](const Column* column) { return column->is_etag(); });
  return found;
}

std::vector<const Column*> Table::orderable() const {
  std::vector<const Column*> found = comparable();
  std::erase_if(found,
                [](const Column* column) { return column->array || column->type == Type::kJson; });
  return found;
}

std::string LintError::ToString() const {
  std::string out = file;
  if (line > 0) absl::StrAppend(&out, ":", line, ":", column);
  if (!message_name.empty()) absl::StrAppend(&out, ": ", message_name);
  if (!field.empty()) absl::StrAppend(&out, message_name.empty() ? ": " : ".", field);
  return absl::StrCat(out, ": ", description);
}

}  // namespace tenantry::schema
