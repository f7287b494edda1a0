// A tenant's rows in every table, and what must be seen of them: by others, nothing.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/isolation/findings.h"
#include "tests/support/dynamic_client.h"
#include "tests/support/rows.h"

namespace tenantry::isolation {

using test::MessagePtr;

class Population {
 public:
  // Makes `count` rows in every table, as the tenant, and through Create where the table has it. In
  // a table with soft delete the last row is deleted again. With `twin` the rows get the same keys
  // as the twin's rows.
  Population(const test::DynamicClient& client, const std::string& superuser_url,
             std::string tenant, test::RowFactory factory, int count, Findings& findings,
             const Population* twin = nullptr);

  const std::string& tenant() const { return tenant_; }
  // As the service replied. Deleted ones are not among them.
  const std::vector<MessagePtr>& rows(const schema::Table& table) const { return rows_.at(&table); }
  // The first of them, null when there is none.
  const google::protobuf::Message* first(const schema::Table& table) const;
  // Null where the table has no soft delete.
  const google::protobuf::Message* deleted(const schema::Table& table) const;
  // Whether the row has the key of one of this tenant's, deleted or not.
  bool Owns(const schema::Table& table, const google::protobuf::Message& row) const;
  // Another row for the table, not made yet, that refers to this tenant's rows. For a table whose
  // key is nothing but references one of these rows is made.
  MessagePtr NewRow(const schema::Table& table);
  test::RowFactory& factory() { return factory_; }

  // Texts that only this tenant's rows hold: bytes with one of them came from this tenant.
  const std::vector<std::string>& marks() const { return marks_; }

 private:
  const google::protobuf::Message* ParentFor(const schema::Table& table,
                                             const schema::Relation& relation);
  // Made by the table's Create. Null when that failed, which is a finding.
  MessagePtr MakeRow(const schema::Table& table);
  void Fill(const schema::Table& table, int count);
  void FillBySql(const schema::Table& table, int count);
  void ReadView(const schema::Table& view);
  bool OwnsInView(const schema::Table& view, const google::protobuf::Message& row) const;
  void DeleteLast(const schema::Table& table);
  void CollectMarks(const schema::Table& table, const google::protobuf::Message& row);

  void TakeKey(const schema::Table& table, google::protobuf::Message& row) const;

  const test::DynamicClient& client_;
  std::string superuser_url_;
  std::string tenant_;
  test::RowFactory factory_;
  Findings& findings_;
  const Population* twin_;
  std::map<const schema::Table*, std::vector<MessagePtr>> rows_;
  std::map<const schema::Table*, std::vector<MessagePtr>> later_;  // made for NewRow
  bool filled_ = false;
  std::map<const schema::Table*, MessagePtr> deleted_;
  std::vector<std::string> marks_;
};

}  // namespace tenantry::isolation
