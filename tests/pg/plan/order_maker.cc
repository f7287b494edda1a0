#include "tests/pg/plan/order_maker.h"

#include <set>

#include "absl/strings/str_cat.h"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Relation;
using schema::Table;

const FieldDescriptor* Named(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

// Whether the row under `relation` is the row of `to` that `from` refers to.
std::string Ties(const Relation& relation, const std::string& from, const std::string& to) {
  std::string ties = absl::StrCat(to, ".", relation.target->tenant_sql_name, " = t.tenant");
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    absl::StrAppend(&ties, " AND ", to, ".", relation.references[i]->sql_name, " = ", from, ".",
                    relation.columns[i]->sql_name);
  }
  return ties;
}

}  // namespace

std::string OrderMaker::Fill(const Table& table, int entries, Message& holder,
                             const FieldDescriptor& field) {
  std::string list;
  std::set<std::string> seen;
  descending_ = false;
  for (int i = Below(entries + 1); i > 0; --i) {
    Message* order = holder.GetReflection()->AddMessage(&holder, &field);
    std::string after;
    const bool before = descending_;
    const std::string value = Entry(table, 2, "t", *order, after);
    if (seen.insert(value).second) {
      absl::StrAppend(&list, value, after, ", ");
    } else {
      holder.GetReflection()->RemoveLast(&holder, &field);
      descending_ = before;
    }
  }
  std::string separator;
  for (const schema::Column* column : table.primary_key) {
    absl::StrAppend(&list, separator, "t.", column->sql_name, descending_ ? " DESC" : "");
    separator = ", ";
  }
  return list;
}

std::string OrderMaker::Entry(const Table& table, int depth, const std::string& row, Message& order,
                              std::string& after) {
  std::vector<const Relation*> ways;
  for (const Relation& relation : table.relations) {
    if (order.GetDescriptor()->FindFieldByNumber(relation.number) != nullptr) {
      ways.push_back(&relation);
    }
  }
  if (depth == 0 || ways.empty() || Below(2) == 0) return Column(table, row, order, after);
  const Relation& relation = *ways[static_cast<std::size_t>(Below(static_cast<int>(ways.size())))];
  const FieldDescriptor* field = order.GetDescriptor()->FindFieldByNumber(relation.number);
  const std::string next = row + "x";
  const std::string value = Entry(*relation.target, depth - 1, next,
                                  *order.GetReflection()->MutableMessage(&order, field), after);
  return absl::StrCat("(SELECT ", value, " FROM ", relation.target->sql_name, " AS ", next,
                      " WHERE ", Ties(relation, row, next), ")");
}

std::string OrderMaker::Column(const Table& table, const std::string& row, Message& order,
                               std::string& after) {
  const auto columns = table.orderable();
  const schema::Column& column =
      *columns[static_cast<std::size_t>(Below(static_cast<int>(columns.size())))];
  const google::protobuf::Reflection& fields = *order.GetReflection();
  fields.SetEnumValue(&order, Named(order, "field"), column.number());
  const int direction = Below(3), nulls = Below(3);
  fields.SetEnumValue(&order, Named(order, "direction"), direction);
  fields.SetEnumValue(&order, Named(order, "nulls"), nulls);
  descending_ = direction == 2;
  after = descending_ ? " DESC" : "";
  if (nulls != 0) absl::StrAppend(&after, nulls == 1 ? " NULLS FIRST" : " NULLS LAST");
  if (column.is_computed() && row != "t") return absl::StrCat(column.function, "(", row, ")");
  return absl::StrCat(row, ".", column.sql_name);
}

}  // namespace tenantry::test
