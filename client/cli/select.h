// What a read selects: columns, and relations as far down as needed.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

// Adds paths to a request's select: `id`, `contact.name`, `items` (all columns of a relation),
// `items.product.name`. A number behind a to-many relation limits it: `items:5.quantity`.
// INVALID_ARGUMENT suggests the nearest name.
absl::Status AddToSelect(const std::vector<std::string>& paths, google::protobuf::Message& select);

// Down into the relation `name`: its own select. `flag` is for errors.
absl::StatusOr<google::protobuf::Message*> EnterSelect(const std::string& name,
                                                       const std::string& flag,
                                                       google::protobuf::Message& select);

// The field of a select, or of a row, that says what relations to many come to. Null: there is
// none.
const google::protobuf::FieldDescriptor* AggregatesOf(const google::protobuf::Descriptor& type);

// What a path may go on as behind the relations that `begun` names: columns, and `relation.`.
std::vector<std::string> SelectFields(const google::protobuf::Descriptor& select,
                                      const std::string& begun);

// Whether a field of a row is among what `select` selects. The key always is.
bool IsSelected(const google::protobuf::FieldDescriptor& field,
                const google::protobuf::Message& select);

// Whether `select` names a field: a column by itself, or a relation.
bool IsNamed(const google::protobuf::FieldDescriptor& field,
             const google::protobuf::Message& select);

// The select of a relation within `select`; null when there is none.
const google::protobuf::Message* SelectOf(const google::protobuf::FieldDescriptor& relation,
                                          const google::protobuf::Message& select);

}  // namespace tenantry::cli
