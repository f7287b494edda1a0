// Writes of several tables in one call.
#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/schema/nested.h"
#include "tests/isolation/crossing.h"

namespace tenantry::isolation {
namespace {

using google::protobuf::Message;
using schema::Column;
using schema::Method;
using schema::Relation;
using schema::Table;

void Clear(const std::vector<const Column*>& columns, Message& row) {
  for (const Column* column : columns) row.GetReflection()->ClearField(&row, column->api);
}

bool Share(const std::vector<const Column*>& some, const std::vector<const Column*>& others) {
  return absl::c_any_of(
      some, [&](const Column* column) { return absl::c_linear_search(others, column); });
}

// A message within another: added to the field, or the one that is there.
Message& Within(Message& message, const char* name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  return field->is_repeated() ? *message.GetReflection()->AddMessage(&message, field)
                              : *message.GetReflection()->MutableMessage(&message, field);
}

bool Takes(const google::protobuf::Descriptor& changes, const char* name) {
  return changes.FindFieldByName(name) != nullptr;
}

}  // namespace

MessagePtr Crossing::RowAround(const Relation& relation, const Table& table,
                               const Message& related) {
  MessagePtr row = b_.NewRow(table);
  const auto& reflection = *row->GetReflection();
  Message* inner = relation.many ? reflection.AddMessage(row.get(), relation.api)
                                 : reflection.MutableMessage(row.get(), relation.api);
  inner->CopyFrom(related);
  relation.many ? Clear(relation.references, *inner) : Clear(relation.columns, *row);
  return row;
}

void Crossing::Nested(const Method& method) {
  const Table& table = *method.table;
  for (const Relation& relation : table.relations) {
    if (!schema::IsCreatable(relation)) continue;
    NestedKeys(method, relation);
    // The related row, or the row around it, refers to A's rows.
    const auto of_related = [&](const Message& row, const Relation& by) -> MessagePtr {
      if (relation.many && Share(by.columns, relation.references)) return nullptr;
      return test::RowRequest(method, *RowAround(relation, table, row));
    };
    References(method, *relation.target,
               absl::StrCat(relation.name, " of a new row with a reference"), of_related);
    const auto of_row = [&](const Message& row, const Relation& by) -> MessagePtr {
      if (!relation.many && Share(by.columns, relation.columns)) return nullptr;
      const MessagePtr around = RowAround(relation, table, *b_.NewRow(*relation.target));
      for (const Column* column : by.columns) {
        test::CopyValue(row, *column->api, *around, *column->api);
      }
      return test::RowRequest(method, *around);
    };
    References(method, table, absl::StrCat("a row with ", relation.name, " and a reference"),
               of_row);
  }
}

void Crossing::NestedKeys(const Method& method, const Relation& relation) {
  const Table& table = *method.table;
  for (const Message* row : Targets(*relation.target)) {
    const std::string own = PlacesOfB(table);
    const std::string related = PlacesOfB(*relation.target);
    const MessagePtr around = RowAround(relation, table, *OwnRowWithKeysOf(*relation.target, *row));
    MustSucceed(method, absl::StrCat(relation.name, " with keys that another tenant uses"),
                *test::RowRequest(method, *around));
    if (relation.many) RemoveAdded(*relation.target, related);
    RemoveAdded(table, own);
    if (!relation.many) RemoveAdded(*relation.target, related);
  }
}

void Crossing::Children(const Method& method) {
  const Table& table = *method.table;
  for (const Relation& relation : table.relations) {
    if (!schema::IsUpdatable(table, relation)) continue;
    const Table& target = *relation.target;
    // A request for B's row with one change, which `fill` makes.
    const auto request = [&](const char* change, const auto& fill) {
      MessagePtr row = test::Copy(*b_.rows(table)[0]);
      MessagePtr made = test::RowRequest(method, *row);
      Message& children = Within(Within(*made, "children"), relation.name.c_str());
      fill(Within(children, change));
      return made;
    };
    const MessagePtr probe = request("create", [](Message&) {});
    const auto& changes =
        *Within(Within(*probe, "children"), relation.name.c_str()).GetDescriptor();
    const auto remove = [&](const Message& row) {
      return request("delete", [&](Message& entry) {
        for (const Column* column : target.primary_key) {
          const auto* field = entry.GetDescriptor()->FindFieldByName(column->field->name());
          test::CopyValue(row, *column->api, entry, *field);
        }
      });
    };
    const auto update = [&](const Message& row) {
      return request("update", [&](Message& entry) {
        Message& inner = Within(entry, target.field_name.c_str());
        inner.CopyFrom(row);
        Clear(relation.references, inner);
        for (const Column* column : target.primary_key) {
          test::CopyValue(row, *column->api, inner, *column->api);
        }
      });
    };
    for (const Message* row : Targets(target)) {
      const MessagePtr unknown = WithUnknownKey(target, *row);
      if (Takes(changes, "delete")) {
        MustBeAlike(method, absl::StrCat(relation.name, " without another tenant's row"),
                    grpc::StatusCode::NOT_FOUND, *remove(*row), *remove(*unknown));
      }
      if (Takes(changes, "update")) {
        MustBeAlike(method, absl::StrCat(relation.name, " with changes to another tenant's row"),
                    grpc::StatusCode::NOT_FOUND, *update(*row), *update(*unknown));
      }
    }
    if (!Takes(changes, "create")) continue;
    const auto create = [&](const Message& row, const Relation& by) -> MessagePtr {
      if (Share(by.columns, relation.references)) return nullptr;
      return request("create", [&](Message& entry) {
        entry.CopyFrom(row);
        Clear(relation.references, entry);
      });
    };
    References(method, target, absl::StrCat(relation.name, " with a new row and a reference"),
               create);
  }
}

}  // namespace tenantry::isolation
