// Views: what they cannot have, and what is made of them.
#include "server/schema/views.h"

#include "absl/strings/str_cat.h"
#include "server/schema/schema.h"
#include "tests/unit/schema/lint_cases.h"

namespace tenantry::schema {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;

constexpr char kQuery[] = "view: \"SELECT id, tenant_id, name, note FROM items\"";

Case ViewWith(const std::string& option, const std::string& error) {
  return TableOption(absl::StrCat(kQuery, " ", option), error);
}

Case Query(const std::string& sql, const std::string& error) {
  return TableOption(absl::StrCat("view: \"", sql, "\""),
                     error.empty() ? "" : "view: the query " + error);
}

Case ColumnOption(const std::string& field, const std::string& option, bool fits) {
  Lines errors;
  if (!fits) {
    errors.push_back(
        "5:3: t.Item.x: a column of a view is what its query gives: of the options it takes type, "
        "precision, scale, name and filterable");
  }
  return {kQuery, absl::StrCat(field, " x = 2 [(tenantry.v1.column) = {", option, "}];"), "",
          errors};
}

TEST(Lint, Views) {
  Expect({
      ViewWith("", ""),
      ViewWith("unique: {number: 2 columns: \"name\"}",
               "a view has no unique key: it belongs to the tables that the query reads"),
      ViewWith("indexes: {columns: \"name\"}",
               "a view has no index: it belongs to the tables that the query reads"),
      ViewWith("policies: {using: \"true\"}",
               "a view has no policy: it belongs to the tables that the query reads"),
      ViewWith("checks: {name: \"c\" expression: \"true\"}",
               "a view has no check: it belongs to the tables that the query reads"),
      ViewWith("methods: METHOD_KIND_CREATE",
               "methods: METHOD_KIND_CREATE does not fit: it writes, and a view is only read"),
      ColumnOption("string", "type: COLUMN_TYPE_NUMERIC precision: 9 scale: 2 name: \"y\"", true),
      ColumnOption("int64", "filterable: true", true),
      ColumnOption("string", "max_length: 4", false),
      ColumnOption("optional int32", "default_value: \"1\"", false),
      ColumnOption("google.protobuf.Timestamp", "managed: MANAGED_CREATE_TIME", false),
      ColumnOption("optional int32", "visibility: VISIBILITY_HIDDEN", false),
  });
}

TEST(Lint, QueriesOfViews) {
  Expect({
      Query("WITH a AS (SELECT 1 AS id) SELECT id, 2 * 3 AS x, count(*) AS n FROM a", ""),
      Query("\\n  select '*, *' AS id, \\\"a.*\\\" AS b, (1) * 2 AS c", ""),
      Query("DELETE FROM items", "does not begin with SELECT or WITH"),
      Query("SELECT 1; DROP TABLE items", "holds `;`"),
      Query("SELECT (1", "has unbalanced brackets"),
      Query("SELECT * FROM items",
            "has `*` for columns: name them, since it would mean others after a migration"),
      Query("SELECT DISTINCT i.* FROM items AS i",
            "has `*` for columns: name them, since it would mean others after a migration"),
      Query("SELECT id, * FROM items",
            "has `*` for columns: name them, since it would mean others after a migration"),
  });
}

TEST(Lint, RelationsOfViews) {
  const auto second = [](const std::string& on_delete) {
    return absl::StrCat(
        "message Sum {\n  option (tenantry.v1.table) = { primary_key: \"item_id\" view: \"SELECT "
        "1 AS x\" relations: { name: \"item\" number: 5 table: \"Item\" columns: \"item_id\" ",
        on_delete, "} };\n  string item_id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];\n}");
  };
  const std::string to_view =
      "relations: { name: \"sum\" number: 9 table: \"Sum\" columns: \"id\" }";
  Expect({
      {to_view, "", second(""), {}},
      {to_view,
       "",
       second("on_delete: ON_DELETE_CASCADE"),
       {"8:3: t.Sum: relation item: on_delete applies to foreign keys, and a view has none"}},
  });
}

TEST(Views, AreReadOnlyTablesWithoutKeysOfTheirOwn) {
  const tenantry::testing::SourceDirectory source(
      {{"t.proto", FileOf({kQuery, "optional string name = 2; int32 note = 3;", "", {}})}});
  const auto schema = tenantry::testing::MustLoad(source.path());
  const Table& view = schema->tables()[0];
  EXPECT_THAT(view.methods,
              ElementsAre(v1::METHOD_KIND_GET, v1::METHOD_KIND_LIST, v1::METHOD_KIND_BATCH_GET,
                          v1::METHOD_KIND_AGGREGATE, v1::METHOD_KIND_EXPORT));
  EXPECT_THAT(view.columns, Each(Field(&Column::output_only, true)));
  EXPECT_TRUE(view.columns[0].not_null);
  EXPECT_FALSE(view.columns[2].not_null) << "nothing promises that a query gives a value";
}

}  // namespace
}  // namespace tenantry::schema
