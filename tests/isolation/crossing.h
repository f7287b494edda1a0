// For every table and every derived method, one tenant, B, tries everything on the rows of another
// tenant, A. B must get nothing, change nothing and learn nothing. A request that names a row of A
// is refused with exactly the same words as a request that names a row that never existed.
#pragma once

#include <map>
#include <optional>
#include <pqxx/connection>
#include <string>
#include <string_view>
#include <vector>

#include "tests/isolation/findings.h"
#include "tests/isolation/population.h"
#include "tests/isolation/ways.h"
#include "tests/support/dynamic_client.h"
#include "tests/support/rows.h"

namespace tenantry::isolation {

class Crossing {
 public:
  struct Options {
    const test::DynamicClient& client;
    std::string superuser_url;  // to look at A's rows past row-level security
    std::string tenant_a, tenant_b;
    std::string role;  // of B's calls; empty = the default
    Way way = Way::kPlain;
  };
  // Fills both tenants.
  Crossing(Options options, Findings& findings);

  // Every method of the schema, or those of one kind alone: what another has removed is not there
  // to be found.
  void Run(std::optional<v1::MethodKind> only = std::nullopt);

  // Rows of relations that replies have held: none would mean that nothing was tried.
  int related_rows() const { return related_rows_; }

  // Kinds of methods that have cases.
  static std::vector<v1::MethodKind> CoveredKinds();

 private:
  // How far down relations are read.
  static constexpr int kRelationLevels = 3;

  using Case = void (Crossing::*)(const schema::Method&);
  static const std::map<v1::MethodKind, Case>& Cases();

  void Get(const schema::Method& method);
  void List(const schema::Method& method);
  void Create(const schema::Method& method);
  void Update(const schema::Method& method);
  void Delete(const schema::Method& method);
  void Upsert(const schema::Method& method);
  void BatchGet(const schema::Method& method);
  void BatchCreate(const schema::Method& method);
  void Aggregate(const schema::Method& method);
  // crossing_writes.cc
  void Undelete(const schema::Method& method);
  void BatchUpdate(const schema::Method& method);
  void BatchDelete(const schema::Method& method);
  void BatchUpsert(const schema::Method& method);
  void UpdateMany(const schema::Method& method);
  void DeleteMany(const schema::Method& method);
  // Behind an own row, and alone.
  void MissingInBatch(const schema::Method& method);
  // What filters that are about another tenant's rows find, and those that are about all.
  void ManyOfNobodyElse(const schema::Method& method);
  void Export(const schema::Method& method);
  void Import(const schema::Method& method);
  void Function(const schema::Method& method);

  // Makes a call as B. It is a finding when the answer holds anything of A's that B did not send.
  test::CallResult Call(const schema::Method& method, const google::protobuf::Message& request);
  void MustSucceed(const schema::Method& method, std::string_view what,
                   const google::protobuf::Message& request);
  // Both refused with `code`, in the same words.
  void MustBeAlike(const schema::Method& method, std::string_view what, grpc::StatusCode code,
                   const google::protobuf::Message& foreign,
                   const google::protobuf::Message& unknown);
  // Lets a row of B's refer to A's rows, by one foreign key at a time. `make` gives the request for
  // B's row.
  using MakeRequest = std::function<MessagePtr(const google::protobuf::Message& row,
                                               const schema::Relation& relation)>;
  void References(const schema::Method& method, const schema::Table& table, std::string_view what,
                  const MakeRequest& make);
  void References(const schema::Method& method, const MakeRequest& make);

  // Creates with rows of relations, which take keys of A's rows and refer to A's rows.
  void Nested(const schema::Method& method);
  // Updates with changes to rows of relations, which name A's rows or refer to them.
  void Children(const schema::Method& method);
  void NestedKeys(const schema::Method& method, const schema::Relation& relation);
  // A row of B's that brings a row of the relation along.
  MessagePtr RowAround(const schema::Relation& relation, const schema::Table& table,
                       const google::protobuf::Message& related);
  void MustListOnlyOwn(const schema::Method& method, std::string_view what,
                       const test::ListOptions& list, bool all);
  // The rows of the answer are own ones; with `all`, all of those there are.
  void MustTellOnlyOwn(const schema::Method& method, std::string_view what,
                       const google::protobuf::Message& request, bool deleted_too, bool all);

  // The same for a request that selects all relations; nothing for one that cannot.
  void MustHoldOnlyOwn(const schema::Method& method, std::string_view what,
                       const MessagePtr& request);
  void CheckRelations(const schema::Method& method, std::string_view what,
                      const schema::Table& table, const google::protobuf::Message& row);

  // A's rows that B aims at: live ones and a deleted one.
  std::vector<const google::protobuf::Message*> Targets(const schema::Table& table) const;
  // The row with a key that no tenant has.
  MessagePtr WithUnknownKey(const schema::Table& table, const google::protobuf::Message& row);
  // A row of B's that takes every key of A's row.
  MessagePtr OwnRowWithKeysOf(const schema::Table& table, const google::protobuf::Message& row);

  // Of functions. Both succeed, or both are refused in the same words.
  void MustBeToldAlike(const schema::Method& method, std::string_view what,
                       const google::protobuf::Message& foreign,
                       const google::protobuf::Message& unknown);
  void MustNotDependOnOthers(const schema::Method& method,
                             const google::protobuf::Message& request);
  // The keys of all of B's rows, by table; and the removal of rows with others.
  std::vector<std::string> KeysOfB();
  void RemoveWithoutKeys(const std::vector<std::string>& keys);

  // A request_id that a write of A's had.
  std::string IdOfA();
  std::string Ask(const std::string& sql);  // as superuser
  std::string RowsOfA();
  void CheckUnchanged(const schema::Method& method);
  // B's rows in the table; and the removal of those that were added since.
  std::string PlacesOfB(const schema::Table& table);
  void RemoveAdded(const schema::Table& table, const std::string& places);
  void Report(const schema::Method& method, std::string_view what, const std::string& detail);

  Options options_;
  const schema::Schema& schema_;
  Findings& findings_;
  pqxx::connection superuser_;
  Population a_, b_;
  std::string rows_of_a_;
  int related_rows_ = 0;
};

}  // namespace tenantry::isolation
