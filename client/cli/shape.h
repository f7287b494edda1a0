// How a request's fields become flags and arguments. It follows from the request's descriptor, for
// any schema.
//
//   contact create      the resource's fields are flags: --name, --email, --metadata
//   contact get ID      the key's fields are arguments
//   contact list        --page-size, --where CONDITION (where.h), --order A,-B (order.h)
//   order aggregate     --by, --measure, --having, --order (aggregate.h)
//   any                 any field by its path from the request: --contact.name, --filter.email.eq
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/catalog.h"
#include "google/protobuf/descriptor.h"

namespace tenantry::cli {

// From the request message down to a field.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

struct Shape {
  const Method* method = nullptr;
  const google::protobuf::Descriptor* request = nullptr;
  // Each null when the request has no such field.
  const google::protobuf::FieldDescriptor* resource = nullptr;        // the row to write
  const google::protobuf::FieldDescriptor* mask = nullptr;            // update_mask
  bool mask_is_what_is_given = false;                                 // unless it is given itself
  const google::protobuf::FieldDescriptor* filter = nullptr;          // of a list
  const google::protobuf::FieldDescriptor* require = nullptr;         // of a write, a filter
  const google::protobuf::FieldDescriptor* etag = nullptr;            // of a write
  const google::protobuf::FieldDescriptor* order_by = nullptr;        // of a list
  const google::protobuf::FieldDescriptor* page_token = nullptr;      // of a list
  const google::protobuf::FieldDescriptor* select = nullptr;          // what is answered with
  const google::protobuf::FieldDescriptor* search = nullptr;          // words to find
  const google::protobuf::FieldDescriptor* group_by = nullptr;        // of an aggregate
  const google::protobuf::FieldDescriptor* batch = nullptr;           // repeated keys or requests
  const google::protobuf::FieldDescriptor* batch_resource = nullptr;  // the row in each request
  const google::protobuf::FieldDescriptor* imported = nullptr;        // the rows of an import
  const google::protobuf::FieldDescriptor* last = nullptr;            // of an import
  std::vector<FieldPath> keys;                                        // given as arguments
};

Shape ShapeOf(const Method& method);

// A flag that a request understands, for help, suggestions and completion.
struct Flag {
  std::string name;   // "--page-size"
  std::string value;  // "NUMBER", "individual|company|partner"; empty for a switch
  std::string doc;    // "required", "default true", ...
};
std::vector<Flag> FlagsOf(const Shape& shape);

// The field that a flag's name (without dashes) or a dotted path means. A path that ends at a
// filter message means its `eq`. NOT_FOUND suggests the nearest flag.
absl::StatusOr<FieldPath> FindField(const Shape& shape, const std::string& name);

// How a person sets the field that a violation names: "--email", "<id>", "--where email=..."; empty
// when no flag does.
std::string FlagFor(const Shape& shape, const std::string& violation_path);

// Fields of the resource that only the server writes.
bool IsOutputOnly(const google::protobuf::FieldDescriptor& field);

// Well-known types have a JSON form of their own and are set as a whole.
bool IsLeaf(const google::protobuf::FieldDescriptor& field);

}  // namespace tenantry::cli
