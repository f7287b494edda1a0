// What a filter means, over rows in memory. It looks at the messages alone, and knows only two
// answers: a comparison with NULL does not hold.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"
#include "server/schema/schema.h"
#include "tests/support/rows.h"

namespace tenantry::test {

// The row's value in a form whose comparisons are those of the column's type; null where it has
// none.
nlohmann::json ValueIn(const google::protobuf::Message& row, const schema::Column& column);
// Whether a value, null or not, meets all operators that are set.
bool MeetsOperators(schema::Type type, const nlohmann::json& value,
                    const google::protobuf::Message& operators);

class FilterOracle {
 public:
  // All rows of a table that the caller's tenant has, deleted ones included.
  using RowsOfTable = std::function<const std::vector<MessagePtr>&(const schema::Table& table)>;

  explicit FilterOracle(RowsOfTable rows) : rows_(std::move(rows)) {}

  // Whether the row, which is of `table`, meets `filter`.
  bool Meets(const schema::Table& table, const google::protobuf::Message& filter,
             const google::protobuf::Message& row);

  // The rows that a relation leads to.
  std::vector<const google::protobuf::Message*> Related(const schema::Relation& relation,
                                                        const google::protobuf::Message& row,
                                                        bool deleted = false);

  // Operators that held of a row, and that did not: `StringFilter.eq`.
  const std::set<std::string>& held() const { return held_; }
  const std::set<std::string>& failed() const { return failed_; }

 private:
  bool MeetsRelation(const schema::Relation& relation, const google::protobuf::Message& filter,
                     const google::protobuf::Message& row);
  bool MeetsOperators(const schema::Column& column, const google::protobuf::Message& operators,
                      const google::protobuf::Message& row);

  const RowsOfTable rows_;
  std::set<std::string> held_, failed_;
};

}  // namespace tenantry::test
