// Random orders, each as a request has it and as plain SQL: what one says is held against the
// other.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "server/schema/schema.h"

namespace tenantry::test {

class OrderMaker {
 public:
  explicit OrderMaker(std::mt19937& random) : random_(random) {}

  // Adds up to `entries` entries to `field` of `holder`, a list of orders of the table. Gives the
  // list for ORDER BY, over the row `t`, down to the primary key.
  std::string Fill(const schema::Table& table, int entries, google::protobuf::Message& holder,
                   const google::protobuf::FieldDescriptor& field);

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  // The entry's value, as an expression over `row`. A missing row makes it NULL.
  std::string Entry(const schema::Table& table, int depth, const std::string& row,
                    google::protobuf::Message& order, std::string& after);
  std::string Column(const schema::Table& table, const std::string& row,
                     google::protobuf::Message& order, std::string& after);

  std::mt19937& random_;
  bool descending_ = false;  // of the last entry
};

}  // namespace tenantry::test
