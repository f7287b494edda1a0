// One tenant, B, asks for every aggregate of rows whose keys another tenant, A, has too. What comes
// must be what B's own rows come to: a number that is not says something about A's.
#pragma once

#include <string>
#include <vector>

#include "tests/isolation/findings.h"
#include "tests/isolation/population.h"
#include "tests/support/dynamic_client.h"
#include "tests/support/rows.h"

namespace tenantry::isolation {

class Aggregating {
 public:
  struct Options {
    const test::DynamicClient& client;
    std::string superuser_url;
    std::string role;  // of B's calls; empty = the default
  };
  // Fills both tenants.
  Aggregating(Options options, Findings& findings);

  // Of every table that has aggregates: groups by every column, and every function of every column.
  void TryColumns();
  // Groups by every column of every row that is referred to; and counts of the rows that meet a
  // condition over a relation.
  void TryRelations();
  // Of every row of a list, every function of every column of the rows under every relation to
  // many.
  void TryBesideRows();
  // How many rows these came to.
  int measured() const { return measured_; }

 private:
  template <typename Try>
  void ForEachMethod(Try attempt);
  void Groups(const schema::Method& method, const schema::Relation* relation,
              const schema::Column& column);
  void Functions(const schema::Method& method, const schema::Column& column);
  void BesideRows(const schema::Method& method, const schema::Relation& relation,
                  const schema::Column& column);
  void Counted(const schema::Method& method, const schema::Relation& relation);
  // The groups of the reply to B, or nothing and a finding.
  std::vector<MessagePtr> Call(const schema::Method& method,
                               const google::protobuf::Message& request, const std::string& what);
  void Report(const schema::Method& method, const std::string& what, const std::string& detail);

  const Options options_;
  const schema::Schema& schema_;
  Findings& findings_;
  Population a_, b_;
  int measured_ = 0;
};

}  // namespace tenantry::isolation
