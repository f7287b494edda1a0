// Random requests of Aggregate.
#pragma once

#include <random>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "server/schema/schema.h"
#include "tests/pg/plan/filter_maker.h"

namespace tenantry::test {

class AggregateMaker {
 public:
  AggregateMaker(std::mt19937& random, FilterMaker& filters) : random_(random), filters_(filters) {}

  // Fills `request`, which is of the method's type and empty.
  void Fill(const schema::Method& method, google::protobuf::Message& request);

  // What a measure comes to: the field of MeasureFilter, and the type of the texts in it.
  struct Kind {
    std::string field;
    schema::Type type;
  };
  // Fills a measure of rows of `table`, whose name is `m` and the index.
  Kind Measure(const schema::Table& table, int index, google::protobuf::Message& measure);

 private:
  using Message = google::protobuf::Message;

  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  // The entry's path, by which it is known whether another is the same.
  std::string Key(const schema::Table& table, int depth, Message& entry);
  void Unit(const schema::Column& column, Message& entry);
  void Having(const std::string& name, const Kind& kind, Message& having);
  void Order(int groups, const std::vector<std::string>& names, Message& order);

  std::mt19937& random_;
  FilterMaker& filters_;
};

}  // namespace tenantry::test
