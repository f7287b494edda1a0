// What an aggregate comes to, over rows in memory. It looks at the messages alone.
#pragma once

#include <vector>

#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"
#include "server/schema/schema.h"
#include "tests/pg/plan/filter_oracle.h"

namespace tenantry::test {

// A group: its keys in the order of `group_by`, and its measures in their order. Null is NULL.
struct Group {
  std::vector<nlohmann::json> keys, values;
};
// Decimals and doubles are compared as doubles.
bool AreSame(const nlohmann::json& a, const nlohmann::json& b);
bool AreSame(const std::vector<Group>& a, const std::vector<Group>& b);
std::string ToText(const std::vector<Group>& groups);

struct Answer {
  std::vector<Group> groups;
  bool has_more = false;
};

class AggregateOracle {
 public:
  AggregateOracle(FilterOracle::RowsOfTable rows, FilterOracle& filters)
      : rows_(std::move(rows)), filters_(filters) {}

  // What the method should answer.
  Answer Expected(const schema::Method& method, const google::protobuf::Message& request);
  // What a reply says.
  static Answer Read(const schema::Method& method, const google::protobuf::Message& request,
                     const google::protobuf::Message& reply);

  // What a measure makes of rows of `table`.
  nlohmann::json ValueOf(const schema::Table& table, const google::protobuf::Message& measure,
                         const std::vector<const google::protobuf::Message*>& rows);
  // What an entry of a map of AggregateValue says.
  static nlohmann::json ValueIn(const google::protobuf::Message& entry);

 private:
  nlohmann::json KeyOf(const schema::Table& table, const google::protobuf::Message& entry,
                       const google::protobuf::Message* row);

  const FilterOracle::RowsOfTable rows_;
  FilterOracle& filters_;
};

}  // namespace tenantry::test
