#include "server/schema/derive_aggregate.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "server/schema/derive_filter.h"
#include "server/schema/derive_order.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

using google::protobuf::FieldDescriptorProto;
using Field = FileWriter::Field;
namespace number = field_number;

constexpr char kAggregateFile[] = "tenantry/v1/aggregate.proto";

std::string GroupByName(const Table& table) { return table.message->name() + "GroupBy"; }
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

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Counts, sums and the like over the ", writer.many(), ", in groups.");
}

void AddRequest(MethodWriter& writer) {
  const ApiLayout& api = writer.api();
  const Table& table = writer.table();
  writer.AddField(Repeated(Local(api, "group_by", number::kAggregateGroupBy, GroupByName(table))),
                  absl::StrCat("What the ", writer.many(),
                               " of a group have in common, at most 16 entries. Without any, all "
                               "are one group, which is there even when it is empty."));
  writer.AddField(Repeated(Local(api, "measures", number::kAggregateMeasures, MeasureName(table))),
                  "What is made of each group, at most 50 entries. Default: a count of its rows.");
  writer.AddField(Local(api, "filter", number::kAggregateFilter, FilterName(table)),
                  absl::StrCat("The ", writer.many(), " that are in groups."));
  writer.AddField(Repeated(Shared("order_by", number::kAggregateOrderBy, "AggregateOrder")),
                  "The order of groups. In the end, and by default, by their keys.");
  writer.AddShowDeleted(number::kAggregateShowDeleted, "Groups also have");
  writer.AddField(Repeated(Shared("having", number::kAggregateHaving, "MeasureFilter")),
                  "Conditions on measures that every group meets.");
  writer.AddField(
      FileWriter::Scalar("limit", number::kAggregateLimit, FieldDescriptorProto::TYPE_INT32),
      "Most groups. 0 means the server's default (50), more than its maximum (1000) "
      "means the maximum.");
  writer.AddSearch(number::kAggregateSearch);
}

std::string AddReply(MethodWriter& writer) {
  const std::string group = RowName(writer.table());
  std::string type = writer.BeginReply(kAggregateKind);
  writer.AddField(
      Repeated(FileWriter::OfMessage("groups", number::kAggregateGroups, writer.Local(group), "")),
      "");
  writer.AddField(
      FileWriter::Scalar("has_more", number::kAggregateHasMore, FieldDescriptorProto::TYPE_BOOL),
      "There are more groups than these.");
  writer.services().AddMessage(group, absl::StrCat("A group of ", writer.many(), "."));
  writer.AddField(writer.Resource("key", number::kGroupKey),
                  "The fields that it is grouped by, and no others. Of a time that is cut to a "
                  "unit, the unit's beginning.");
  writer.services().AddMap(Shared("values", number::kGroupValues, "AggregateValue"),
                           "What the measures come to, by their names.");
  return type;
}

}  // namespace

std::string MeasureName(const Table& table) { return table.message->name() + "Measure"; }

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

bool HasRelationAggregates(const Table& table) {
  return IsRead(table) && absl::c_any_of(table.relations, [](const Relation& relation) {
           return relation.many && IsRead(*relation.target);
         });
}

void AddRelationAggregates(FileWriter& resources) {
  Field field = Shared("aggregates", number::kAggregates, "AggregateValue");
  field.options.AddExtension(google::api::field_behavior, google::api::OUTPUT_ONLY);
  resources.Import("google/api/field_behavior.proto");
  resources.AddMap(field,
                   "What the rows of relations come to, by the names in the select. Empty unless "
                   "the request selects them.");
}

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

constexpr Kind kAggregateKind = {.number = v1::METHOD_KIND_AGGREGATE,
                                 .verb = "Aggregate",
                                 .plural = true,
                                 .reads = true,
                                 .comment = Comment,
                                 .add_request = AddRequest,
                                 .add_reply = AddReply};

}  // namespace tenantry::schema
