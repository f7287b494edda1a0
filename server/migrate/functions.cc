#include "server/migrate/functions.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/base/roles.h"
#include "server/migrate/emit.h"
#include "server/migrate/sql_text.h"
#include "server/schema/columns.h"
#include "server/schema/naming.h"
#include "server/schema/options.h"

namespace tenantry::migrate {
namespace {

using google::protobuf::util::MessageDifferencer;
using schema::QuoteIdentifier;

// No body of SQL begins with a word of these; a label of PL/pgSQL begins with `<<`, and an option
// of its compiler with `#`.
bool IsPlpgsql(const std::string& body) {
  const std::vector<SqlToken> tokens = SqlTokens(body);
  if (tokens.empty()) return false;
  const std::string first = absl::AsciiStrToLower(tokens[0].text);
  return first == "declare" || first == "begin" || first == "<" || first == "#";
}

std::string ResultOf(const schema::Function& function) {
  if (function.result == nullptr) return "void";
  if (function.result != &function.row) {
    return absl::StrCat("SETOF ", function.result->sql_name);
  }
  std::vector<std::string> columns;
  for (const schema::Column& column : function.row.columns) {
    columns.push_back(absl::StrCat(column.sql_name, " ", schema::PlainType(column)));
  }
  return absl::StrCat("TABLE(", absl::StrJoin(columns, ", "), ")");
}

std::string QuotedName(const v1::Function& function) {
  return schema::QuoteQualified(function.schema(), function.name());
}

// The function among others of its name.
std::string Named(const v1::Function& function) {
  std::vector<std::string> types;
  for (const v1::Argument& argument : function.arguments()) types.push_back(argument.type());
  return absl::StrCat(QuotedName(function), "(", absl::StrJoin(types, ", "), ")");
}

// Types of its arguments may have other names by then. There is one function of the name.
std::string DropSql(const v1::Function& function) {
  return absl::StrCat("DROP FUNCTION ", QuotedName(function));
}

// A dollar quote that is not in the body.
std::string QuoteOf(const std::string& body) {
  std::string quote = "$body$";
  for (int i = 1; absl::StrContains(body, quote); ++i) quote = absl::StrCat("$body", i, "$");
  return quote;
}

std::string RolesSql(const v1::Function& function) {
  std::vector<std::string> roles;
  for (const std::string& role : function.roles()) roles.push_back(QuoteIdentifier(role));
  return absl::StrJoin(roles, ", ");
}

std::string Where(const v1::Function& function) {
  return absl::StrCat(function.schema(), ".", function.name());
}

Statement Rights(const char* verb, const v1::Function& function, const char* word,
                 const std::string& roles) {
  return {absl::StrCat(verb, " EXECUTE ON FUNCTION ", Named(function), word, roles)};
}

class FunctionDiff {
 public:
  explicit FunctionDiff(DiffContext& context) : context_(context) {}

  void Compare(const v1::Function& before, const v1::Function& after) {
    if (!SameSignature(before, after)) return Remake(before, after);
    v1::Function replaced = before;
    *replaced.mutable_roles() = after.roles();
    replaced.set_proto_name(after.proto_name());
    if (!MessageDifferencer::Equals(replaced, after)) Replace(before, after);
    if (before.proto_name() != after.proto_name()) {
      context_.Note(
          Change::Kind::kChanged, Where(after),
          absl::StrCat("its method is ", after.proto_name(), ", which was ", before.proto_name()));
    }
    CompareRoles(before, after);
  }

  void Make(const v1::Function& function) {
    context_.Note(Change::Kind::kNew, Where(function), "new function");
    Add(function, {});
  }

  void Drop(const v1::Function& function) {
    context_.Note(Change::Kind::kDropped, Where(function), "function dropped");
    context_.Add({Phase::kFunctions,
                  {DropSql(function), {Hazard::kBreaksOldServers, Hazard::kBreaksApiClients}}});
  }

 private:
  // What PostgreSQL cannot change in place, and what a type hangs on that is made anew.
  bool SameSignature(const v1::Function& before, const v1::Function& after) const {
    if (before.result() != after.result() || before.arguments_size() != after.arguments_size()) {
      return false;
    }
    for (int i = 0; i < before.arguments_size(); ++i) {
      if (!MessageDifferencer::Equals(before.arguments(i), after.arguments(i))) return false;
      if (context_.IsRebuilt(after.arguments(i).type())) return false;
    }
    return !ReturnsRebuilt(after);
  }

  // Types in the columns of a result are names in quotes, as those of enums are.
  bool ReturnsRebuilt(const v1::Function& function) const {
    for (const v1::EnumType& type : context_.to().enums()) {
      const std::string name = QualifiedName(type);
      if (absl::StrContains(function.result(), name) && context_.IsRebuilt(name)) return true;
    }
    return false;
  }

  void Add(const v1::Function& function, Hazards hazards) {
    Statements statements;
    EmitFunction(function, statements);
    statements[0].hazards = std::move(hazards);
    for (Statement& statement : statements) {
      context_.Add({Phase::kFunctions, std::move(statement)});
    }
  }

  void Remake(const v1::Function& before, const v1::Function& after) {
    context_.Note(Change::Kind::kChanged, Where(after), "function with other arguments or results");
    Statement drop{DropSql(before), {Hazard::kBreaksOldServers}};
    drop.note = "Servers of the old schema call it as it was.";
    context_.Add({Phase::kFunctions, std::move(drop)});
    Add(after, Authorizing(before, after));
  }

  void Replace(const v1::Function& before, const v1::Function& after) {
    context_.Note(Change::Kind::kChanged, Where(after), "changed function");
    context_.Add({Phase::kFunctions, {CreateFunctionSql(after, true), Authorizing(before, after)}});
  }

  static Hazards Authorizing(const v1::Function& before, const v1::Function& after) {
    if (before.security_definer() == after.security_definer()) return {};
    return {Hazard::kAuthzUpdate};
  }

  // All are named anew: their order is the same then as where the function is made at once.
  void CompareRoles(const v1::Function& before, const v1::Function& after) {
    const bool changed = NoteRoles(before, after, " may not call it");
    if (!NoteRoles(after, before, " may call it") && !changed) return;
    for (Statement statement : {Rights("REVOKE", after, " FROM ", RolesSql(before)),
                                Rights("GRANT", after, " TO ", RolesSql(after))}) {
      statement.hazards = {Hazard::kAuthzUpdate};
      context_.Add({Phase::kFunctions, std::move(statement)});
    }
  }

  // Of the roles of `has` that `lacks` does not have; whether there are any.
  bool NoteRoles(const v1::Function& has, const v1::Function& lacks, const char* what) {
    bool any = false;
    for (const std::string& role : has.roles()) {
      const auto& others = lacks.roles();
      if (std::find(others.begin(), others.end(), role) != others.end()) continue;
      context_.Note(Change::Kind::kChanged, Where(has), absl::StrCat("role ", role, what));
      any = true;
    }
    return any;
  }

  DiffContext& context_;
};

}  // namespace

std::string FunctionsFolder(const std::string& migrations) {
  std::filesystem::path folder(migrations);
  if (!folder.has_filename()) folder = folder.parent_path();  // it ends with a slash
  return (folder.parent_path() / "functions").string();
}

v1::Function ComputedModel(const schema::Table& table, const schema::Column& column,
                           std::string_view role_prefix) {
  v1::Function model;
  model.set_proto_name(column.field->full_name());
  model.set_schema(table.schema);
  model.set_name(schema::ColumnOf(*column.field).function());
  v1::Argument& row = *model.add_arguments();
  row.set_name(table.field_name);
  row.set_type(table.sql_name);
  model.set_result(schema::PlainType(column));
  model.set_language(IsPlpgsql(column.function_body) ? "plpgsql" : "sql");
  model.set_stable(true);
  model.set_computes(true);
  model.set_body(column.function_body);
  for (const std::string& role : TenantRoles(role_prefix)) model.add_roles(role);
  return model;
}

v1::Function FunctionModel(const schema::Function& function, std::string_view role_prefix) {
  v1::Function model;
  model.set_proto_name(function.method->full_name());
  model.set_schema(function.schema);
  model.set_name(function.name);
  v1::Argument& tenant = *model.add_arguments();
  tenant.set_name(schema::TenantArgument(function));
  tenant.set_type("uuid");
  for (const schema::Function::Argument& source : function.arguments) {
    v1::Argument& argument = *model.add_arguments();
    argument.set_name(source.name);
    argument.set_type(source.sql_type);
  }
  model.set_result(ResultOf(function));
  model.set_language(IsPlpgsql(function.body) ? "plpgsql" : "sql");
  model.set_stable(function.read_only);
  model.set_security_definer(function.security_definer);
  model.set_body(function.body);
  for (const std::string& role : function.roles) model.add_roles(DatabaseRole(role_prefix, role));
  if (function.roles.empty()) {
    for (const std::string& role : TenantRoles(role_prefix)) model.add_roles(role);
  }
  return model;
}

std::string IdentityOf(const v1::Function& function) {
  std::vector<std::string> arguments;
  for (const v1::Argument& argument : function.arguments()) {
    arguments.push_back(absl::StrCat(argument.name(), " ", argument.type()));
  }
  return absl::StrCat(function.schema(), ".", function.name(), "(", absl::StrJoin(arguments, ", "),
                      ")");
}

std::string CreateFunctionSql(const v1::Function& function, bool replace) {
  std::vector<std::string> arguments;
  for (const v1::Argument& argument : function.arguments()) {
    arguments.push_back(absl::StrCat(QuoteIdentifier(argument.name()), " ", argument.type()));
  }
  const std::string quote = QuoteOf(function.body());
  return absl::StrCat(
      "CREATE ", replace ? "OR REPLACE " : "", "FUNCTION ", QuotedName(function), "(",
      absl::StrJoin(arguments, ", "), ")\n  RETURNS ", function.result(), "\n  LANGUAGE ",
      function.language(), function.stable() ? " STABLE" : " VOLATILE",
      function.security_definer() ? " SECURITY DEFINER" : "",
      function.computes()
          ? ""
          : absl::StrCat("\n  SET search_path = ", QuoteIdentifier(function.schema()), ", pg_temp"),
      "\n  AS ", quote, "\n", function.body(), absl::EndsWith(function.body(), "\n") ? "" : "\n",
      quote);
}

void EmitFunction(const v1::Function& function, Statements& out) {
  out.push_back({CreateFunctionSql(function, false)});
  out.push_back(Rights("REVOKE", function, " FROM ", "PUBLIC"));
  out.push_back(Rights("GRANT", function, " TO ", RolesSql(function)));
}

void CompareFunctions(DiffContext& context) {
  std::map<std::string, const v1::Function*> before, after;
  for (const v1::Function& function : context.middle().functions()) {
    before[QuotedName(function)] = &function;
  }
  for (const v1::Function& function : context.to().functions()) {
    after[QuotedName(function)] = &function;
  }
  FunctionDiff diff(context);
  for (const auto& [name, function] : before) {
    if (!after.contains(name)) diff.Drop(*function);
  }
  for (const auto& [name, function] : after) {
    before.contains(name) ? diff.Compare(*before[name], *function) : diff.Make(*function);
  }
}

}  // namespace tenantry::migrate
