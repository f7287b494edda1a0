#include "server/schema/derive_select.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/schema/derive_aggregate.h"
#include "server/schema/derive_filter.h"
#include "server/schema/derive_order.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

using google::protobuf::FieldDescriptorProto;
using Field = FileWriter::Field;
namespace number = field_number;

std::string SelectName(const Table& table) { return table.message->name() + "Select"; }
std::string AggregatesSelectName(const Table& table) {
  return table.message->name() + "AggregatesSelect";
}
std::string ListSelectName(const Table& table) { return table.message->name() + "ListSelect"; }

Field Message(const ApiLayout& api, std::string name, int number, const std::string& type) {
  return FileWriter::OfMessage(std::move(name), number, api.Name(type), api.queries());
}

}  // namespace

void AddSelect(const ApiLayout& api, const Table& table, FileWriter& queries) {
  const std::string one = Words(table.message->name());
  queries.AddMessage(
      SelectName(table),
      absl::StrCat("Which fields of one ", one,
                   " are read. Without any column, all columns are; "
                   "the key always is. A relation is read when its field is set, if only to an "
                   "empty message."));
  for (const Column* column : table.readable()) {
    queries.AddField(FileWriter::Scalar(column->field->name(), column->number(),
                                        FieldDescriptorProto::TYPE_BOOL),
                     "");
  }
  for (const Relation& relation : table.relations) {
    if (!IsRead(*relation.target)) continue;
    queries.AddField(
        Message(api, relation.name, relation.number,
                relation.many ? ListSelectName(*relation.target) : SelectName(*relation.target)),
        "");
  }
  if (!HasRelationAggregates(table)) return;
  queries.AddField(Message(api, "aggregates", number::kAggregates, AggregatesSelectName(table)),
                   "What the rows of relations come to, which need not be read for it.");
}

void AddAggregatesSelect(const ApiLayout& api, const Table& table, FileWriter& queries) {
  const std::string one = Words(table.message->name());
  queries.AddMessage(
      AggregatesSelectName(table),
      absl::StrCat(
          "What the rows that each ", one,
          " has under a relation come to, deleted ones left out. At most 50 entries in "
          "the whole select. Without a name of its own, an entry is named by the relation, "
          "the function and the field, as in `orders_count` and `orders_sum_price`."));
  for (const Relation& relation : table.relations) {
    if (!relation.many || !IsRead(*relation.target)) continue;
    Field entries = Message(api, relation.name, relation.number, MeasureName(*relation.target));
    entries.repeated = true;
    queries.AddField(entries, "");
  }
}

void AddListSelect(const ApiLayout& api, const Table& table, FileWriter& queries) {
  const std::string many = Words(table.plural);
  queries.AddMessage(ListSelectName(table),
                     absl::StrCat("Which ", many, " of a relation are read."));
  queries.AddField(Message(api, "select", number::kRelationSelect, SelectName(table)),
                   "The fields of each.");
  queries.AddField(Message(api, "filter", number::kRelationFilter, FilterName(table)),
                   "Conditions that each of them meets.");
  queries.AddField(OrderField(api, table, number::kRelationOrderBy),
                   "Their order. In the end, and by default, by their key.");
  queries.AddField(
      FileWriter::Scalar("limit", number::kRelationLimit, FieldDescriptorProto::TYPE_INT32),
      "Most of them. 0 means the server's default (50), more than its maximum (1000) "
      "means the maximum.");
  queries.AddField(
      FileWriter::Scalar("skip", number::kRelationSkip, FieldDescriptorProto::TYPE_INT64),
      "How many of them to pass over.");
  if (table.delete_time != nullptr) {
    queries.AddField(FileWriter::Scalar("show_deleted", number::kRelationShowDeleted,
                                        FieldDescriptorProto::TYPE_BOOL),
                     "Also reads those that are deleted.");
  }
}

Field SelectField(const ApiLayout& api, const Table& table, int number) {
  return Message(api, "select", number, SelectName(table));
}

}  // namespace tenantry::schema
