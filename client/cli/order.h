// `--order A,-B`: what the rows of a list are ordered by, as people type it.
//
//   -created-at                the latest first; without the sign, or with `:asc`, the first first
//   name:desc                  the same as -name
//   contact.name               by the row that a relation leads to
//   phone:nulls-first          rows without a value first; :nulls-last
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

// Adds the entries to `field` of `request`, a list of messages of a table's order type.
// INVALID_ARGUMENT suggests the nearest name.
absl::Status AddOrder(const std::vector<std::string>& entries,
                      const google::protobuf::FieldDescriptor& field,
                      google::protobuf::Message& request);

// What an entry may go on as behind the relations that `begun` names: columns, and `relation.`
// where one follows.
std::vector<std::string> OrderFields(const google::protobuf::Descriptor& order,
                                     const std::string& begun = "");

// Whether a message is a table's order.
bool IsOrder(const google::protobuf::Descriptor& message);

}  // namespace tenantry::cli
