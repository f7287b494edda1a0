#include "server/migrate/emit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/migrate/functions.h"
#include "server/migrate/model.h"
#include "server/migrate/views.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::QuoteIdentifier;
using schema::QuoteLiteral;
using schema::QuoteQualified;

template <typename Names>
std::string QuotedNames(const Names& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(QuoteIdentifier(name));
  return absl::StrJoin(quoted, ", ");
}

void Add(Statements& out, std::string sql) { out.push_back({std::move(sql), {}}); }

}  // namespace

std::string QualifiedName(const v1::Table& table) {
  return QuoteQualified(table.schema(), table.name());
}

std::string QualifiedName(const v1::EnumType& type) {
  return QuoteQualified(type.schema(), type.name());
}

std::string QuotedList(const google::protobuf::RepeatedPtrField<std::string>& names) {
  return QuotedNames(names);
}

std::string AlterTable(const v1::Table& table, const std::string& action) {
  return absl::StrCat("ALTER TABLE ", QualifiedName(table), " ", action);
}

Statements EmitAll(const v1::Snapshot& snapshot) {
  Statements out;
  EmitNamespaces(snapshot, {}, out);
  for (const v1::EnumType& type : snapshot.enums()) EmitEnum(type, out);
  for (const v1::Table& table : snapshot.tables()) EmitTable(table, out);
  for (const v1::Table& table : snapshot.tables()) {
    for (const v1::ForeignKey& key : table.foreign_keys()) {
      Add(out, AlterTable(table, AddForeignKeySql(key)));
    }
  }
  EmitViews(snapshot, out);
  for (const v1::Function& function : snapshot.functions()) EmitFunction(function, out);
  return out;
}

void EmitNamespaces(const v1::Snapshot& snapshot, const std::vector<std::string>& existing,
                    Statements& out) {
  for (const std::string& name : NamespacesOf(snapshot)) {
    if (std::find(existing.begin(), existing.end(), name) != existing.end()) continue;
    Add(out, absl::StrCat("CREATE SCHEMA IF NOT EXISTS ", QuoteIdentifier(name)));
    if (RolesOf(snapshot).empty()) continue;
    Add(out, absl::StrCat("GRANT USAGE ON SCHEMA ", QuoteIdentifier(name), " TO ",
                          QuotedNames(RolesOf(snapshot))));
  }
}

void EmitEnum(const v1::EnumType& type, Statements& out) {
  std::vector<std::string> labels;
  for (const v1::EnumLabel& label : type.labels()) labels.push_back(QuoteLiteral(label.label()));
  Add(out, absl::StrCat("CREATE TYPE ", QualifiedName(type), " AS ENUM (",
                        absl::StrJoin(labels, ", "), ")"));
}

std::string ColumnSql(const v1::Column& column) {
  return absl::StrCat(QuoteIdentifier(column.name()), " ", column.type(),
                      column.not_null() ? " NOT NULL" : "",
                      column.default_value().empty() ? "" : " DEFAULT ", column.default_value(),
                      column.generated().empty()
                          ? ""
                          : absl::StrCat(" GENERATED ALWAYS AS (", column.generated(), ") STORED"));
}

void EmitTable(const v1::Table& table, Statements& out) {
  std::vector<std::string> lines;
  for (const v1::Column& column : table.columns()) lines.push_back(ColumnSql(column));
  lines.push_back(absl::StrCat("CONSTRAINT ", QuoteIdentifier(table.primary_key().name()),
                               " PRIMARY KEY (", QuotedList(table.primary_key().columns()), ")"));
  for (const v1::Check& check : table.checks()) {
    lines.push_back(absl::StrCat("CONSTRAINT ", QuoteIdentifier(check.name()), " CHECK (",
                                 check.expression(), ")"));
  }
  std::string name = QualifiedName(table);
  Add(out, absl::StrCat("CREATE TABLE ", name, " (\n  ", absl::StrJoin(lines, ",\n  "), "\n)"));
  EmitTableComment(table, out);
  for (const v1::Index& index : table.indexes()) {
    out.push_back(IndexStatement(table, index, /*concurrently=*/false));
    out.back().hazards.clear();  // the table is empty
    out.back().timeout = kShortStatement;
  }
  Add(out, absl::StrCat("ALTER TABLE ", name, " ENABLE ROW LEVEL SECURITY"));
  Add(out, absl::StrCat("ALTER TABLE ", name, " FORCE ROW LEVEL SECURITY"));
  for (const v1::Policy& policy : table.policies()) EmitPolicy(table, policy, out);
  for (const v1::Grant& grant : table.grants()) EmitGrant(table, grant, out);
}

void EmitTableComment(const v1::Table& table, Statements& out) {
  Add(out, absl::StrCat("COMMENT ON TABLE ", QualifiedName(table), " IS ",
                        QuoteLiteral(table.proto_name())));
}

Statement IndexStatement(const v1::Table& table, const v1::Index& index, bool concurrently) {
  Statement statement;
  statement.sql = absl::StrCat(
      "CREATE ", index.unique() ? "UNIQUE " : "", "INDEX ", concurrently ? "CONCURRENTLY " : "",
      QuoteIdentifier(index.name()), " ON ", QualifiedName(table),
      index.method() == "btree" ? "" : absl::StrCat(" USING ", index.method()), " (",
      QuotedList(index.columns()), ")");
  if (!index.where().empty()) absl::StrAppend(&statement.sql, " WHERE ", index.where());
  statement.hazards = {Hazard::kIndexBuild};
  if (index.unique()) statement.hazards.push_back(Hazard::kMayFailOnExistingRows);
  statement.hazards.push_back(concurrently ? Hazard::kNeedsNoTransaction
                                           : Hazard::kAcquiresShareLock);
  statement.outside_transaction = concurrently;
  statement.timeout = kLongStatement;
  return statement;
}

std::string AddForeignKeySql(const v1::ForeignKey& key) {
  std::string sql = absl::StrCat("ADD CONSTRAINT ", QuoteIdentifier(key.name()),
                                 "\n  FOREIGN KEY (", QuotedList(key.columns()), ") REFERENCES ",
                                 QuoteQualified(key.target_schema(), key.target_table()), " (",
                                 QuotedList(key.target_columns()), ") ON DELETE ", key.on_delete());
  if (!key.set_null_columns().empty()) {
    absl::StrAppend(&sql, " (", QuotedList(key.set_null_columns()), ")");
  }
  return sql;
}

std::string AddCheckSql(const v1::Check& check) {
  return absl::StrCat("ADD CONSTRAINT ", QuoteIdentifier(check.name()), " CHECK (",
                      check.expression(), ")");
}

namespace {

std::string PolicyTail(const v1::Policy& policy) {
  std::string sql = absl::StrCat(" TO ", QuotedList(policy.roles()));
  if (!policy.using_sql().empty()) absl::StrAppend(&sql, "\n  USING (", policy.using_sql(), ")");
  if (!policy.with_check_sql().empty()) {
    absl::StrAppend(&sql, "\n  WITH CHECK (", policy.with_check_sql(), ")");
  }
  return sql;
}

}  // namespace

void EmitPolicy(const v1::Table& table, const v1::Policy& policy, Statements& out) {
  Add(out, absl::StrCat("CREATE POLICY ", QuoteIdentifier(policy.name()), " ON ",
                        QualifiedName(table), " FOR ", policy.command(), PolicyTail(policy)));
}

std::string AlterPolicySql(const v1::Table& table, const v1::Policy& policy) {
  return absl::StrCat("ALTER POLICY ", QuoteIdentifier(policy.name()), " ON ", QualifiedName(table),
                      PolicyTail(policy));
}

void EmitGrant(const v1::Table& table, const v1::Grant& grant, Statements& out) {
  Add(out, absl::StrCat("GRANT ", absl::StrJoin(grant.privileges(), ", "), " ON ",
                        QualifiedName(table), " TO ", QuoteIdentifier(grant.role())));
}

}  // namespace tenantry::migrate
