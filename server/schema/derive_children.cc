#include "server/schema/derive_children.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "server/schema/derive_resource.h"
#include "server/schema/derive_write.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"
#include "server/schema/nested.h"

namespace tenantry::schema {
namespace {

using Field = FileWriter::Field;
namespace number = field_number;

std::string ChildrenName(const Table& table) { return table.message->name() + "Children"; }
std::string ChangesName(const Table& table) { return table.message->name() + "Changes"; }
std::string UpdateName(const Table& table) { return table.message->name() + "Update"; }
std::string DeleteName(const Table& table) { return table.message->name() + "Delete"; }

bool Has(const Table& table, v1::MethodKind kind) {
  return absl::c_linear_search(table.methods, kind);
}

// Writes the messages of one table.
class ChangesWriter {
 public:
  ChangesWriter(const ApiLayout& api, const Table& table, FileWriter& queries)
      : api_(api),
        table_(table),
        queries_(queries),
        one_(Words(table.message->name())),
        many_(Words(table.plural)) {}

  void Write() {
    queries_.AddMessage(ChangesName(table_),
                        absl::StrCat("What becomes of ", many_,
                                     " that refer to one row. Those that are not named stay as "
                                     "they are."));
    if (Has(table_, v1::METHOD_KIND_CREATE)) AddCreate();
    if (Has(table_, v1::METHOD_KIND_UPDATE)) {
      queries_.AddField(Repeated("update", number::kChangesUpdate, UpdateName(table_)),
                        "Those to change.");
    }
    if (Has(table_, v1::METHOD_KIND_DELETE)) {
      queries_.AddField(Repeated("delete", number::kChangesDelete, DeleteName(table_)),
                        "Those to delete, before others are changed or made.");
    }
    if (Has(table_, v1::METHOD_KIND_UPDATE)) AddUpdate();
    if (Has(table_, v1::METHOD_KIND_DELETE)) AddDelete();
  }

 private:
  Field Repeated(std::string name, int number, const std::string& type) const {
    Field field = FileWriter::OfMessage(std::move(name), number, api_.Name(type), api_.queries());
    field.repeated = true;
    return field;
  }
  Field Required(Field field) {
    field.options.AddExtension(google::api::field_behavior, google::api::REQUIRED);
    queries_.Import("google/api/field_behavior.proto");
    return field;
  }

  void AddCreate() {
    Field create = FileWriter::OfMessage("create", number::kChangesCreate, api_.Resource(table_),
                                         api_.resources());
    create.repeated = true;
    queries_.AddField(create, "Those to make, as Create does, without the columns that refer.");
  }

  void AddUpdate() {
    queries_.AddMessage(UpdateName(table_), absl::StrCat("Changes to one ", one_, "."));
    queries_.AddField(
        Required(FileWriter::OfMessage(table_.field_name, number::kResource, api_.Resource(table_),
                                       api_.resources())),
        absl::StrCat("The new values, and in the key which ", one_, " they are for."));
    queries_.AddField(
        FileWriter::OfMessage("update_mask", number::kUpdateMask, "google.protobuf.FieldMask",
                              "google/protobuf/field_mask.proto"),
        "The fields to change, as in Update.");
    if (!Countable(table_).empty()) {
      queries_.AddField(IncrementField(api_, table_, number::kIncrement),
                        "What is added to numbers.");
    }
  }

  void AddDelete() {
    queries_.AddMessage(DeleteName(table_), absl::StrCat("One ", one_, " to delete, by its key."));
    int next = number::kFirstKey;
    for (const Column* column : table_.primary_key) {
      queries_.AddField(Required(FieldOf(api_, *column, column->field->name(), next++)), "");
    }
  }

  const ApiLayout& api_;
  const Table& table_;
  FileWriter& queries_;
  const std::string one_, many_;
};

}  // namespace

bool HasChildren(const Table& table) {
  return absl::c_any_of(table.relations,
                        [&](const Relation& relation) { return IsUpdatable(table, relation); });
}

void AddChildren(const ApiLayout& api, const Table& table, FileWriter& queries) {
  const std::string one = Words(table.message->name());
  queries.AddMessage(ChildrenName(table),
                     absl::StrCat("Changes to the rows that refer to one ", one, "."));
  for (const Relation& relation : table.relations) {
    if (!IsUpdatable(table, relation)) continue;
    queries.AddField(FileWriter::OfMessage(relation.name, relation.number,
                                           api.Name(ChangesName(*relation.target)), api.queries()),
                     "");
  }
}

Field ChildrenField(const ApiLayout& api, const Table& table) {
  return FileWriter::OfMessage("children", number::kChildren, api.Name(ChildrenName(table)),
                               api.queries());
}

void AddChanges(const ApiLayout& api, const Table& table, FileWriter& queries) {
  const bool is_child = absl::c_any_of(table.relations, [&](const Relation& relation) {
    return !relation.many && absl::c_any_of(relation.target->relations, [&](const Relation& other) {
      return other.target == &table && IsUpdatable(*relation.target, other);
    });
  });
  if (is_child) ChangesWriter(api, table, queries).Write();
}

}  // namespace tenantry::schema
