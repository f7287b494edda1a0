// What is made of rows, as people type it: of the groups of an aggregate, and of the relations of
// rows that are read.
//
//   --measure count,sum:total_cents              of a group
//   --measure orders.count,orders.max:created_at of the rows under a relation
//   --measure contact.orders.count               of those of a row that another relation leads to
//   --measure 'sent=orders.count[status=shipped]' under a name, of the rows that meet conditions
//                                                (where.h); several are separated by &
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

struct Measure {
  std::string name;
  std::string kind;  // the field of AggregateValue that it comes in

  bool is_number() const { return kind == "integer" || kind == "decimal" || kind == "floating"; }
};

// The parts between commas that are not within brackets.
std::vector<std::string> SplitMeasures(const std::string& text);
// Fills the message of a measure from `sent=sum:total_cents[status=shipped]`.
absl::Status ReadMeasure(std::string text, google::protobuf::Message& measure);
// What a measure of rows of the type `row` is called, and what it comes to. `prefix` stands before
// names that are not given.
Measure MeasureOf(const google::protobuf::Message& measure, const google::protobuf::Descriptor& row,
                  absl::string_view prefix = "");
// The entry of that name of a map in `holder`; "" where there is none.
absl::StatusOr<std::string> CellOfMeasure(const google::protobuf::Message& holder,
                                          const google::protobuf::FieldDescriptor& map,
                                          const std::string& name);

// Adds to a select what its relations come to: `orders.count`.
absl::Status AddToAggregates(const std::string& text, google::protobuf::Message& select);
// Those of the select itself, of rows of the type `row`.
std::vector<Measure> AggregatesIn(const google::protobuf::Message& select,
                                  const google::protobuf::Descriptor& row);

// Short names of the values of an enum but the first, which is none.
std::vector<std::string> ShortNames(const google::protobuf::EnumDescriptor& type);
// Sets a field to the value that `text` names; the flag is for errors.
absl::Status SetNamed(absl::string_view flag, const google::protobuf::FieldDescriptor& field,
                      const std::string& text, google::protobuf::Message& message);

}  // namespace tenantry::cli
