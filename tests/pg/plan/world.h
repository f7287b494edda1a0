// Rows of several tenants, in a database and in memory, and what a read means when it is worked out
// in memory: what the database says is held against it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/base/ids.h"
#include "server/methods/planner.h"
#include "server/pg/executor.h"
#include "server/plan/query.h"
#include "server/schema/schema.h"
#include "tests/support/reads.h"
#include "tests/support/rows.h"

namespace tenantry::test {

// The values of a read by slot, as text. The first is the tenant.
using TextValues = std::vector<std::string>;

class World {
 public:
  World(const schema::Schema& schema, pg::Executor& executor, MetricRegistry& metrics);

  // Changes each row before it is made.
  using Shape = std::function<void(const schema::Table& table, google::protobuf::Message& row)>;
  void set_shape(Shape shape) { shape_ = std::move(shape); }

  // Changes the SQL of every call before it is sent: faults made on purpose.
  using Fault = std::function<std::string(const std::string& sql)>;
  void set_fault(Fault fault) { fault_ = std::move(fault); }

  // Makes rows of every table, by its Create, that refer to each other at random. Some are deleted
  // afterwards where that leaves the row.
  void Fill(int tenant, int rows_per_table, std::mt19937& random);
  // Makes as many rows as another tenant has, with the same keys, which refer to the same keys.
  void FillLike(int other, int tenant, std::mt19937& random);

  // Runs a call as the server does, all of its statements in one transaction, and parses the reply.
  absl::Status Run(int tenant, plan::Call call, google::protobuf::Message& reply);

  // The rows of a read by the database, and by memory, as messages of the same type.
  MessagePtr Ask(int tenant, const plan::Read& read, const TextValues& values);
  MessagePtr WorkOut(int tenant, const plan::Read& read, const TextValues& values) const;

  // One call of a method.
  MessagePtr Call(int tenant, const schema::Method& method,
                  const google::protobuf::Message& request);

  const schema::Schema& schema() const { return schema_; }
  const RowMessages& messages() const { return messages_; }
  const std::vector<MessagePtr>& rows(int tenant, const schema::Table& table) const {
    return rows_.at({tenant, &table});
  }

 private:
  // Whose columns that are no keys have values of their own. One in four of those that allow it is
  // NULL.
  MessagePtr NewRow(const schema::Table& table, const RowFactory::Parents& parents,
                    std::mt19937& random);
  void Create(int tenant, const schema::Table& table, const google::protobuf::Message& row);
  // As the database gives them: what is tried is how they are read.
  void ReadViews(int tenant);
  void DeleteSome(int tenant, std::mt19937& random);

  const schema::Schema& schema_;
  pg::Executor& executor_;
  methods::Planner planner_;
  IdGenerator ids_;
  RowMessages messages_{schema_};
  RowFactory factory_{"row"};
  Fault fault_;  // may be empty
  Shape shape_ = [](const schema::Table&, google::protobuf::Message&) {};
  std::map<std::pair<int, const schema::Table*>, std::vector<MessagePtr>> rows_;
};

}  // namespace tenantry::test
