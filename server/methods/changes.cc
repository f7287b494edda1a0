#include "server/methods/changes.h"

#include "server/methods/key.h"
#include "server/methods/resource.h"

namespace tenantry::methods {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

ChangeFields::ChangeFields(const schema::Table& table, const google::protobuf::Descriptor& request,
                           Numbers numbers)
    : table_(table),
      resource_(request.FindFieldByNumber(numbers.resource)),
      mask_(request.FindFieldByNumber(numbers.update_mask)),
      increment_(request.FindFieldByNumber(numbers.increment)) {}

Changes ChangeFields::Take(const Message& request, const plan::Path& path,
                           plan::Violations& violations, plan::JsonTexts& json) const {
  Changes changes;
  changes.row = &request.GetReflection()->GetMessage(request, resource_);
  changes.set =
      ResolveMask(table_, request, path, mask_, *changes.row, plan::Path(path, resource_->name()),
                  plan::MaskUse::kUpdate, violations, json);
  changes.increments = Increments(request, path, changes.set, violations);
  return changes;
}

Changes ChangeFields::TakeOfRow(const Message& request, const plan::Path& path,
                                plan::Violations& violations, plan::JsonTexts& json) const {
  const plan::Path row_path(path, resource_->name());
  const Message* row = Resource(request, resource_, row_path, violations);
  if (row == nullptr) return {};
  CheckKey(table_.primary_key, *row, row_path, violations);
  return Take(request, path, violations, json);
}

void ChangeFields::RefuseEmpty(const plan::Path& path, plan::Violations& violations) const {
  violations.Add(plan::Path(path, mask_->name()),
                 "selects nothing to update: set a field, or name it in the mask");
}

std::vector<plan::Value> ChangeFields::Increments(const Message& request, const plan::Path& path,
                                                  const std::vector<plan::Change>& set,
                                                  plan::Violations& violations) const {
  std::vector<plan::Value> increments;
  if (increment_ == nullptr || !request.GetReflection()->HasField(request, increment_)) {
    return increments;
  }
  const Message& increment = request.GetReflection()->GetMessage(request, increment_);
  std::vector<const FieldDescriptor*> fields;
  increment.GetReflection()->ListFields(increment, &fields);
  const plan::Path under(path, increment_->name());
  for (const FieldDescriptor* field : fields) {
    const plan::Path field_path(under, field->name());
    const schema::Column& column = *table_.FindColumnByNumber(field->number());
    increments.push_back({&increment, field});
    CheckCompared(column, increments.back(), field_path, violations);
    for (const plan::Change& change : set) {
      if (change.column != &column) continue;
      violations.Add(field_path, "is set by the same request: a number is either added to or set");
    }
  }
  return increments;
}

std::vector<plan::Assignment> AssignmentsOf(const schema::Table& table, const Changes& changes,
                                            plan::Statement& statement) {
  using Source = plan::Assignment::Source;
  std::vector<plan::Assignment> values;
  for (const plan::Change& change : changes.set) {
    const schema::Column& column = *change.column;
    if (change.to_default) {
      values.push_back({&column, Source::kDefault, {}});
    } else {
      const plan::Value value{changes.row, column.api};
      values.push_back({&column, Source::kValue, statement.Add(plan::FieldValue{&column, value})});
    }
  }
  for (const plan::Value& increment : changes.increments) {
    const schema::Column* column = table.FindColumnByNumber(increment.field->number());
    values.push_back(
        {column, Source::kIncreased, statement.Add(plan::FieldValue{column, increment})});
  }
  AppendUpdateTime(table, values);
  return values;
}

plan::Update UpdateOfRow(const schema::Table& table, const Changes& changes,
                         std::size_t row_bytes_max, plan::Statement& statement) {
  plan::Update update;
  update.table = &table;
  update.where = KeyIs(table, static_cast<int>(statement.values.size()));
  AddKeyOfResource(table, *changes.row, statement);
  update.values = AssignmentsOf(table, changes, statement);
  update.row_bytes_max = row_bytes_max;
  return update;
}

}  // namespace tenantry::methods
