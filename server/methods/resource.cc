#include "server/methods/resource.h"

namespace tenantry::methods {

using google::protobuf::Message;
using plan::Assignment;
using schema::Column;
using schema::Table;

namespace {

// The managed times that an insert sets.
bool IsSetAtInsert(const Column& column) {
  return column.managed == v1::MANAGED_CREATE_TIME || column.managed == v1::MANAGED_UPDATE_TIME;
}

// An absent value would be NULL, which is not the same as no value.
bool TakesDefault(const Column& column) {
  return !column.default_sql.empty() && !column.array && column.managed == v1::MANAGED_UNSPECIFIED;
}

}  // namespace

const Message* Resource(const Message& request, const google::protobuf::FieldDescriptor* field,
                        const plan::Path& path, plan::Violations& violations) {
  if (!request.GetReflection()->HasField(request, field)) {
    violations.Add(path, "is required");
    return nullptr;
  }
  return &request.GetReflection()->GetMessage(request, field);
}

std::vector<Assignment> InsertedValues(const Table& table, int first) {
  std::vector<Assignment> values;
  for (const Column& column : table.columns) {
    if (IsSetAtInsert(column)) {
      values.push_back({&column, Assignment::Source::kNow, {}});
    } else if (column.is_settable()) {
      values.push_back(
          {&column,
           TakesDefault(column) ? Assignment::Source::kValueOrDefault : Assignment::Source::kValue,
           {first++}});
    }
  }
  return values;
}

plan::Insert InsertOf(const Table& table) {
  plan::Insert insert;
  insert.table = &table;
  insert.values = InsertedValues(table, 1);
  insert.returning = table.readable();
  return insert;
}

void AddInserted(const Table& table, const Message& resource, plan::Call& call) {
  ForEachInserted(table, [&](const Column& column) {
    call.Add(plan::FieldValue{&column, plan::Value{&resource, column.api}});
  });
}

void AddInsertedRows(const Table& table, plan::Call& call) {
  ForEachInserted(table, [&](const Column& column) {
    call.Add(plan::RowsValue{&column, column.api});
  });
}

void AppendUpdateTime(const Table& table, std::vector<Assignment>& values) {
  if (table.update_time == nullptr) return;
  values.push_back({table.update_time, Assignment::Source::kNow, {}});
}

}  // namespace tenantry::methods
