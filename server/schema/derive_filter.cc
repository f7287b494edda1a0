#include "server/schema/derive_filter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/schema/enums.h"
#include "server/schema/filter_number.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
namespace number = filter_number;
using pb::FieldDescriptorProto;
using Field = FileWriter::Field;

constexpr char kQueryFile[] = "tenantry/v1/query.proto";

Field Shared(std::string name, int number, absl::string_view type) {
  return FileWriter::OfMessage(std::move(name), number, absl::StrCat("tenantry.v1.", type),
                               kQueryFile);
}

Field Flag(std::string name, int number) {
  Field field = FileWriter::Scalar(std::move(name), number, FieldDescriptorProto::TYPE_BOOL);
  field.optional = true;
  return field;
}

std::string EnumArrayFilterName(const pb::EnumDescriptor& type) {
  return FlatName(type) + "ArrayFilter";
}
std::string EnumValuesName(const pb::EnumDescriptor& type) { return FlatName(type) + "Values"; }

std::string ListFilterName(const Table& table) {
  return absl::StrCat(table.message->name(), "ListFilter");
}

class FilterWriter {
 public:
  FilterWriter(const ApiLayout& api, FileWriter& writer) : api_(api), writer_(writer) {}

  void Table(const schema::Table& table) {
    const std::string many = Words(table.plural);
    writer_.AddMessage(FilterName(table),
                       absl::StrCat("Conditions on ", many, ". All that are set hold."));
    for (const schema::Column* column : table.comparable()) {
      writer_.AddField(Column(*column), absl::StrCat("On ", column->field->name(), "."));
    }
    for (const schema::Relation& relation : table.relations) {
      if (IsRead(*relation.target)) Relation(relation);
    }
    Group("all_of", number::kAllOf, table, "All of these hold.");
    Group("any_of", number::kAnyOf, table,
          "At least one of these holds. An empty list says nothing.");
    Group("none_of", number::kNoneOf, table,
          "None of these holds. One that compares with a NULL does not hold.");
  }

  void ListOf(const schema::Table& table) {
    const std::string many = Words(table.plural);
    writer_.AddMessage(
        ListFilterName(table),
        absl::StrCat("A condition on the ", many,
                     " that a row has, deleted ones left out. All that are set hold."));
    writer_.AddField(Local("some", number::kSome, FilterName(table)),
                     "At least one of them meets this.");
    writer_.AddField(Local("none", number::kNone, FilterName(table)), "None of them meets this.");
    writer_.AddField(Local("every", number::kEvery, FilterName(table)),
                     "Each of them meets this; also when there are none.");
  }

  void Enum(const pb::EnumDescriptor& type) {
    const std::string values = EnumValuesName(type);
    writer_.AddMessage(
        EnumFilterName(type),
        absl::StrCat("On ", Words(type.name()), ". As the filters of tenantry/v1/query.proto."));
    writer_.AddField(EnumField(type, "eq", number::kEqual), "");
    writer_.AddField(EnumField(type, "ne", number::kNotEqual), "");
    writer_.AddField(Local("in", number::kIn, values), "");
    writer_.AddField(Local("not_in", number::kNotIn, values), "");
    writer_.AddField(Flag("is_null", number::kIsNull), "");
  }

  void EnumArray(const pb::EnumDescriptor& type) {
    const std::string values = EnumValuesName(type);
    writer_.AddMessage(EnumArrayFilterName(type),
                       absl::StrCat("On lists of ", Words(type.name()), "."));
    writer_.AddField(Local("eq", number::kEqual, values),
                     "Has the same elements in the same order.");
    writer_.AddField(Local("ne", number::kNotEqual, values), "");
    writer_.AddField(Local("contains", number::kHasAll, values),
                     "Has all of these elements, in whatever order.");
    writer_.AddField(Local("overlaps", number::kOverlaps, values),
                     "Has at least one of these elements.");
    writer_.AddField(Local("contained_by", number::kContainedBy, values),
                     "Has no element but these.");
    writer_.AddField(Flag("is_empty", number::kIsEmpty), "");
    writer_.AddField(Shared("length", number::kLength, "Int32Filter"),
                     "On the number of elements.");
  }

  void EnumValues(const pb::EnumDescriptor& type) {
    writer_.AddMessage(EnumValuesName(type), "");
    Field values = EnumField(type, "values", number::kValues);
    values.optional = false;
    values.repeated = true;
    writer_.AddField(values, "");
  }

 private:
  Field Local(std::string name, int number, const std::string& type) const {
    return FileWriter::OfMessage(std::move(name), number, api_.Name(type), api_.queries());
  }

  Field EnumField(const pb::EnumDescriptor& type, std::string name, int number) const {
    Field field = FileWriter::Scalar(std::move(name), number, FieldDescriptorProto::TYPE_ENUM);
    field.type_name = api_.Enum(type);
    field.type_file = api_.resources();
    field.optional = true;
    return field;
  }

  Field Column(const schema::Column& column) const {
    const std::string& name = column.field->name();
    if (column.enum_type != nullptr) {
      const pb::EnumDescriptor& type = *column.enum_type->descriptor;
      return Local(name, column.number(),
                   column.array ? EnumArrayFilterName(type) : EnumFilterName(type));
    }
    const TypeInfo& info = InfoOf(column.type);
    return Shared(name, column.number(), column.array ? info.array_filter : info.filter);
  }

  void Relation(const schema::Relation& relation) {
    const schema::Table& target = *relation.target;
    writer_.AddField(Local(relation.name, relation.number,
                           relation.many ? ListFilterName(target) : FilterName(target)),
                     relation.many ? absl::StrCat("On the ", Words(target.plural), " under `",
                                                  relation.name, "`.")
                                   : absl::StrCat("There is a row under `", relation.name,
                                                  "`, not deleted, and it meets this."));
  }

  void Group(std::string name, int number, const schema::Table& table, absl::string_view comment) {
    Field field = Local(std::move(name), number, FilterName(table));
    field.repeated = true;
    writer_.AddField(field, comment);
  }

  const ApiLayout& api_;
  FileWriter& writer_;
};

}  // namespace

std::string FilterName(const Table& table) { return absl::StrCat(table.message->name(), "Filter"); }

std::string EnumFilterName(const pb::EnumDescriptor& type) { return FlatName(type) + "Filter"; }

void AddFilter(const ApiLayout& api, const Table& table, FileWriter& writer) {
  FilterWriter(api, writer).Table(table);
}

void AddListFilter(const ApiLayout& api, const Table& table, FileWriter& writer) {
  FilterWriter(api, writer).ListOf(table);
}

void AddEnumFilters(const ApiLayout& api, const pb::EnumDescriptor& type, EnumUse use,
                    FileWriter& writer) {
  FilterWriter filters(api, writer);
  if (use.single) filters.Enum(type);
  if (use.list) filters.EnumArray(type);
  if (use.single || use.list) filters.EnumValues(type);
}

}  // namespace tenantry::schema
