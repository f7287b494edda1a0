// One tenant, B, filters and orders by everything that another tenant, A, has. Their rows have the
// same keys, so that a condition or a join that forgets the tenant meets A's rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/isolation/findings.h"
#include "tests/isolation/population.h"
#include "tests/support/dynamic_client.h"
#include "tests/support/rows.h"

namespace tenantry::isolation {

// Whether its requests can search the table.
bool Searches(const schema::Method& method);

class Filtering {
 public:
  struct Options {
    const test::DynamicClient& client;
    std::string superuser_url;
    std::string role;  // of B's calls; empty = the default
  };
  // Fills both tenants.
  Filtering(Options options, Findings& findings);

  // Of every table that can be listed: every operator of every column, and every relation.
  void TryOperators();
  void TryRelations();
  // Every column to order by, of the table's own rows and of those that they refer to, with the
  // number of rows in all.
  void TryOrders();
  // Of every method that can search: what A's rows hold and B's do not, listed, exported and
  // counted.
  void TrySearches();
  // How many methods found B's own rows so.
  int searched() const { return searched_; }

 private:
  void Operators(const schema::Method& method);
  void Order(const schema::Method& method, const schema::Relation* relation,
             const schema::Column& column);
  void Relation(const schema::Method& method, const schema::Relation& relation);
  // How many rows B finds by what the column of the row holds.
  std::int64_t Search(const schema::Method& method, const schema::Column& column,
                      const google::protobuf::Message& row);
  // What the only measure of an aggregate comes to for B; -1 when the call failed.
  std::int64_t Count(const schema::Method& method, const google::protobuf::Message& request);
  // Calls List or Export as B, whose own rows alone may come. How many come; -1 when the call
  // failed.
  int List(const schema::Method& method, const google::protobuf::Message& request,
           const std::string& what, std::int64_t* total = nullptr);
  void Report(const schema::Method& method, std::string_view what, const std::string& detail);

  const Options options_;
  const schema::Schema& schema_;
  Findings& findings_;
  Population a_, b_;
  int searched_ = 0;
};

}  // namespace tenantry::isolation
