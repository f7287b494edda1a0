// The flags of an aggregate, as people type them, and its groups as a table.
//
//   --by status,created_at:day            what groups have in common; times by a unit
//   --by created_at:week@Europe/Berlin    that begins in a time zone
//   --by contact.type                     of the row that a relation leads to
//   --measure count,sum:total_cents       what is made of each group
//   --measure paid=count[status=paid]     under a name, of the rows that meet conditions (where.h);
//                                         several conditions are separated by &
//   --having 'count>10'                   a condition on a measure
//   --order -sum_total_cents,status       by measures and by what stands in --by
//
// Measures are named by function and field unless they have a name: sum_total_cents.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/output.h"
#include "google/protobuf/message.h"

namespace tenantry::cli {

// What was typed, in whatever order.
struct AggregateWords {
  std::vector<std::string> by{}, measures{}, having{}, order{};

  bool empty() const { return by.empty() && measures.empty() && having.empty() && order.empty(); }
};

// Adds it to `request`, that of an aggregate of `table`. INVALID_ARGUMENT in words that a person
// can act on.
absl::Status AddAggregate(const AggregateWords& words, const google::protobuf::Descriptor& table,
                          google::protobuf::Message& request);

// The groups of a reply: a column for each key and each measure of the request. `notes` is told
// when there are more.
absl::Status PrintGroups(const google::protobuf::Message& request,
                         const google::protobuf::Message& reply, const OutputStyle& style,
                         std::ostream& out, std::ostream& notes);

// What stands above, for help.
absl::string_view AggregateHelp();

// What an entry of --by may be, as far as it is typed: columns, and `relation.` where one follows.
std::vector<std::string> GroupByFields(const google::protobuf::Descriptor& group_by,
                                       const std::string& begun);

}  // namespace tenantry::cli
