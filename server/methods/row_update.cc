#include "server/methods/row_update.h"

#include "server/methods/key.h"
#include "server/methods/resource.h"
#include "server/schema/methods.h"

namespace tenantry::methods {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Assignment;

RowUpdate::RowUpdate(const schema::Table& table, const google::protobuf::Descriptor& holder,
                     std::size_t row_bytes_max)
    : table_(table),
      resource_(holder.FindFieldByNumber(schema::field_number::kResource)),
      mask_(holder.FindFieldByNumber(schema::field_number::kUpdateMask)),
      increment_(holder.FindFieldByNumber(schema::field_number::kIncrement)),
      row_bytes_max_(row_bytes_max) {}

RowUpdate::Parts RowUpdate::Check(const Message& holder, const plan::Path& path,
                                  plan::Violations& violations, plan::JsonTexts& json) const {
  Parts parts;
  const plan::Path row_path(path, resource_->name());
  parts.row = Resource(holder, resource_, row_path, violations);
  if (parts.row == nullptr) return parts;
  CheckKey(table_.primary_key, *parts.row, row_path, violations);
  parts.changes = ResolveMask(table_, holder, mask_, path, *parts.row, row_path,
                              plan::MaskUse::kUpdate, violations, json);
  TakeIncrements(holder, path, violations, parts);
  return parts;
}

void RowUpdate::RefuseEmpty(const plan::Path& path, plan::Violations& violations) const {
  violations.Add(plan::Path(path, mask_->name()),
                 "selects nothing to update: set a field, or name it in the mask");
}

void RowUpdate::TakeIncrements(const Message& holder, const plan::Path& path,
                               plan::Violations& violations, Parts& parts) const {
  if (increment_ == nullptr || !holder.GetReflection()->HasField(holder, increment_)) return;
  const Message& increment = holder.GetReflection()->GetMessage(holder, increment_);
  std::vector<const FieldDescriptor*> set;
  increment.GetReflection()->ListFields(increment, &set);
  const plan::Path under(path, increment_->name());
  for (const FieldDescriptor* field : set) {
    const plan::Path field_path(under, field->name());
    const schema::Column& column = *table_.FindColumnByNumber(field->number());
    parts.increments.push_back({&increment, field});
    CheckCompared(column, parts.increments.back(), field_path, violations);
    for (const plan::Change& change : parts.changes) {
      if (change.column != &column) continue;
      violations.Add(field_path, "is set by the same request: a number is either added to or set");
    }
  }
}

plan::Update RowUpdate::StatementOf(const Parts& parts, plan::Statement& values) const {
  plan::Update update;
  update.table = &table_;
  update.where = KeyIs(table_, static_cast<int>(values.values.size()));
  AddKeyOfResource(table_, *parts.row, values);
  for (const plan::Change& change : parts.changes) {
    const schema::Column& column = *change.column;
    if (change.to_default) {
      update.values.push_back({&column, Assignment::Source::kDefault, {}});
    } else {
      update.values.push_back(
          {&column, Assignment::Source::kValue,
           values.Add(plan::FieldValue{&column, plan::Value{parts.row, column.api}})});
    }
  }
  for (const plan::Value& increment : parts.increments) {
    const schema::Column* column = table_.FindColumnByNumber(increment.field->number());
    update.values.push_back(
        {column, Assignment::Source::kIncreased, values.Add(plan::FieldValue{column, increment})});
  }
  AppendUpdateTime(table_, update.values);
  update.row_bytes_max = row_bytes_max_;
  return update;
}

}  // namespace tenantry::methods
