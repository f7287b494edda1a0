// What is wrong with tables and files, and where it is said to be. One line of each list is one
// rule.
#include "absl/strings/str_cat.h"
#include "tests/unit/schema/lint_cases.h"

namespace tenantry::schema {
namespace {

using tenantry::testing::LintLines;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Lint, PrimaryKeys) {
  Expect({
      TableOption("primary_key: \"none\"", "primary_key: t.Item has no field `none`"),
      TableOption("primary_key: [\"id\", \"id\"]", "primary_key: id is named twice"),
      {"primary_key: \"x\"",
       "optional string x = 2;",
       "",
       {"5:3: t.Item.x: a primary key column is never absent: no optional here"}},
      {"primary_key: \"x\"",
       "repeated string x = 2;",
       "",
       {"5:3: t.Item.x: a primary key column cannot be of type text[]"}},
      {"primary_key: \"x\"",
       "google.protobuf.Struct x = 2;",
       "",
       {"5:3: t.Item.x: a primary key column cannot be of type jsonb"}},
      {"primary_key: \"x\"",
       "double x = 2;",
       "",
       {"5:3: t.Item.x: a primary key column cannot be of type double precision"}},
      {"primary_key: [\"x\", \"id\"]", "int32 x = 2;", "", {}},
  });
  EXPECT_THAT(LintLines({{"t.proto", absl::StrCat(kHead,
                                                  "\nmessage A {\n  option "
                                                  "(tenantry.v1.table) = {};\n}\n")}}),
              ElementsAre("t.proto:3:3: t.A: no primary key: there is no field id and no "
                          "primary_key"));
}

TEST(Lint, GeneratedColumns) {
  Expect({
      Field("int64", "generated: \"1 + 1\"", ""),
      Field("string", "generated: \"'x' || id\" max_length: 40", ""),
      Field("int64", "generated: \"1 + (1\"", "generated: the expression has unbalanced brackets"),
      Field("int64", "generated: \"1; DROP TABLE x\"", "generated: the expression holds `;`"),
      Field("optional int64", "generated: \"1\" not_null: true default_value: \"1\"",
            "a generated column is what the database computes: neither managed nor immutable, and "
            "without a default_value"),
      Field("string", "generated: \"'x'\"",
            "a generated column is no list, no bytes and no JSON, and a generated text has a "
            "max_length"),
      Field("repeated int64", "generated: \"'{1}'\"",
            "a generated column is no list, no bytes and no JSON, and a generated text has a "
            "max_length"),
      TableOption("unique: {number: 2 columns: \"size\"}",
                  "unique 2: size is generated, and callers could not name rows by it",
                  "int32 size = 2 [(tenantry.v1.column).generated = \"1\"];"),
      TableOption("search: {columns: {column: \"name\"}}",
                  "search: `name` is generated: search what it is generated from",
                  "string name = 2 [(tenantry.v1.column) = {generated: \"'x'\" max_length: 3}];"),
      {"primary_key: \"x\"",
       "int32 x = 2 [(tenantry.v1.column).generated = \"1\"];",
       "",
       {"5:3: t.Item.x: a primary key column is given, and cannot be generated"}},
  });
}

TEST(Lint, Search) {
  const auto search = [](const std::string& options, const std::string& error,
                         const std::string& fields = "string name = 2; string note = 3;") {
    return TableOption("search: {" + options + "}", error.empty() ? "" : "search: " + error,
                       fields);
  };
  Expect({
      search("columns: {column: \"name\" weight: SEARCH_WEIGHT_A} columns: {column: \"note\"} "
             "configuration: \"english\" name: \"words\"",
             ""),
      search("columns: {column: \"name\"} configuration: \"saas.unaccented\"", ""),
      search("", "no columns"),
      search("columns: {column: \"nope\"}", "no field `nope` "),
      search("columns: {column: \"name\"} columns: {column: \"name\"}", "`name` is named twice"),
      search("columns: {column: \"name\"}", "`name` is of type integer; only texts are searched",
             "int32 name = 2;"),
      search("columns: {column: \"name\"}", "`name` is of type text[]; only texts are searched",
             "repeated string name = 2;"),
      search("columns: {column: \"id\"}", "`id` is of type uuid; only texts are searched"),
      search("columns: {column: \"name\"}",
             "`name` is not for callers to read: a search would tell what it holds",
             "optional string name = 2 [(tenantry.v1.column).visibility = VISIBILITY_HIDDEN];"),
      search("columns: {column: \"name\"}",
             "`name` is not for callers to read: a search would tell what it holds",
             "string name = 2 [(tenantry.v1.column).visibility = VISIBILITY_INPUT_ONLY];"),
      search("columns: {column: \"name\"} configuration: \"english'::regconfig\"",
             "configuration `english'::regconfig` must be the name of a text search configuration, "
             "such as `english`, or `schema.name` in lower_snake_case"),
      search("columns: {column: \"name\"} name: \"note\"",
             "the table has a column `note` already: give this one another name by `name`"),
      search("columns: {column: \"name\"} name: \"tenant_id\"",
             "the table has a column `tenant_id` already: give this one another name by `name`"),
      search("columns: {column: \"a\"} columns: {column: \"b\"} columns: {column: \"c\"} columns: "
             "{column: \"d\"}",
             "the columns may have 98305 characters together, at most 98304 are possible (32768 "
             "count for one without max_length): name fewer, or give them a smaller max_length",
             "string a = 2; string b = 3; string c = 4; string d = 5 "
             "[(tenantry.v1.column).max_length = 1];"),
      TableOption("search: {columns: {column: \"name\"} name: \"Words\"}",
                  "search: name `Words` must be lower_snake_case"),
  });
}

TEST(Lint, UniqueKeysAndIndexes) {
  std::string arrays = "repeated string name = 2; google.protobuf.Struct note = 3;";
  Expect({
      TableOption("unique: {number: 1 columns: \"name\"}", "unique 1: number must be at least 2"),
      TableOption("unique: {number: 2 columns: \"name\"} unique: {number: 2 columns: \"note\"}",
                  "unique 2: number is taken"),
      TableOption("unique: {number: 2 columns: \"nope\" name: \"k\"}",
                  "unique 2: t.Item has no field `nope`"),
      TableOption("unique: {number: 2 name: \"k\"}", "unique 2: no columns"),
      TableOption("unique: {number: 2 columns: \"id\"}",
                  "unique 2: these columns are the primary key"),
      TableOption("unique: {number: 2 columns: \"name\"}",
                  "unique 2: name is of type text[]; only INDEX_METHOD_GIN indexes it", arrays),
      TableOption("indexes: {columns: \"note\"}",
                  "index on note: note is of type jsonb; only INDEX_METHOD_GIN indexes it", arrays),
      TableOption("indexes: {columns: \"name\" method: INDEX_METHOD_GIN}",
                  "index on name: name is of type text; INDEX_METHOD_GIN is for arrays and jsonb"),
      TableOption("indexes: {columns: \"nope\" name: \"i\"}",
                  "index on nope: t.Item has no field `nope`"),
      TableOption("indexes: {columns: [\"name\", \"name\"]}",
                  "index on name, name: name is named twice"),
      TableOption("indexes: {columns: \"name\" where: \"true; DROP TABLE x\"}",
                  "index on name: where holds `;`"),
      TableOption("indexes: {columns: \"name\" where: \"(name = 'it''s'\"}",
                  "index on name: where has unbalanced brackets"),
      TableOption("indexes: {columns: \"name\" name: \"Bad Name\"}",
                  "name of an index `Bad Name` must be lower_snake_case"),
      TableOption("indexes: {columns: \"name\"} indexes: {columns: \"name\"}",
                  "the name `items_name_idx` of an index of t.Item is that of an index of "
                  "t.Item"),
      TableOption("unique: {number: 2 columns: \"name\" name: \"items_pkey\"}",
                  "the name `items_pkey` of unique 2 of t.Item is that of the primary key of "
                  "t.Item"),
      TableOption("indexes: {columns: \"name\" where: \"name <> ';--' AND (true)\"}", ""),
      TableOption("indexes: {columns: \"name\" method: INDEX_METHOD_GIN}", "", arrays),
  });
}

TEST(Lint, LongDefaultNamesAskForOne) {
  std::string name(60, 'n');
  Expect({TableOption(
      absl::StrCat("indexes: {columns: \"", name, "\"}"),
      absl::StrCat("name of an index `items_", name, "_idx` has 70 bytes; at most 63 are possible"),
      absl::StrCat("string ", name, " = 2;"))});
}

TEST(Lint, ChecksAndPolicies) {
  Expect({
      TableOption("checks: {expression: \"true\"}", "name of a check `` must be lower_snake_case"),
      TableOption("checks: {name: \"c\"}", "check c: expression is empty"),
      TableOption("checks: {name: \"c\" expression: \"a /* b\"}",
                  "check c: expression holds a comment"),
      TableOption("checks: {name: \"c\" expression: \"'open\"}",
                  "check c: expression has an unclosed '"),
      TableOption("checks: {name: \"c\" expression: \"1=1\"} checks: {name: \"c\" expression: "
                  "\"2=2\"}",
                  "the name `c` of check c is that of check c"),
      TableOption("policies: {using: \"$1\"}", "policy items_1: using holds `$`"),
      TableOption("policies: {name: \"items_tenant\" using: \"true\"}",
                  "the name `items_tenant` of policy items_tenant is that of the tenant policy"),
      TableOption("policies: {name: \"p\" using: \"true\" commands: POLICY_COMMAND_UNSPECIFIED}",
                  "policy p: unknown command"),
      TableOption("policies: {name: \"p\" using: \"true\" with_check: \"true\" commands: "
                  "POLICY_COMMAND_SELECT}",
                  "policy p: with_check applies to inserts and updates"),
      TableOption("policies: {name: \"p\" using: \"true\" roles: \"Bad\"}",
                  "policy p: role `Bad` must be lower_snake_case"),
      TableOption("policies: {name: \"p\" with_check: \"true\" commands: POLICY_COMMAND_INSERT}",
                  ""),
      TableOption("policies: {using: \"name = 'x'\" roles: \"support\"}", ""),
  });
}

// Delete is an UPDATE there, which PostgreSQL refuses when the row as written fails a policy for
// SELECT or UPDATE, or a check.
TEST(Lint, ConditionsThatRefuseEverySoftDelete) {
  const std::string fields =
      "string name = 2; google.protobuf.Timestamp gone = 3 [(tenantry.v1.column) = {managed: "
      "MANAGED_DELETE_TIME name: \"deleted_at\"}];";
  auto refused = [&](const std::string& options, const std::string& what) {
    return TableOption(options,
                       what.empty() ? ""
                                    : what +
                                          " never holds for a row whose deleted_at is set, so "
                                          "that Delete, which sets it, is refused: leave that "
                                          "condition out, the methods leave deleted rows out by "
                                          "themselves",
                       fields);
  };
  auto policy = [&](const std::string& condition, bool wrong) {
    return refused(absl::StrCat("policies: {name: \"p\" using: \"", condition, "\"}"),
                   wrong ? "policy p: using" : "");
  };
  Expect({
      policy("deleted_at IS NULL", true),
      policy("name = 'x' AND (Deleted_At is null)", true),
      policy("(name = 'x' OR name = 'y') AND NOT (items.deleted_at IS NOT NULL)", true),
      policy("(\\\"deleted_at\\\" ISNULL)", true),
      policy("deleted_at IS NULL AND name BETWEEN 'a' AND 'b'", true),
      policy("deleted_at IS NOT DISTINCT FROM NULL", true),
      policy("deleted_at IS NULL OR name = 'x'", false),
      policy("name = 'deleted_at IS NULL'", false),
      policy("other_deleted_at IS NULL", false),
      policy("deleted_at IS NOT NULL", false),
      policy("CASE WHEN name = 'x' AND deleted_at IS NULL THEN true ELSE false END", false),
      policy("(deleted_at IS NULL) = (name = 'x')", false),
      policy("name = 'x'", false),
      refused("policies: {name: \"p\" using: \"deleted_at IS NULL\" commands: "
              "POLICY_COMMAND_SELECT}",
              "policy p: using"),
      refused("policies: {name: \"p\" using: \"true\" with_check: \"deleted_at IS NULL\" "
              "commands: POLICY_COMMAND_UPDATE}",
              "policy p: with_check"),
      refused("policies: {name: \"p\" using: \"deleted_at IS NULL\" with_check: \"true\" "
              "commands: POLICY_COMMAND_UPDATE}",
              ""),
      refused("policies: {name: \"p\" with_check: \"deleted_at IS NULL\" "
              "commands: POLICY_COMMAND_INSERT}",
              ""),
      refused("checks: {name: \"c\" expression: \"deleted_at IS NULL\"}", "check c: expression"),
      // Policies are permissive: the second lets the deleted row through, for the same role.
      refused("policies: {name: \"p\" using: \"deleted_at IS NULL\"} "
              "policies: {name: \"q\" using: \"name = 'x'\"}",
              ""),
      refused("policies: {name: \"p\" using: \"deleted_at IS NULL\"} "
              "policies: {name: \"q\" using: \"name = 'x'\" roles: \"support\"}",
              "policy p: using"),
      // Nothing is deleted, or for good.
      refused("policies: {name: \"p\" using: \"deleted_at IS NULL\"} "
              "methods: [METHOD_KIND_GET, METHOD_KIND_CREATE]",
              ""),
      refused("policies: {name: \"p\" using: \"deleted_at IS NULL\"} "
              "methods: [METHOD_KIND_GET, METHOD_KIND_DELETE_MANY]",
              "policy p: using"),
  });
}

TEST(Lint, Methods) {
  Expect({
      TableOption("methods: METHOD_KIND_UNSPECIFIED",
                  "methods: METHOD_KIND_UNSPECIFIED does not fit: unknown method kind"),
      TableOption("methods: METHOD_KIND_GET methods: METHOD_KIND_GET",
                  "methods: METHOD_KIND_GET is named twice"),
      TableOption("methods: METHOD_KIND_UPDATE",
                  "methods: METHOD_KIND_UPDATE does not fit: no column may change", ""),
      TableOption("tenant_root: true methods: METHOD_KIND_CREATE",
                  "methods: METHOD_KIND_CREATE does not fit: a tenant neither makes nor removes "
                  "tenants"),
      TableOption("methods: METHOD_KIND_UPSERT", ""),
      TableOption("methods: METHOD_KIND_UNDELETE",
                  "methods: METHOD_KIND_UNDELETE does not fit: no row is kept when it is deleted"),
      TableOption("methods: METHOD_KIND_DELETE_MANY",
                  "methods: METHOD_KIND_DELETE_MANY does not fit: it takes a filter, which tells "
                  "what rows hold, and no method here reads them"),
      TableOption("methods: [METHOD_KIND_GET, METHOD_KIND_DELETE_MANY]", ""),
  });
}

TEST(Lint, TenantRoot) {
  std::string second =
      "message Other {\n  option (tenantry.v1.table) = {tenant_root: true};\n  string id = 1 "
      "[(tenantry.v1.column).type = COLUMN_TYPE_UUID];\n}";
  Expect({
      {"tenant_root: true", "", second, {"8:3: t.Other: tenant_root: t.Item is it already"}},
      {"tenant_root: true primary_key: [\"id\", \"name\"]",
       "string name = 2;",
       "",
       {"3:3: t.Item: the tenant root's primary key must be one column of type "
        "COLUMN_TYPE_UUID"}},
      TableOption("tenant_root: true", "the tenant root has no delete time",
                  "google.protobuf.Timestamp gone = 2 [(tenantry.v1.column).managed = "
                  "MANAGED_DELETE_TIME];"),
      {"relations: {name: \"owner\" number: 9 table: \"Other\" columns: \"id\"}",
       "",
       second,
       {"3:3: t.Item: relation owner: every row belongs to its tenant already: no relation to "
        "the tenant root"}},
  });
}

TEST(Lint, Relations) {
  std::string other =
      "message Other {\n  option (tenantry.v1.table) = {unique: {number: 2 columns: \"code\"}};\n"
      "  string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];\n  string code = 2;\n"
      "  string note = 3;\n}";
  std::string fields =
      "string other_id = 2 [(tenantry.v1.column).type = COLUMN_TYPE_UUID]; string code = 3;";
  std::string index = "indexes: {columns: \"other_id\"} indexes: {columns: \"code\"} ";
  auto relation = [&](const std::string& options, const std::string& error) {
    Lines errors;
    if (!error.empty()) errors.push_back("3:3: t.Item: relation " + error);
    return Case{absl::StrCat(index, "relations: {", options, "}"), fields, other, errors};
  };
  std::string to_other = "name: \"o\" number: 9 table: \"Other\" columns: \"other_id\" ";
  Expect({
      relation(to_other, ""),
      relation("name: \"o\" number: 9 table: \"t.Other\" columns: \"code\" references: \"code\"",
               ""),
      relation("name: \"o\" number: 9 table: \"Nope\" columns: \"other_id\"",
               "o: `Nope` is not a table"),
      relation("name: \"o\" number: 9 table: \"Other\"", "o: no columns"),
      relation("name: \"o\" number: 9 table: \"Other\" columns: \"nope\"",
               "o: columns: t.Item has no field `nope`"),
      relation(to_other + "references: \"nope\"", "o: references: t.Other has no field `nope`"),
      relation("name: \"o\" number: 9 table: \"Other\" columns: \"code\"",
               "o: code of type text refers to id of type uuid"),
      relation("name: \"o\" number: 9 table: \"Other\" columns: [\"other_id\", \"code\"]",
               "o: 2 columns refer to 1"),
      relation("name: \"o\" number: 9 table: \"Other\" columns: \"code\" references: \"note\"",
               "o: note is neither the primary key nor a unique key of t.Other"),
      relation(to_other + "on_delete: ON_DELETE_SET_NULL",
               "o: ON_DELETE_SET_NULL, but other_id is NOT NULL"),
      relation("name: \"code\" number: 9 table: \"Other\" columns: \"other_id\"",
               "code: field code has this name"),
      relation(to_other + "many: true", "o: a to-many relation needs references"),
      relation("name: \"o\" number: 9 table: \"Other\" columns: \"code\" references: \"code\" "
               "many: true",
               "o: t.Other has no to-one relation from code to code here"),
  });
  Case twice = relation(to_other + "} relations: {" + to_other, "o is declared twice");
  twice.errors.push_back("3:3: t.Item: relation o: number 9 is that of relation o too");
  twice.errors.push_back(
      "3:3: t.Item: the name `items_other_id_fkey` of relation o is that of relation o");
  Expect({twice});
}

// Deleting a row that others refer to must not scan the table of those others.
TEST(Lint, ForeignKeysNeedAnIndex) {
  std::string other =
      "message Other {\n  option (tenantry.v1.table) = {primary_key: [\"a\", \"b\"]};\n"
      "  string a = 1;\n  string b = 2;\n}";
  std::string fields = "string a = 2; string b = 3;";
  std::string relation =
      "relations: {name: \"o\" number: 9 table: \"Other\" columns: [\"a\", \"b\"]} ";
  std::string missing =
      "3:3: t.Item: relation o: no index begins with a, b: deleting a row there would scan this "
      "table";
  Expect({
      {relation, fields, other, {missing}},
      {relation + "indexes: {columns: \"a\"}", fields, other, {missing}},
      {relation + "indexes: {columns: [\"id\", \"a\", \"b\"]}", fields, other, {missing}},
      {relation + "indexes: {columns: [\"a\", \"b\"] where: \"a <> ''\"}",
       fields,
       other,
       {missing}},
      {relation + "indexes: {columns: [\"b\", \"a\", \"id\"]}", fields, other, {}},
      {relation + "unique: {number: 2 columns: [\"a\", \"b\"]}", fields, other, {}},
      {relation + "primary_key: [\"a\", \"b\", \"id\"]", fields, other, {}},
  });
}

TEST(Lint, KeysOfSoftDeletedTablesArePartial) {
  std::string other =
      "message Other {\n  option (tenantry.v1.table) = {unique: {number: 2 columns: \"code\"}};\n"
      "  string id = 1;\n  string code = 2;\n  google.protobuf.Timestamp gone = 3 "
      "[(tenantry.v1.column).managed = MANAGED_DELETE_TIME];\n}";
  Expect(
      {{"indexes: {columns: \"code\"} relations: {name: \"o\" number: 9 table: \"Other\" columns: "
        "\"code\" "
        "references: \"code\"}",
        "string code = 2;",
        other,
        {"3:3: t.Item: relation o: code is neither the primary key nor a unique key of "
         "t.Other (whose unique keys leave deleted rows out)"}}});
}

TEST(Lint, Tables) {
  std::string same =
      "message Item2 {\n  option (tenantry.v1.table) = {name: \"items\"};\n  string "
      "id = 1;\n}";
  Expect({
      TableOption("name: \"Items\"", "table name `Items` must be lower_snake_case"),
      TableOption("plural: \"items\"", "plural `items` must be CamelCase"),
      TableOption("name: \"" + std::string(64, 't') + "\"",
                  absl::StrCat("table name `", std::string(64, 't'),
                               "` has 64 bytes; at most 63 are possible")),
      {"",
       "string name = 2;",
       same,
       {"8:3: t.Item2: the name `items_pkey` of the primary key of t.Item2 is that of the "
        "primary key of t.Item",
        "8:3: t.Item2: the name `items` of table t.Item2 is that of table t.Item"}},
  });
}

TEST(Lint, Files) {
  std::string body = "message Item {\n  option (tenantry.v1.table) = {};\n  string id = 1;\n}\n";
  auto lines = [&](const std::string& head, const std::string& syntax = "proto3") {
    std::string text = body;
    if (syntax == "proto2") text.replace(text.find("  string"), 2, "  optional ");
    return LintLines({{"t.proto", absl::StrCat("syntax = \"", syntax,
                                               "\"; import \"tenantry/v1/options.proto\"; ", head,
                                               "\n", text)}});
  };
  EXPECT_THAT(lines("package t;"), IsEmpty());
  EXPECT_THAT(lines(""), Contains("t.proto:1:1: a file with tables needs a package"));
  EXPECT_THAT(lines("package t;", "proto2"),
              Contains("t.proto:3:3: t.Item: a table must be declared in proto3"));
  EXPECT_THAT(lines("package tenantry.mine;"),
              ElementsAre("t.proto:1:1: schema `tenantry` is not the schema's to use"));
  EXPECT_THAT(lines("package t; option (tenantry.v1.database).schema = \"Bad\";"),
              ElementsAre("t.proto:1:1: schema `Bad` must be lower_snake_case, at most 63 bytes"));
  EXPECT_THAT(lines("package t; option (tenantry.v1.database).tenant_column = \"a b\";"),
              ElementsAre("t.proto:1:1: tenant_column `a b` must be lower_snake_case, at most 63 "
                          "bytes"));
}

TEST(Lint, NestedTables) {
  Expect(
      {{"",
        "string name = 2;",
        "message Outer {\n  message Inner {\n    option (tenantry.v1.table) = {};\n    string id "
        "= 1;\n  }\n}",
        {"8:3: t.Outer.Inner: a table must be a top-level message"}}});
}

TEST(Lint, AllErrorsAtOnceInOrder) {
  EXPECT_THAT(LintLines({{"t.proto", FileOf({"unique: {number: 1 columns: \"a\"}",
                                             "uint32 a = 2; string b = 3 "
                                             "[(tenantry.v1.column).precision = 2];",
                                             "",
                                             {}})},
                         {"a/u.proto", "syntax = \"proto3\"; message M { oops }"}}),
              ElementsAre("a/u.proto:1:37: Expected field name.",
                          "t.proto:3:3: t.Item: unique 1: number must be at least 2",
                          "t.proto:5:3: t.Item.a: uint32 is not a column type; of integers, "
                          "int32 and int64 are",
                          "t.proto:5:17: t.Item.b: precision and scale apply to "
                          "COLUMN_TYPE_NUMERIC"));
}

}  // namespace
}  // namespace tenantry::schema
