#include "server/schema/names.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/schema/naming.h"
#include "server/schema/options.h"
#include "server/schema/tables.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

// A namespace: which names are taken, and by what.
class Taken {
 public:
  // Takes the name. Returns the description of what has it already, which is empty when the name
  // was free.
  std::string Claim(const std::string& name, const std::string& what) {
    auto [owner, fresh] = owners_.emplace(name, what);
    return fresh ? "" : owner->second;
  }

 private:
  std::map<std::string, std::string> owners_;
};

class NameChecker {
 public:
  explicit NameChecker(Reporter& reporter) : reporter_(reporter) {}

  void Check(const std::deque<Table>& tables, const std::deque<EnumType>& enums) {
    for (const Table& table : tables) {
      CheckFile(*table.message->file());
      std::string what = absl::StrCat("table ", table.message->full_name());
      Claim(table, relations_[table.schema], table.name, what);
      Claim(table, types_[table.schema], table.name, what);
      CheckIndexes(table);
      CheckConstraints(table);
      CheckPolicies(table);
    }
    for (const EnumType& type : enums) {
      CheckFile(*type.descriptor->file());
      auto other =
          types_[type.schema].Claim(type.name, absl::StrCat("enum ", type.descriptor->full_name()));
      if (other.empty()) continue;
      reporter_.Report(*type.descriptor, absl::StrCat("type name `", type.name, "` in schema `",
                                                      type.schema, "` is that of ", other));
    }
    CheckTenantRoot(tables);
    CheckNumbers(tables);
  }

 private:
  void Claim(const Table& table, Taken& taken, const std::string& name, const std::string& what) {
    std::string other = taken.Claim(name, what);
    if (other.empty()) return;
    reporter_.Report(*table.message,
                     absl::StrCat("the name `", name, "` of ", what, " is that of ", other));
  }

  // Tables and indexes share one namespace; primary and unique keys are indexes.
  void CheckIndexes(const Table& table) {
    Taken& taken = relations_[table.schema];
    std::string of = absl::StrCat(" of ", table.message->full_name());
    if (table.is_view()) return;
    Claim(table, taken, FitIdentifier(table.name + "_pkey"), "the primary key" + of);
    for (const UniqueKey& key : table.unique_keys) {
      Claim(table, taken, key.name, absl::StrCat("unique ", key.number, of));
    }
    for (const Index& index : table.indexes) Claim(table, taken, index.name, "an index" + of);
  }

  void CheckConstraints(const Table& table) {
    Taken taken;
    for (const UniqueKey& key : table.unique_keys) {
      taken.Claim(key.name, absl::StrCat("unique ", key.number));
    }
    taken.Claim(FitIdentifier(absl::StrCat(table.name, "_", table.tenant_column, "_fkey")),
                "the reference to the tenant");
    for (const Relation& relation : table.relations) {
      if (relation.many || relation.constraint.empty()) continue;
      Claim(table, taken, relation.constraint, absl::StrCat("relation ", relation.name));
    }
    for (const Column& column : table.columns) {
      if (CheckCondition(column).empty()) continue;
      Claim(table, taken, schema::CheckConstraintOf(table, column),
            absl::StrCat("the check of column ", column.name));
    }
    for (const schema::Check& check : table.checks) {
      Claim(table, taken, check.name, absl::StrCat("check ", check.name));
    }
    for (const RowRule& rule : table.rules) {
      Claim(table, taken, rule.name, absl::StrCat("rule ", rule.name));
    }
  }

  void CheckPolicies(const Table& table) {
    Taken taken;
    Claim(table, taken, FitIdentifier(table.name + "_tenant"), "the tenant policy");
    for (const Policy& policy : table.policies) {
      Claim(table, taken, policy.name, absl::StrCat("policy ", policy.name));
    }
  }

  void CheckFile(const pb::FileDescriptor& file) {
    if (!files_.insert(&file).second) return;
    if (file.package().empty()) reporter_.Report(file, "a file with tables needs a package");
    std::string schema = NamespaceOf(file);
    CheckFileName(file, "schema", schema);
    if (schema == "tenantry" || schema == "information_schema" || absl::StartsWith(schema, "pg_")) {
      reporter_.Report(file, absl::StrCat("schema `", schema, "` is not the schema's to use"));
    }
    CheckFileName(file, "tenant_column", DatabaseOf(file).tenant_column());
  }

  void CheckFileName(const pb::FileDescriptor& file, absl::string_view what,
                     const std::string& name) {
    if (name.empty() || (IsSnakeIdentifier(name) && name.size() <= kIdentifierBytesMax)) return;
    reporter_.Report(file, absl::StrCat(what, " `", name, "` must be lower_snake_case, at most ",
                                        kIdentifierBytesMax, " bytes"));
  }

  void CheckNumbers(const std::deque<Table>& tables) {
    std::map<int, const Table*> owners;
    for (const Table& table : tables) {
      if (table.number == 0) continue;
      auto [first, fresh] = owners.emplace(table.number, &table);
      if (fresh) continue;
      reporter_.Report(*table.message,
                       absl::StrCat("number ", table.number, " is that of the table ",
                                    first->second->message->full_name(), " too"));
    }
  }

  void CheckTenantRoot(const std::deque<Table>& tables) {
    const Table* root = nullptr;
    for (const Table& table : tables) {
      if (!table.tenant_root) continue;
      if (root != nullptr) {
        reporter_.Report(*table.message, absl::StrCat("tenant_root: ", root->message->full_name(),
                                                      " is it already"));
      }
      root = &table;
    }
  }

  Reporter& reporter_;
  // By schema of PostgreSQL.
  std::map<std::string, Taken> relations_;
  std::map<std::string, Taken> types_;
  std::set<const pb::FileDescriptor*> files_;
};

}  // namespace

void CheckNames(const std::deque<Table>& tables, const std::deque<EnumType>& enums,
                Reporter& reporter) {
  NameChecker(reporter).Check(tables, enums);
}

}  // namespace tenantry::schema
