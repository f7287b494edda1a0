#include "server/schema/derive_order.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

using google::protobuf::FieldDescriptorProto;
using Field = FileWriter::Field;
namespace number = field_number;

Field SharedEnum(std::string name, int number, std::string type) {
  Field field = FileWriter::Scalar(std::move(name), number, FieldDescriptorProto::TYPE_ENUM);
  field.type_name = std::move(type);
  field.type_file = "tenantry/v1/query.proto";
  return field;
}

void AddColumnEnum(const Table& table, FileWriter& queries) {
  const std::string name = ColumnEnumName(table);
  const std::string prefix = absl::StrCat(UpperSnakeCase(name), "_");
  queries.AddEnum(name,
                  absl::StrCat("The columns of ", Words(table.plural), " that can be compared."));
  queries.AddValue(prefix + "UNSPECIFIED", 0, "Not a column.");
  for (const Column* column : table.orderable()) {
    queries.AddValue(prefix + absl::AsciiStrToUpper(column->field->name()), column->number(), "");
  }
}

}  // namespace

std::string ColumnEnumName(const Table& table) {
  return absl::StrCat(table.message->name(), "Field");
}

std::string OrderName(const Table& table) { return absl::StrCat(table.message->name(), "Order"); }

Field ColumnField(const ApiLayout& api, const Table& table, std::string name, int number) {
  Field field = FileWriter::Scalar(std::move(name), number, FieldDescriptorProto::TYPE_ENUM);
  field.type_name = api.Name(ColumnEnumName(table));
  field.type_file = api.queries();
  return field;
}

void AddOrder(const ApiLayout& api, const Table& table, FileWriter& queries) {
  queries.AddMessage(OrderName(table),
                     absl::StrCat("One criterion of the order of ", Words(table.plural),
                                  ": a column, or a criterion of a row that is referred to."));
  for (const Relation& relation : table.relations) {
    if (relation.many || !IsRead(*relation.target)) continue;
    queries.AddField(
        FileWriter::OfMessage(relation.name, relation.number, api.Name(OrderName(*relation.target)),
                              api.queries()),
        absl::StrCat("By the row under `", relation.name, "`. Without one, as by a NULL."));
  }
  queries.AddField(ColumnField(api, table, "field", number::kOrderField),
                   "The column to compare. Without one, the primary key.");
  if (table.search.has_value()) {
    queries.AddField(
        FileWriter::Scalar("rank", number::kOrderRank, FieldDescriptorProto::TYPE_BOOL),
        "By how well a row matches the `search` of a List, the best match first. Alone in its "
        "entry.");
  }
  queries.AddField(SharedEnum("direction", number::kOrderDirection, "tenantry.v1.Direction"),
                   "Default: ascending.");
  queries.AddField(SharedEnum("nulls", number::kOrderNulls, "tenantry.v1.Nulls"),
                   "Where rows without a value stand. Default: last when ascending, first when "
                   "descending.");
  AddColumnEnum(table, queries);
}

Field OrderField(const ApiLayout& api, const Table& table, int number) {
  Field field =
      FileWriter::OfMessage("order_by", number, api.Name(OrderName(table)), api.queries());
  field.repeated = true;
  return field;
}

}  // namespace tenantry::schema
