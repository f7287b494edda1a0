// Upsert: one new row, or changes to the one that has its key already.

#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Assignment;

class Upsert final : public StandardMethod {
 public:
  Upsert(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        resource_(Field(method, schema::field_number::kResource)),
        conflict_key_(Field(method, schema::field_number::kUpsertConflictKey)),
        mask_(Field(method, schema::field_number::kUpsertMask)),
        inserted_(InsertedValues(*method.table, 1)),
        row_bytes_max_(context.limits.row_bytes_max),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const plan::Path root;
    const plan::Path path(root, resource_->name());
    const Message* row = Resource(*call.request, resource_, path, violations);
    const plan::Value conflict{call.request, conflict_key_};
    CheckEnumKnown(conflict, plan::Path(root, conflict_key_->name()), violations);
    if (row == nullptr || !violations.empty()) return;

    const schema::UniqueKey* key = FindKey(conflict.as_enum());
    // NULLs never conflict, and a made-up id would not either: the chosen key must be given.
    CheckKey(key == nullptr ? table_.primary_key : key->columns, *row, path, violations);
    CheckInsert(table_, *row, path, violations, call.json);
    const std::vector<plan::Change> changes =
        ResolveMask(table_, *call.request, mask_, plan::Path(), *row, path, plan::MaskUse::kUpsert,
                    violations, call.json);
    if (!violations.empty()) return;
    AddInserted(table_, *row, call);
    plan::Insert insert = Statement(key, changes);
    select_.TakeWritten(call, insert, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(insert),
                                  {.form = plan::ReplyForm::kRow, .no_row = plan::NoRow::kDeleted});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  static const FieldDescriptor* Field(const schema::Method& method, int number) {
    return method.descriptor->input_type()->FindFieldByNumber(number);
  }

  // Null is the primary key.
  const schema::UniqueKey* FindKey(int number) const {
    for (const schema::UniqueKey& key : table_.unique_keys) {
      if (key.number == number) return &key;
    }
    return nullptr;
  }

  plan::Insert Statement(const schema::UniqueKey* key,
                         const std::vector<plan::Change>& changes) const {
    plan::OnConflict conflict;
    conflict.key = key == nullptr ? table_.primary_key : key->columns;
    conflict.partial = key != nullptr && table_.delete_time != nullptr;
    for (const plan::Change& change : changes) {
      conflict.updates.push_back({change.column, Assignment::Source::kProposed, {}});
    }
    AppendUpdateTime(table_, conflict.updates);
    if (conflict.updates.empty()) {
      // Nothing to change, yet DO NOTHING would return no row.
      conflict.updates.push_back({conflict.key[0], Assignment::Source::kPresent, {}});
    }
    conflict.row_bytes_max = row_bytes_max_;
    plan::Insert insert;
    insert.table = &table_;
    insert.values = inserted_;
    insert.on_conflict = std::move(conflict);
    return insert;
  }

  const schema::Table& table_;
  const FieldDescriptor* const resource_;
  const FieldDescriptor* const conflict_key_;
  const FieldDescriptor* const mask_;
  const std::vector<Assignment> inserted_;
  const std::size_t row_bytes_max_;
  const Select select_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeUpsert(const schema::Method& method,
                                           const MethodContext& context) {
  return std::make_unique<Upsert>(method, context);
}

}  // namespace tenantry::methods
