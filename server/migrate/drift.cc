#include "server/migrate/drift.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/base/roles.h"
#include "server/migrate/emit.h"
#include "server/migrate/functions.h"
#include "server/migrate/history.h"
#include "server/migrate/model.h"
#include "server/migrate/scratch.h"
#include "server/migrate/sql_text.h"
#include "server/migrate/views.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string Joined(const Statements& statements) {
  return absl::StrJoin(statements, ";\n", [](std::string* out, const Statement& statement) {
    absl::StrAppend(out, statement.sql);
  });
}

// What PostgreSQL prints in its own way: types, and expressions. Keys, other indexes, foreign keys
// and grants have nothing but names; not to make them is three quarters of the time.
std::string WhatIsPrinted(const v1::Snapshot& model) {
  Statements statements;
  for (const std::string& name : NamespacesOf(model)) {
    statements.push_back({"CREATE SCHEMA " + schema::QuoteIdentifier(name)});
  }
  for (const v1::EnumType& type : model.enums()) EmitEnum(type, statements);
  for (const v1::Table& table : model.tables()) {
    std::vector<std::string> lines;
    for (const v1::Column& column : table.columns()) lines.push_back(ColumnSql(column));
    for (const v1::Check& check : table.checks()) {
      lines.push_back(absl::StrCat("CONSTRAINT ", schema::QuoteIdentifier(check.name()), " CHECK (",
                                   check.expression(), ")"));
    }
    statements.push_back({absl::StrCat("CREATE TABLE ", QualifiedName(table), " (",
                                       absl::StrJoin(lines, ", "), ")")});
    for (const v1::Index& index : table.indexes()) {
      if (index.where().empty()) continue;
      statements.push_back(IndexStatement(table, index, /*concurrently=*/false));
    }
    for (const v1::Policy& policy : table.policies()) EmitPolicy(table, policy, statements);
  }
  EmitViews(model, statements);
  statements.push_back({"SET LOCAL check_function_bodies = off"});
  for (const v1::Function& function : model.functions()) {
    statements.push_back({CreateFunctionSql(function, false)});
  }
  return Joined(statements);
}

// Makes all that has an expression, a statement at a time, and names what PostgreSQL refuses.
class Trial {
 public:
  explicit Trial(pqxx::work& tx) : tx_(tx) {}

  std::vector<std::string> Run(const v1::Snapshot& model) {
    for (const std::string& name : NamespacesOf(model)) {
      tx_.exec("CREATE SCHEMA " + schema::QuoteIdentifier(name));
    }
    Statements types;
    for (const v1::EnumType& type : model.enums()) EmitEnum(type, types);
    for (const Statement& statement : types) tx_.exec(statement.sql);
    for (const v1::Table& table : model.tables()) TryTable(table);
    for (const v1::View* view : InOrderOfUse(model)) TryView(*view);
    for (const v1::Function& function : model.functions()) {
      Try(absl::StrCat("function ", function.schema(), ".", function.name()),
          CreateFunctionSql(function, false));
    }
    return std::move(refused_);
  }

 private:
  void TryTable(const v1::Table& table) {
    const std::string of = absl::StrCat(" of ", table.schema(), ".", table.name());
    std::vector<std::string> columns;
    for (const v1::Column& column : table.columns()) columns.push_back(ColumnSql(column));
    const bool made =
        Try(absl::StrCat("the columns", of), absl::StrCat("CREATE TABLE ", QualifiedName(table),
                                                          " (", absl::StrJoin(columns, ", "), ")"));
    if (!made) return;
    for (const v1::Check& check : table.checks()) {
      Try(absl::StrCat("check ", check.name(), of), AlterTable(table, AddCheckSql(check)));
    }
    for (const v1::Index& index : table.indexes()) {
      if (index.where().empty()) continue;
      Try(absl::StrCat("index ", index.name(), of), IndexStatement(table, index, false).sql);
    }
    for (const v1::Policy& policy : table.policies()) {
      Statements statements;
      EmitPolicy(table, policy, statements);
      for (const Statement& statement : statements) {
        Try(absl::StrCat("policy ", policy.name(), of), statement.sql);
      }
    }
  }

  void TryView(const v1::View& view) {
    Statements statements;
    v1::Snapshot alone;
    *alone.add_views() = view;
    EmitViews(alone, statements);
    Try(absl::StrCat("view ", view.schema(), ".", view.name()), Joined(statements));
  }

  bool Try(const std::string& what, const std::string& sql) {
    try {
      pqxx::subtransaction attempt(tx_);
      attempt.exec(sql);
      attempt.commit();
      return true;
    } catch (const pqxx::sql_error& error) {
      absl::string_view message = error.what();
      message = message.substr(0, message.find('\n'));
      absl::ConsumePrefix(&message, "ERROR:");
      refused_.push_back(absl::StrCat(what, ": ", absl::StripAsciiWhitespace(message)));
      return false;
    }
  }

  pqxx::work& tx_;
  std::vector<std::string> refused_;
};

// The rest of a table, as Introspect would have read it.
void Complete(const v1::Table& model, v1::Table& printed) {
  printed.set_proto_name(model.proto_name());
  printed.clear_row_security_disabled();
  printed.clear_row_security_not_forced();
  *printed.mutable_primary_key() = model.primary_key();
  for (const std::string& name : model.primary_key().columns()) {
    for (v1::Column& column : *printed.mutable_columns()) {
      if (column.name() == name) column.set_not_null(true);
    }
  }
  for (v1::Index index : model.indexes()) {
    if (!index.where().empty()) continue;
    index.clear_number();
    *printed.add_indexes() = std::move(index);
  }
  for (v1::ForeignKey key : model.foreign_keys()) {
    key.clear_number();
    *printed.add_foreign_keys() = std::move(key);
  }
  for (v1::Grant grant : model.grants()) {
    std::sort(grant.mutable_privileges()->begin(), grant.mutable_privileges()->end());
    *printed.add_grants() = std::move(grant);
  }
}

// The same of a function.
void Complete(const v1::Function& model, v1::Function& printed) {
  *printed.mutable_roles() = model.roles();
  std::sort(printed.mutable_roles()->begin(), printed.mutable_roles()->end());
}

// The same of a view, whose numbers a live database does not tell.
void Complete(const v1::View& model, v1::View& printed) {
  printed.set_proto_name(model.proto_name());
  *printed.mutable_roles() = model.roles();
  std::sort(printed.mutable_roles()->begin(), printed.mutable_roles()->end());
}

std::string NameOf(const v1::View& view) { return absl::StrCat(view.schema(), ".", view.name()); }

template <typename Part>
std::string Described(const Part& part) {
  return part.ShortDebugString();
}

class Comparer {
 public:
  explicit Comparer(const DifferenceWords& words) : words_(words) {}

  std::vector<std::string> Run(const v1::Snapshot& wanted, const v1::Snapshot& live) {
    auto qualified = [](const auto& part) { return absl::StrCat(part.schema(), ".", part.name()); };
    Pair("enum type ", wanted.enums(), live.enums(), qualified);
    CompareTables(wanted, live, qualified);
    CompareViews(wanted, live);
    CompareFunctions(wanted, live);
    return std::move(lines_);
  }

 private:
  // Views that only the database has are none of the schema's, and neither are functions.
  void CompareViews(const v1::Snapshot& wanted, const v1::Snapshot& live) {
    std::map<std::string, const v1::View*> in_live;
    for (const v1::View& view : live.views()) in_live[NameOf(view)] = &view;
    for (const v1::View& should : wanted.views()) {
      const std::string what = absl::StrCat("view ", NameOf(should));
      const auto found = in_live.find(NameOf(should));
      if (found == in_live.end()) {
        lines_.push_back(absl::StrCat(what, words_.missing));
      } else if (found->second->runs_as_owner()) {
        lines_.push_back(absl::StrCat(what,
                                      " runs with the rights of its owner in the database, "
                                      "and not with those of its caller (security_invoker)"));
      } else if (!MessageDifferencer::Equals(should, *found->second)) {
        lines_.push_back(absl::StrCat(what, " is {", Described(*found->second), "} in the database",
                                      words_.wanted, "{", Described(should), "}"));
      }
    }
  }

  void CompareFunctions(const v1::Snapshot& wanted, const v1::Snapshot& live) {
    std::map<std::string, const v1::Function*> in_live;
    for (const v1::Function& function : live.functions()) in_live[IdentityOf(function)] = &function;
    for (const v1::Function& should : wanted.functions()) {
      const std::string what = absl::StrCat("function ", IdentityOf(should));
      const auto found = in_live.find(IdentityOf(should));
      if (found == in_live.end()) {
        lines_.push_back(absl::StrCat(what, words_.missing));
      } else if (found->second->body() != should.body()) {
        lines_.push_back(absl::StrCat(what, " has another body in the database"));
      } else if (!MessageDifferencer::Equals(should, *found->second)) {
        v1::Function is = *found->second, be = should;
        is.clear_body();
        be.clear_body();
        lines_.push_back(absl::StrCat(what, " is {", Described(is), "} in the database",
                                      words_.wanted, "{", Described(be), "}"));
      }
    }
  }

  // Calls `both` for what is in both; the rest is told.
  template <typename Parts, typename Key, typename Both>
  void PairUp(const std::string& what, const Parts& wanted, const Parts& live, Key key, Both both) {
    using Part = typename Parts::value_type;
    std::map<std::string, const Part*> in_live, in_wanted;
    for (const Part& part : live) in_live[key(part)] = &part;
    for (const Part& part : wanted) {
      in_wanted[key(part)] = &part;
      auto found = in_live.find(key(part));
      if (found == in_live.end()) {
        lines_.push_back(absl::StrCat(what, key(part), words_.missing));
      } else {
        both(part, *found->second);
      }
    }
    for (const Part& part : live) {
      if (in_wanted.contains(key(part))) continue;
      lines_.push_back(absl::StrCat(what, key(part), words_.extra));
    }
  }

  template <typename Parts, typename Key>
  void Pair(const std::string& what, const Parts& wanted, const Parts& live, Key key) {
    PairUp(what, wanted, live, key, [&](const auto& should, const auto& is) {
      if (MessageDifferencer::Equals(should, is)) return;
      lines_.push_back(absl::StrCat(what, key(should), " is {", Described(is), "} in the database",
                                    words_.wanted, "{", Described(should), "}"));
    });
  }

  template <typename Key>
  void CompareTables(const v1::Snapshot& wanted, const v1::Snapshot& live, Key qualified) {
    PairUp("table ", wanted.tables(), live.tables(), qualified,
           [&](const v1::Table& should, const v1::Table& is) {
             const std::string of = qualified(should);
             auto name = [&](const auto& part) { return absl::StrCat(of, ".", part.name()); };
             if (is.row_security_disabled())
               lines_.push_back(of + ": row-level security is disabled");
             if (is.row_security_not_forced()) {
               lines_.push_back(of + ": row-level security is not forced on the owner");
             }
             if (is.proto_name() != should.proto_name()) {
               lines_.push_back(absl::StrCat(of, ": its comment is `", is.proto_name(), "`",
                                             words_.wanted, "`", should.proto_name(), "`"));
             }
             Pair("column ", should.columns(), is.columns(), name);
             if (!MessageDifferencer::Equals(should.primary_key(), is.primary_key())) {
               lines_.push_back(absl::StrCat(of, ": its primary key is {",
                                             Described(is.primary_key()), "}", words_.wanted, "{",
                                             Described(should.primary_key()), "}"));
             }
             Pair("index ", should.indexes(), is.indexes(), name);
             Pair("foreign key ", should.foreign_keys(), is.foreign_keys(), name);
             Pair("check ", should.checks(), is.checks(), name);
             Pair("policy ", should.policies(), is.policies(), name);
             Pair("grants on ", should.grants(), is.grants(),
                  [&](const v1::Grant& grant) { return absl::StrCat(of, " to ", grant.role()); });
           });
  }

  const DifferenceWords& words_;
  std::vector<std::string> lines_;
};

std::vector<std::string> TellStates(const std::vector<MigrationState>& states) {
  using Kind = MigrationState::Kind;
  std::vector<std::string> lines;
  for (const MigrationState& state : states) {
    switch (state.kind) {
      case Kind::kApplied:
        break;
      case Kind::kPending:
        lines.push_back(absl::StrCat("migration ", state.name, " is not applied"));
        break;
      case Kind::kStopped:
        lines.push_back(absl::StrCat("migration ", state.name, " stopped ", state.detail,
                                     "; run `tenantryd migrate` to go on with it"));
        break;
      case Kind::kEdited:
        lines.push_back(absl::StrCat("migration ", state.name, " was edited after it was applied"));
        break;
      case Kind::kMissing:
        lines.push_back(absl::StrCat("migration ", state.name, " was applied and is missing here"));
        break;
    }
  }
  return lines;
}

}  // namespace

absl::StatusOr<std::optional<v1::Snapshot>> AppliedModel(
    const std::string& directory, const std::vector<MigrationState>& states) {
  absl::StatusOr<std::vector<Migration>> migrations = ReadMigrations(directory);
  if (!migrations.ok()) return migrations.status();
  std::set<std::string> applied;
  for (const MigrationState& state : states) {
    if (state.kind != MigrationState::Kind::kPending) applied.insert(state.name);
  }
  std::erase_if(*migrations,
                [&](const Migration& migration) { return !applied.contains(migration.name); });
  absl::StatusOr<History> history = HistoryOf(*migrations);
  if (!history.ok()) return history.status();
  return history->model;
}

absl::StatusOr<v1::Snapshot> AsPrinted(pqxx::connection& connection, const v1::Snapshot& model) {
  std::vector<std::string> scratch;
  std::vector<std::pair<std::string, std::string>> back;
  for (const std::string& name : NamespacesOf(model)) {
    scratch.push_back(ScratchOf(name));
    back.emplace_back(ScratchOf(name), name);
  }
  v1::Snapshot printed;
  absl::Status status = pg::CatchPqxx([&] {
    pqxx::work tx(connection);
    tx.exec(WhatIsPrinted(InScratch(model)));
    printed = Introspect(tx, scratch).model;
    // Never committed.
  });
  if (!status.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("PostgreSQL refuses a part of the schema: ", status.message()));
  }
  OutOfScratch(&printed, back);
  std::map<std::string, const v1::Table*> tables;
  for (const v1::Table& table : model.tables()) tables[QualifiedName(table)] = &table;
  for (v1::Table& table : *printed.mutable_tables()) Complete(*tables[QualifiedName(table)], table);
  for (v1::View& view : *printed.mutable_views()) {
    for (const v1::View& source : model.views()) {
      if (NameOf(source) == NameOf(view)) Complete(source, view);
    }
  }
  for (v1::Function& function : *printed.mutable_functions()) {
    for (const v1::Function& source : model.functions()) {
      const bool same = source.schema() == function.schema() && source.name() == function.name();
      if (same) Complete(source, function);
    }
  }
  return printed;
}

absl::StatusOr<std::vector<std::string>> RefusedParts(const std::string& scratch_database_url,
                                                      const v1::Snapshot& model) {
  absl::StatusOr<pqxx::connection> connection = pg::OpenSystemConnection(scratch_database_url);
  if (!connection.ok()) return connection.status();
  std::vector<std::string> refused;
  absl::Status status = pg::CatchPqxx([&] {
    pqxx::work tx(*connection);
    refused = Trial(tx).Run(InScratch(model));
    // Never committed.
  });
  if (!status.ok()) return status;
  for (std::string& line : refused) {
    for (const std::string& name : NamespacesOf(model)) {
      line = absl::StrReplaceAll(line, {{ScratchOf(name), name}});
    }
  }
  return refused;
}

std::vector<std::string> Differences(const v1::Snapshot& wanted, const v1::Snapshot& live,
                                     const DifferenceWords& words) {
  return Comparer(words).Run(wanted, live);
}

absl::StatusOr<Drift> FindDrift(const MigrateOptions& options) {
  absl::StatusOr<std::vector<MigrationState>> states = MigrationStates(options);
  if (!states.ok()) return states.status();
  Drift drift;
  drift.findings = TellStates(*states);
  auto model = AppliedModel(options.migrations_dir, *states);
  if (!model.ok()) return model.status();
  if (!*model) return drift;

  absl::StatusOr<pqxx::connection> connection = pg::OpenSystemConnection(options.database_url);
  if (!connection.ok()) return connection.status();
  LiveModel live;
  absl::Status status = pg::CatchPqxx([&] {
    {
      pqxx::nontransaction tx(*connection);
      tx.exec(
          absl::StrCat("SET ROLE ", tx.quote_name(DatabaseRole(options.role_prefix, kOwnerRole))));
    }
    pqxx::work tx(*connection);
    live = Introspect(tx, NamespacesOf(**model));
  });
  if (!status.ok()) return status;
  absl::StatusOr<v1::Snapshot> wanted = AsPrinted(*connection, **model);
  if (!wanted.ok()) return wanted.status();
  const std::vector<std::string> differences = Differences(*wanted, live.model);
  drift.findings.insert(drift.findings.end(), differences.begin(), differences.end());
  drift.findings.insert(drift.findings.end(), live.unfinished.begin(), live.unfinished.end());
  drift.strangers = std::move(live.strangers);
  for (const v1::View& view : wanted->views()) {
    std::erase(drift.strangers, absl::StrCat("view ", NameOf(view)));
  }
  for (const v1::Function& function : wanted->functions()) {
    std::erase(drift.strangers, absl::StrCat("function ", IdentityOf(function)));
  }
  return drift;
}

}  // namespace tenantry::migrate
