#include "client/cli/kinds.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "client/cli/catalog.h"
#include "client/cli/order.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using tenantry::v1::MethodKind;

const FieldDescriptor* FieldOfType(const Descriptor& message, const Descriptor* type) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (type != nullptr && !field->is_repeated() && field->message_type() == type) return field;
  }
  return nullptr;
}

const FieldDescriptor* FirstRepeated(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->is_repeated()) return message.field(i);
  }
  return nullptr;
}

const FieldDescriptor* FieldMaskOf(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    const bool mask = field->message_type() != nullptr &&
                      field->message_type()->full_name() == "google.protobuf.FieldMask";
    if (mask && !field->is_repeated()) return field;
  }
  return nullptr;
}

const FieldDescriptor* MessageField(const Descriptor& message, const char* name, bool repeated) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  const bool fits =
      field != nullptr && field->message_type() != nullptr && field->is_repeated() == repeated;
  return fits ? field : nullptr;
}

// By its number (tenantry/v1/api.proto), since a key may have a column of any name.
const FieldDescriptor* NumberedField(const Descriptor& request, int number, const char* name) {
  const FieldDescriptor* field = request.FindFieldByNumber(number);
  const bool fits = field != nullptr && field->message_type() != nullptr && field->name() == name;
  return fits ? field : nullptr;
}

const FieldDescriptor* SelectField(const Descriptor& request, int number) {
  return NumberedField(request, number, "select");
}

const FieldDescriptor* SearchField(const Descriptor& request, int number) {
  const FieldDescriptor* field = request.FindFieldByNumber(number);
  const bool fits = field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                    field->name() == "search";
  return fits ? field : nullptr;
}

// A list's request holds no names but its own, so these can be told by name.
void DescribeList(Shape& shape) {
  const Descriptor& request = *shape.request;
  shape.page_token = request.FindFieldByName("page_token");
  shape.filter = MessageField(request, "filter", false);
  shape.order_by = MessageField(request, "order_by", true);
  if (shape.order_by != nullptr && !IsOrder(*shape.order_by->message_type())) {
    shape.order_by = nullptr;
  }
  shape.select = SelectField(request, 8);
  shape.search = SearchField(request, 9);
}

std::vector<FieldPath> KeysOf(const Shape& shape) {
  const Descriptor* owner =
      shape.resource != nullptr ? shape.resource->message_type() : shape.request;
  std::vector<FieldPath> keys;
  for (const std::string& name : PrimaryKey(*shape.method->table)) {
    const FieldDescriptor* field = owner->FindFieldByName(name);
    if (field == nullptr) return {};
    keys.push_back(shape.resource != nullptr ? FieldPath{shape.resource, field} : FieldPath{field});
  }
  return keys;
}

void DescribeKey(Shape& shape) { shape.keys = KeysOf(shape); }

void DescribeUpdate(Shape& shape) {
  shape.mask = FieldMaskOf(*shape.request);
  shape.mask_is_what_is_given = true;
  shape.keys = KeysOf(shape);
}

void DescribeUpsert(Shape& shape) { shape.mask = FieldMaskOf(*shape.request); }

void DescribeAggregate(Shape& shape) {
  shape.search = SearchField(*shape.request, 8);
  shape.filter = MessageField(*shape.request, "filter", false);
  shape.group_by = MessageField(*shape.request, "group_by", true);
}

// The rows are those that a filter finds.
void DescribeMany(Shape& shape) {
  shape.filter = MessageField(*shape.request, "filter", false);
  shape.mask = FieldMaskOf(*shape.request);
  shape.mask_is_what_is_given = true;
}

void DescribeExport(Shape& shape) {
  shape.filter = MessageField(*shape.request, "filter", false);
  shape.search = SearchField(*shape.request, 9);
  shape.select = SelectField(*shape.request, 8);
}

// The rows come from a file, and `last` with the end of it.
void DescribeImport(Shape& shape) {
  shape.imported = FirstRepeated(*shape.request);
  shape.last = shape.request->FindFieldByNumber(3);
}

// The entries are keys, or requests of the single method.
void DescribeBatch(Shape& shape) {
  // A read has it under another number than writes.
  if (shape.select == nullptr) shape.select = SelectField(*shape.request, 2);
  shape.batch = FirstRepeated(*shape.request);
  if (shape.batch == nullptr || shape.batch->message_type() == nullptr) return;
  shape.batch_resource = FieldOfType(*shape.batch->message_type(), shape.method->table);
}

struct Row {
  MethodKind kind;
  const char* summary;
  void (*describe)(Shape&);  // null: nothing but what all requests have
};

constexpr Row kRows[] = {
    {tenantry::v1::METHOD_KIND_GET, "read one by its key", DescribeKey},
    {tenantry::v1::METHOD_KIND_LIST, "list, a page at a time", DescribeList},
    {tenantry::v1::METHOD_KIND_CREATE, "make one", nullptr},
    {tenantry::v1::METHOD_KIND_UPDATE, "change fields of one", DescribeUpdate},
    {tenantry::v1::METHOD_KIND_DELETE, "delete one", DescribeKey},
    {tenantry::v1::METHOD_KIND_UPSERT, "make one, or change the one with its key", DescribeUpsert},
    {tenantry::v1::METHOD_KIND_BATCH_GET, "read several by their keys", DescribeBatch},
    {tenantry::v1::METHOD_KIND_BATCH_CREATE, "make several, all or none", DescribeBatch},
    {tenantry::v1::METHOD_KIND_AGGREGATE, "count, sum and the like, in groups", DescribeAggregate},
    {tenantry::v1::METHOD_KIND_UNDELETE, "take back that one was deleted", DescribeKey},
    {tenantry::v1::METHOD_KIND_BATCH_UPDATE, "change several, all or none", DescribeBatch},
    {tenantry::v1::METHOD_KIND_BATCH_DELETE, "delete several by their keys, all or none",
     DescribeBatch},
    {tenantry::v1::METHOD_KIND_BATCH_UPSERT, "make or change several, all or none", DescribeBatch},
    {tenantry::v1::METHOD_KIND_UPDATE_MANY, "change all that --where finds", DescribeMany},
    {tenantry::v1::METHOD_KIND_DELETE_MANY, "delete all that --where finds", DescribeMany},
    {tenantry::v1::METHOD_KIND_IMPORT, "make one of each line of JSON in a FILE", DescribeImport},
    {tenantry::v1::METHOD_KIND_EXPORT, "write all of them, a line of JSON each", DescribeExport},
};

const Row* Find(MethodKind kind) {
  const auto* found = std::find_if(std::begin(kRows), std::end(kRows),
                                   [&](const Row& row) { return row.kind == kind; });
  return found == std::end(kRows) ? nullptr : found;
}

}  // namespace

std::string SummaryOf(MethodKind kind) {
  const Row* row = Find(kind);
  return row == nullptr ? "" : row->summary;
}

// By what the method is: a table or a column of its key may have any name, `filter` too.
void DescribeRequest(Shape& shape) {
  shape.resource = FieldOfType(*shape.request, shape.method->table);
  shape.select = SelectField(*shape.request, 100);
  shape.require = NumberedField(*shape.request, 101, "require");
  const FieldDescriptor* etag = shape.request->FindFieldByNumber(102);
  if (etag != nullptr && etag->name() == "etag") shape.etag = etag;
  const Row* row = Find(shape.method->kind);
  if (row != nullptr && row->describe != nullptr) row->describe(shape);
}

}  // namespace tenantry::cli
