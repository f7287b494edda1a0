#include "server/schema/derive_aggregate.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/schema/derive_filter.h"
#include "server/schema/derive_order.h"
#include "server/schema/derive_table.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

using google::protobuf::FieldDescriptorProto;
using Field = FileWriter::Field;
namespace number = field_number;

constexpr char kAggregateFile[] = "tenantry/v1/aggregate.proto";

std::string GroupByName(const Table& table) { return table.message->name() + "GroupBy"; }
std::string MeasureName(const Table& table) { return table.message->name() + "Measure"; }
std::string RowName(const Table& table) { return table.message->name() + "Aggregate"; }

Field Repeated(Field field) {
  field.repeated = true;
  return field;
}

Field Local(const ApiLayout& api, std::string name, int number, const std::string& type) {
  return FileWriter::OfMessage(std::move(name), number, api.Name(type), api.queries());
}

Field Shared(std::string name, int number, absl::string_view type) {
  return FileWriter::OfMessage(std::move(name), number, absl::StrCat("tenantry.v1.", type),
                               kAggregateFile);
}

Field SharedEnum(std::string name, int number, absl::string_view type) {
  Field field = FileWriter::Scalar(std::move(name), number, FieldDescriptorProto::TYPE_ENUM);
  field.type_name = absl::StrCat("tenantry.v1.", type);
  field.type_file = kAggregateFile;
  return field;
}

void AddMeasure(const ApiLayout& api, const Table& table, FileWriter& queries) {
  queries.AddMessage(MeasureName(table),
                     absl::StrCat("What is made of the ", Words(table.plural), " of a group."));
  queries.AddField(
      FileWriter::Scalar("name", number::kMeasureName, FieldDescriptorProto::TYPE_STRING),
      "Its name in the reply. Default: that of the function, and that of the field "
      "behind it, as in `count` and `sum_price`.");
  queries.AddField(SharedEnum("function", number::kMeasureFunction, "AggregateFunction"), "");
  queries.AddField(ColumnField(api, table, "field", number::kMeasureField),
                   "What it is made of. Without one, COUNT counts rows.");
  queries.AddField(Local(api, "filter", number::kMeasureFilter, FilterName(table)),
                   "The rows that count for this measure.");
}

void AddRequest(const ApiLayout& api, const Table& table, FileWriter& services) {
  const std::string many = Words(table.plural);
  const std::string method = MethodName(table, v1::METHOD_KIND_AGGREGATE);
  services.AddMessage(method + "Request", absl::StrCat("What ", method, " takes."));
  services.AddField(Repeated(Local(api, "group_by", number::kAggregateGroupBy, GroupByName(table))),
                    absl::StrCat("What the ", many,
                                 " of a group have in common, at most 16 entries. Without any, all "
                                 "are one group, which is there even when it is empty."));
  services.AddField(
      Repeated(Local(api, "measures", number::kAggregateMeasures, MeasureName(table))),
      "What is made of each group, at most 50 entries. Default: a count of its rows.");
  services.AddField(Local(api, "filter", number::kAggregateFilter, FilterName(table)),
                    absl::StrCat("The ", many, " that are in groups."));
  services.AddField(Repeated(Shared("order_by", number::kAggregateOrderBy, "AggregateOrder")),
                    "The order of groups. In the end, and by default, by their keys.");
  if (table.delete_time != nullptr) {
    services.AddField(FileWriter::Scalar("show_deleted", number::kAggregateShowDeleted,
                                         FieldDescriptorProto::TYPE_BOOL),
                      absl::StrCat("Groups also have ", many, " that are deleted."));
  }
  services.AddField(Repeated(Shared("having", number::kAggregateHaving, "MeasureFilter")),
                    "Conditions on measures that every group meets.");
  services.AddField(
      FileWriter::Scalar("limit", number::kAggregateLimit, FieldDescriptorProto::TYPE_INT32),
      "Most groups. 0 means the server's default (50), more than its maximum (1000) "
      "means the maximum.");
}

void AddResponse(const ApiLayout& api, const Table& table, FileWriter& services) {
  const std::string method = MethodName(table, v1::METHOD_KIND_AGGREGATE);
  services.AddMessage(method + "Response", absl::StrCat("What ", method, " answers."));
  services.AddField(Repeated(FileWriter::OfMessage("groups", number::kAggregateGroups,
                                                   api.Name(RowName(table)), "")),
                    "");
  services.AddField(
      FileWriter::Scalar("has_more", number::kAggregateHasMore, FieldDescriptorProto::TYPE_BOOL),
      "There are more groups than these.");
  services.AddMessage(RowName(table), absl::StrCat("A group of ", Words(table.plural), "."));
  services.AddField(
      FileWriter::OfMessage("key", number::kGroupKey, api.Resource(table), api.resources()),
      "The fields that it is grouped by, and no others. Of a time that is cut to a "
      "unit, the unit's beginning.");
  services.AddMap(Shared("values", number::kGroupValues, "AggregateValue"),
                  "What the measures come to, by their names.");
}

}  // namespace

void AddGroupBy(const ApiLayout& api, const Table& table, FileWriter& queries) {
  queries.AddMessage(GroupByName(table),
                     absl::StrCat("What groups ", Words(table.plural),
                                  ": a field, or one of a row that is referred to."));
  for (const Relation& relation : table.relations) {
    if (relation.many || !IsRead(*relation.target)) continue;
    queries.AddField(Local(api, relation.name, relation.number, GroupByName(*relation.target)),
                     absl::StrCat("By the row under `", relation.name, "`, deleted or not."));
  }
  queries.AddField(ColumnField(api, table, "field", number::kGroupByField), "By its value.");
  queries.AddField(SharedEnum("unit", number::kGroupByUnit, "TimeUnit"),
                   "Of times and dates: by the unit that the value is in.");
  queries.AddField(
      FileWriter::Scalar("time_zone", number::kGroupByTimeZone, FieldDescriptorProto::TYPE_STRING),
      "Of times: the zone in which the unit begins, by its name in IANA's list, such "
      "as `Europe/Berlin`. Default: UTC.");
}

void AddAggregate(const ApiLayout& api, const Table& table, FileWriter& services,
                  FileWriter& queries) {
  AddMeasure(api, table, queries);
  AddRequest(api, table, services);
  AddResponse(api, table, services);
}

}  // namespace tenantry::schema
