// What is wrong with fields and enums, and where it is said to be. One line of each list is one
// rule.
#include "absl/strings/str_cat.h"
#include "tests/unit/schema/lint_cases.h"

namespace tenantry::schema {
namespace {

const char kKind[] = "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }";

TEST(Lint, Types) {
  Expect({
      Field("uint32", "", "uint32 is not a column type; of integers, int32 and int64 are"),
      Field("sint64", "", "sint64 is not a column type; of integers, int32 and int64 are"),
      Field("fixed32", "", "fixed32 is not a column type; of integers, int32 and int64 are"),
      Field("map<string, string>", "", "maps are not columns; use google.protobuf.Struct"),
      Field("Item", "",
            "message t.Item is not a column type; of messages, google.protobuf.Timestamp and "
            "google.protobuf.Struct are"),
      Field("repeated google.protobuf.Struct", "",
            "arrays of google.protobuf.Struct are not columns; use one Struct"),
      Field("google.protobuf.NullValue", "", "google.protobuf.NullValue is not a column type"),
      Field("int32", "type: COLUMN_TYPE_UUID", "type applies to string fields"),
      {"",
       "oneof choice { string x = 2; }",
       "",
       {"5:18: t.Item.x: fields of a oneof are not columns; use optional fields"}},
      Field("string", "", ""),
      Field("optional bytes", "", ""),
      Field("repeated google.protobuf.Timestamp", "", ""),
  });
}

TEST(Lint, Lengths) {
  Expect({
      Field("int32", "max_length: 5", "max_length applies to string fields"),
      Field("bytes", "min_length: 5", "min_length applies to string fields"),
      Field("string", "max_length: 5 type: COLUMN_TYPE_UUID",
            "max_length applies to text, not to uuid"),
      Field("string", "max_length: -1", "max_length must be between 0 and 10485760"),
      Field("string", "max_length: 10485761", "max_length must be between 0 and 10485760"),
      Field("string", "max_length: 2 min_length: 3", "min_length 3 is above max_length 2"),
      Field("repeated string", "min_length: 1", "min_length does not apply to repeated fields"),
      Field("repeated string", "max_length: 1", ""),
  });
}

TEST(Lint, Numbers) {
  Expect({
      Field("string", "precision: 5", "precision and scale apply to COLUMN_TYPE_NUMERIC"),
      Field("string", "type: COLUMN_TYPE_NUMERIC scale: 2", "precision must be between 1 and 1000"),
      Field("string", "type: COLUMN_TYPE_NUMERIC precision: 2000",
            "precision must be between 1 and 1000"),
      Field("string", "type: COLUMN_TYPE_NUMERIC precision: 2 scale: 3",
            "scale must be between 0 and precision"),
      Field("string", "minimum: 1", "minimum applies to single numbers"),
      Field("repeated int32", "maximum: 1", "maximum applies to single numbers"),
      Field("int32", "minimum: 2 maximum: 1", "minimum 2 is above maximum 1"),
      Field("int32", "maximum: 3000000000", "maximum 3000000000 does not fit int32"),
      Field("string", "type: COLUMN_TYPE_NUMERIC minimum: 0 maximum: 10", ""),
      Field("double", "minimum: 0", ""),
  });
}

TEST(Lint, Nullability) {
  Expect({
      Field("string", "not_null: true",
            "not_null says nothing here: the column is NOT NULL already"),
      Field("repeated string", "not_null: true",
            "not_null says nothing here: the column is NOT NULL already"),
      Field("google.protobuf.Timestamp", "not_null: true managed: MANAGED_CREATE_TIME",
            "not_null says nothing here: the column is NOT NULL already"),
      Field("google.protobuf.Timestamp", "not_null: true managed: MANAGED_DELETE_TIME",
            "a delete time is NULL until the row is deleted: it cannot be not_null"),
      Field("optional string", "not_null: true", ""),
      Field("google.protobuf.Timestamp", "not_null: true", ""),
  });
}

TEST(Lint, Defaults) {
  auto text = [](const std::string& type, const std::string& value) {
    return absl::StrCat(type.empty() ? "" : "type: COLUMN_TYPE_" + type, " default_value: \"",
                        value, "\"");
  };
  auto wrong = [](const std::string& value, const std::string& what) {
    return absl::StrCat("default_value `", value, "` ", what);
  };
  std::string absent = "a default needs a field that can be absent: declare it optional";
  Expect({
      Field("bool", text("", "true"), absent),
      Field("int32", text("", "1"), absent),
      Field("repeated int32", text("", "1"), "a repeated field's default is the empty array"),
      Field("optional bool", text("", "yes"), wrong("yes", "is not true or false")),
      Field("optional int32", text("", "1.5"), wrong("1.5", "is not an integer")),
      Field("optional int32", text("", "3000000000"), wrong("3000000000", "does not fit 32 bits")),
      Field("optional int32", text("", "0") + " minimum: 1", wrong("0", "must be at least 1")),
      Field("optional double", text("", "inf"), wrong("inf", "is not a number of this type")),
      Field("optional float", text("", "1e300"), wrong("1e300", "is not a number of this type")),
      Field("string", text("UUID", "x"), wrong("x", "is not a UUID")),
      Field("string", text("ULID", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
            wrong("8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "is not a ULID")),
      Field("string", text("DATE", "2023-02-29"),
            wrong("2023-02-29", "is not a date (YYYY-MM-DD)")),
      Field("string", text("NUMERIC", "1,5"), wrong("1,5", "is not a decimal number")),
      Field("string", text("NUMERIC", "1.555") + " precision: 5 scale: 2",
            wrong("1.555", "must have at most 2 digits after the point")),
      Field("string", text("", "long") + " max_length: 3",
            wrong("long", "must have at most 3 characters, has 4")),
      Field("string", text("", "äö") + " max_length: 2", ""),
      Field("google.protobuf.Timestamp", text("", "today"),
            wrong("today", "is neither a time as in RFC 3339 nor now()")),
      Field("google.protobuf.Struct", text("", "[]"), wrong("[]", "is not a JSON object")),
      Field("optional bool", text("", "false"), ""),
      Field("optional int64", text("", "-7"), ""),
      Field("string", text("NUMERIC", "-100.25") + " precision: 5 scale: 2", ""),
      Field("string", text("DATE", "2024-02-29"), ""),
      Field("google.protobuf.Timestamp", text("", "2024-02-29T10:00:00Z"), ""),
      Field("google.protobuf.Timestamp", text("", "now()"), ""),
      Field("bytes", text("", "raw"), ""),
  });
  Case kind{"",
            "Kind x = 2 [(tenantry.v1.column).default_value = \"KIND_C\"];",
            kKind,
            {"5:3: t.Item.x: default_value `KIND_C` is no value of t.Kind that can be stored"}};
  Case zero = kind;
  zero.fields = "Kind x = 2 [(tenantry.v1.column).default_value = \"KIND_UNSPECIFIED\"];";
  zero.errors = {
      "5:3: t.Item.x: default_value `KIND_UNSPECIFIED` is no value of t.Kind that "
      "can be stored"};
  Case good = kind;
  good.fields = "Kind x = 2 [(tenantry.v1.column).default_value = \"KIND_B\"];";
  good.errors = {};
  Expect({kind, zero, good});
}

TEST(Lint, Managed) {
  std::string ts = "google.protobuf.Timestamp ";
  Expect({
      Field("string", "managed: MANAGED_CREATE_TIME",
            "MANAGED_CREATE_TIME applies to google.protobuf.Timestamp fields"),
      Field("string", "managed: MANAGED_ID type: COLUMN_TYPE_UUID",
            "MANAGED_ID belongs to a primary key column"),
      {"primary_key: \"x\"",
       "string x = 2 [(tenantry.v1.column).managed = MANAGED_ID];",
       "",
       {"5:3: t.Item.x: MANAGED_ID applies to columns of type COLUMN_TYPE_UUID or "
        "COLUMN_TYPE_ULID"}},
      Field("string", "managed: MANAGED_ETAG", ""),
      Field("optional string", "managed: MANAGED_ETAG",
            "MANAGED_ETAG applies to string fields, neither repeated nor optional"),
      Field("int64", "managed: MANAGED_ETAG",
            "MANAGED_ETAG applies to string fields, neither repeated nor optional"),
      Field("string", "managed: MANAGED_ETAG max_length: 5", "MANAGED_ETAG takes no other option"),
      Field("google.protobuf.Timestamp", "managed: MANAGED_UPDATE_TIME immutable: true",
            "immutable says nothing about a managed column: callers never set it"),
      Field("google.protobuf.Timestamp", "managed: MANAGED_UPDATE_TIME default_value: \"now()\"",
            "a managed column has no default_value"),
      {"",
       ts + "a = 2 [(tenantry.v1.column).managed = MANAGED_CREATE_TIME]; " + ts +
           "b = 3 [(tenantry.v1.column).managed = MANAGED_CREATE_TIME];",
       "",
       {"5:89: t.Item.b: MANAGED_CREATE_TIME is that of a already"}},
  });
}

TEST(Lint, ColumnNames) {
  std::string longest(64, 'x');
  Expect({
      Field("string", "name: \"X\"", "column name `X` must be lower_snake_case"),
      Field("string", "name: \"id\"", "column name `id` is that of id too"),
      Field("string", "name: \"xmin\"",
            "`xmin` is a system column of PostgreSQL: give the column another name by the option "
            "`name`"),
      Field("string", "name: \"" + longest + "\"",
            "column name has 64 bytes; at most 63 are possible"),
      Field("string", "name: \"tenant_id\"",
            "`tenant_id` is the tenant column, which every table has without declaring it: remove "
            "the "
            "field, or give the tenant column another name by the file's option `tenant_column`"),
      Field("string", "name: \"select\"", ""),
      {"",
       "string fooBar = 2;",
       "",
       {"5:3: t.Item.fooBar: column name `fooBar` must be lower_snake_case"}},
  });
}

TEST(Lint, Enums) {
  auto kind = [](const std::string& body, const Lines& errors) {
    return Case{"", "Kind kind = 2;", absl::StrCat("enum Kind {\n", body, "\n}"), errors};
  };
  std::string l = "(tenantry.v1.label)";
  Expect({
      kind("KIND_UNSPECIFIED = 0; KIND_A = 1;", {}),
      kind("KIND_NONE = 0; KIND_A = 1;",
           {"7:1: t.Kind: the zero value must stand for absence: name it KIND_UNSPECIFIED"}),
      kind("KIND_UNSPECIFIED = 0;", {"7:1: t.Kind: there is no value besides the zero value"}),
      kind("KIND_UNSPECIFIED = 0; KIND_A = 1;\nKIND_B = 2 [" + l + " = \"a\"];",
           {"9:1: t.Kind.KIND_B: label `a` is that of KIND_A too"}),
      kind("KIND_UNSPECIFIED = 0;\nKIND_A = 1 [" + l + " = \"\"];",
           {"9:1: t.Kind.KIND_A: the label is empty"}),
      kind("KIND_UNSPECIFIED = 0;\nKIND_A = 1 [" + l + " = \"" + std::string(64, 'x') + "\"];",
           {"9:1: t.Kind.KIND_A: the label has 64 bytes; at most 63 are possible"}),
      kind("KIND_UNSPECIFIED = 0 [" + l + " = \"x\"];\nKIND_A = 1;",
           {"8:1: t.Kind.KIND_UNSPECIFIED: the zero value is never stored and has no label"}),
      kind("option allow_alias = true; KIND_UNSPECIFIED = 0; KIND_A = 1;\nKIND_B = 1;",
           {"9:1: t.Kind.KIND_B: number 1 is taken; a column's enum has no aliases"}),
      kind("option (tenantry.v1.enum_type).name = \"Kind\"; KIND_UNSPECIFIED = 0; KIND_A = 1;",
           {"7:1: t.Kind: type name `Kind` must be lower_snake_case"}),
      kind("option (tenantry.v1.enum_type).name = \"items\"; KIND_UNSPECIFIED = 0; KIND_A = 1;",
           {"7:1: t.Kind: type name `items` in schema `t` is that of table t.Item"}),
  });
}

TEST(Lint, DerivedMessagesHaveFieldsOfTheirOwn) {
  constexpr char kName[] = ": derived filters have a field `any_of` of their own. Rename it";
  Expect(
      {{"",
        "string any_of = 2;",
        "",
        {absl::StrCat("5:3: t.Item.any_of: the name `any_of` is taken", kName)}},
       {"", "string last = 536870899;", "", {}},
       {"",
        "string late = 536870900;",
        "",
        {"5:3: t.Item.late: number 536870900 is taken: those from 536870900 on are for fields that "
         "derived messages add. Choose a smaller one"}}});
}

TEST(Lint, ComputedFields) {
  const std::string size =
      "a computed field is no list, no bytes and no JSON, and a computed text has a max_length";
  const std::string others =
      "a computed field is what its function makes of the row: of the options it takes type, "
      "max_length, precision, scale and filterable";
  Expect({
      Field("string", "function: \"item_x\" max_length: 40", ""),
      Field("int64", "function: \"item_x\" filterable: true", ""),
      Field("string", "function: \"item_x\" type: COLUMN_TYPE_NUMERIC precision: 9 scale: 2", ""),
      Field("string", "function: \"item_x\"", size),
      Field("repeated int64", "function: \"item_x\"", size),
      Field("google.protobuf.Struct", "function: \"item_x\"", size),
      Field("int64", "function: \"Item X\"",
            "function `Item X` must be lower_snake_case, at most 63 bytes"),
      Field("int64", "function: \"item_x\" minimum: 0", others),
      Field("int64", "function: \"item_x\" immutable: true", others),
      Field("int64", "function: \"item_x\" generated: \"1\"", others),
      TableOption("indexes: {columns: \"size\"}",
                  "index on size: size is computed, which the database has no column for",
                  "int32 size = 2 [(tenantry.v1.column).function = \"item_size\"];"),
      {"",
       "int32 a = 2 [(tenantry.v1.column).function = \"f\"]; int32 b = 3 "
       "[(tenantry.v1.column).function = \"f\"];",
       "",
       {"5:54: t.Item.b: the function f is that of t.Item.a already"}},
  });
}

}  // namespace
}  // namespace tenantry::schema
