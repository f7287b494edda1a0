// Snapshot parts -> SQL statements. Every name is quoted and qualified.
#pragma once

#include <string>
#include <vector>

#include "server/migrate/statement.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

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
// `ALTER TABLE "saas"."contacts"`, and what is done to it.
std::string AlterTable(const v1::Table& table, const std::string& action);
// "a", "b"
std::string QuotedList(const google::protobuf::RepeatedPtrField<std::string>& names);
// Without blocking writes when `concurrently`, which is no part of a transaction.
Statement IndexStatement(const v1::Table& table, const v1::Index& index, bool concurrently);
// `ADD CONSTRAINT ... FOREIGN KEY ...`, and the same for a check: for ALTER TABLE.
std::string AddForeignKeySql(const v1::ForeignKey& key);
std::string AddCheckSql(const v1::Check& check);
void EmitPolicy(const v1::Table& table, const v1::Policy& policy, Statements& out);
// Gives the policy its roles and conditions in place.
std::string AlterPolicySql(const v1::Table& table, const v1::Policy& policy);
void EmitGrant(const v1::Table& table, const v1::Grant& grant, Statements& out);

}  // namespace tenantry::migrate
