// Random rows and filters whose values are few, so that they meet.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "server/schema/schema.h"

namespace tenantry::test {

class FilterMaker {
 public:
  explicit FilterMaker(std::mt19937& random) : random_(random) {}

  // Gives the row's columns such values, but for those that tell rows apart or tie them together.
  void Shape(const schema::Table& table, google::protobuf::Message& row);

  // Fills `filter`, which is of the table's filter type, with filters of `depth` levels.
  void Fill(const schema::Table& table, int depth, google::protobuf::Message& filter);

  // Calls `use` for each operator of the column, with what sets it in a filter.
  template <typename Use>
  void ForEachOperator(const schema::Column& column, Use use) {
    int last = 0;
    for (int i = 0; i <= last; ++i) {
      use([&](google::protobuf::Message& filter) {
        const Field* field = filter.GetDescriptor()->FindFieldByNumber(column.number());
        google::protobuf::Message* operators =
            filter.GetReflection()->MutableMessage(&filter, field);
        last = field->message_type()->field_count() - 1;
        Operator(column, field->message_type()->field(i), *operators);
      });
    }
  }

 private:
  using Field = google::protobuf::FieldDescriptor;

  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  // Values of the column's type as protobuf's text format has them.
  std::vector<std::string> Values(const schema::Column& column);
  void Set(const std::string& text, const Field* field, google::protobuf::Message& message);
  void SetOne(const std::vector<std::string>& values, const Field* field,
              google::protobuf::Message& message);
  void SetList(const std::vector<std::string>& values, const Field* field,
               google::protobuf::Message& message);
  void Relation(const schema::Relation& relation, int depth, google::protobuf::Message& filter);
  void Operators(const schema::Column& column, google::protobuf::Message& operators);
  void Operator(const schema::Column& column, const Field* op,
                google::protobuf::Message& operators);

  std::mt19937& random_;
};

}  // namespace tenantry::test
