#include "server/methods/conflict.h"

#include "server/methods/resource.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;
using plan::Assignment;

// Null is the primary key.
const schema::UniqueKey* FindKey(const schema::Table& table, int number) {
  for (const schema::UniqueKey& key : table.unique_keys) {
    if (key.number == number) return &key;
  }
  return nullptr;
}

}  // namespace

UpsertFields::UpsertFields(const schema::Table& table, const google::protobuf::Descriptor& request)
    : table_(table),
      resource_(request.FindFieldByNumber(schema::field_number::kResource)),
      conflict_key_(request.FindFieldByNumber(schema::field_number::kUpsertConflictKey)),
      mask_(request.FindFieldByNumber(schema::field_number::kUpsertMask)) {}

Upserted UpsertFields::Take(const Message& request, const plan::Path& path,
                            plan::Violations& violations, plan::JsonTexts& json) const {
  Upserted upserted;
  const std::size_t before = violations.size();
  const plan::Path row_path(path, resource_->name());
  upserted.row = Resource(request, resource_, row_path, violations);
  const plan::Value conflict{&request, conflict_key_};
  CheckEnumKnown(conflict, plan::Path(path, conflict_key_->name()), violations);
  if (violations.size() > before) return upserted;

  const schema::UniqueKey* key = FindKey(table_, conflict.as_enum());
  upserted.is_primary = key == nullptr;
  upserted.key = key == nullptr ? table_.primary_key : key->columns;
  // NULLs never conflict, and a made-up id would not either: the chosen key must be given.
  CheckKey(upserted.key, *upserted.row, row_path, violations);
  CheckInsert(table_, *upserted.row, row_path, violations, json);
  upserted.changes = ResolveMask(table_, request, path, mask_, *upserted.row, row_path,
                                 plan::MaskUse::kUpsert, violations, json);
  return upserted;
}

plan::Insert InsertOrUpdate(const schema::Table& table, const Upserted& upserted,
                            std::size_t row_bytes_max) {
  plan::OnConflict conflict;
  conflict.key = upserted.key;
  conflict.partial = !upserted.is_primary && table.delete_time != nullptr;
  for (const plan::Change& change : upserted.changes) {
    conflict.updates.push_back({change.column, Assignment::Source::kProposed, {}});
  }
  AppendUpdateTime(table, conflict.updates);
  if (conflict.updates.empty()) {
    // Nothing to change, yet DO NOTHING would return no row.
    conflict.updates.push_back({conflict.key[0], Assignment::Source::kPresent, {}});
  }
  conflict.row_bytes_max = row_bytes_max;
  plan::Insert insert;
  insert.table = &table;
  insert.on_conflict = std::move(conflict);
  return insert;
}

}  // namespace tenantry::methods
