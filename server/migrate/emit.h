// Snapshot parts -> SQL statements. Every name is quoted and qualified.
#pragma once

#include <string>
#include <vector>

#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// One statement of a migration.
struct Statement {
  std::string sql;  // without the semicolon
  // What an operator should know before running it: "blocks writes to ...", "changes access ...".
  std::vector<std::string> hazards;
  // Cannot run inside a transaction (CREATE INDEX CONCURRENTLY), or must be committed by itself.
  bool outside_transaction = false;
};

using Statements = std::vector<Statement>;

std::string QualifiedName(const v1::Table& table);
std::string QualifiedName(const v1::EnumType& type);

// The whole schema into an empty database.
Statements EmitAll(const v1::Snapshot& snapshot);

// Creates the snapshot's namespaces that are not in `existing`, and grants the tenant roles their
// usage.
void EmitNamespaces(const v1::Snapshot& snapshot, const std::vector<std::string>& existing,
                    Statements& out);
void EmitEnum(const v1::EnumType& type, Statements& out);
// Creates the table with keys, checks, indexes, row-level security, policies and grants. Foreign
// keys come later, when all tables are there.
void EmitTable(const v1::Table& table, Statements& out);

// Which message the table is of.
void EmitTableComment(const v1::Table& table, Statements& out);

std::string ColumnSql(const v1::Column& column);
// `concurrently`: outside the transaction, without blocking writes.
void EmitIndex(const v1::Table& table, const v1::Index& index, bool concurrently, Statements& out);
// `validate_later`: for tables that have rows; checks them without blocking writes.
void EmitForeignKey(const v1::Table& table, const v1::ForeignKey& key, bool validate_later,
                    Statements& out);
void EmitCheck(const v1::Table& table, const v1::Check& check, Statements& out);
void EmitPolicy(const v1::Table& table, const v1::Policy& policy, Statements& out);
void EmitGrant(const v1::Table& table, const v1::Grant& grant, Statements& out);

}  // namespace tenantry::migrate
