#include "absl/strings/str_cat.h"
#include "tests/pg/migrate/cases.h"
#include "tests/pg/migrate/notes.h"

namespace tenantry::migrate {
namespace {

constexpr char kShort[] = "number: 3 name: \"shorts\"";
constexpr char kRows[] =
    "INSERT INTO notes.notes (tenant_id, text, size) VALUES ('$T', 'a', 1), ('$T', 'b', 2)";
constexpr char kFields[] = "string text = 2; int32 size = 3;";
constexpr char kQuery[] = "SELECT id, tenant_id, text, size FROM notes WHERE size > 1";

std::string Short(const std::string& query, const std::string& fields = kFields) {
  return View("Short", kShort, query, fields);
}

}  // namespace

std::vector<Case> ViewCases() {
  return {
      {"new_view", Note(kFields), Note(kFields) + Short(kQuery), kRows,
       "SELECT string_agg(text || size, ',') FROM notes.shorts", "b2"},
      {"view_with_another_query", Note(kFields) + Short(kQuery),
       Note(kFields) + Short("WITH all_of_them AS (SELECT tenant_id, id, text, size FROM "
                             "notes.notes) SELECT n.tenant_id, n.id, n.text, n.size FROM "
                             "all_of_them AS n WHERE n.size >= 2"),
       kRows, "SELECT string_agg(text || size, ',') FROM notes.shorts", "b2"},
      {"view_with_one_more_column", Note(kFields) + Short(kQuery),
       Note(kFields) + Short("SELECT id, tenant_id, text, size, size > 5 AS big FROM notes",
                             "string text = 2; int32 size = 3; bool big = 4;"),
       kRows, "SELECT string_agg(text || big, ',' ORDER BY text) FROM notes.shorts",
       "afalse,bfalse"},
      {"view_with_other_columns", Note(kFields) + Short(kQuery),
       Note(kFields) + Short("SELECT id, tenant_id, text AS words FROM notes", "string words = 2;"),
       kRows, "SELECT string_agg(words, ',' ORDER BY words) FROM notes.shorts", "a,b"},
      {"column_of_a_view_changes_its_type", Note(kFields) + Short(kQuery),
       Note(kFields) + Short(kQuery, "string text = 2; int64 size = 3;"), kRows,
       "SELECT pg_typeof(size)::text FROM notes.shorts", "bigint"},
      {"rename_view", Note(kFields) + Short(kQuery),
       Note(kFields) + View("Brief", "number: 3 name: \"briefs\"", kQuery, kFields), kRows,
       "SELECT string_agg(text, ',') FROM notes.briefs", "b"},
      {"drop_view", Note(kFields) + Short(kQuery), Note(kFields), kRows, kTexts, "a,b"},
      {"change_type_under_views",
       Note(kFields) + Short(kQuery) +
           View("Shorter", "number: 4 name: \"shorters\"", "SELECT tenant_id, id, text FROM shorts",
                "string text = 2;"),
       Note("string text = 2; string size = 3;") +
           Short("SELECT id, tenant_id, text, length(size) AS size FROM notes") +
           View("Shorter", "number: 4 name: \"shorters\"", "SELECT tenant_id, id, text FROM shorts",
                "string text = 2;"),
       kRows, "SELECT string_agg(text, ',' ORDER BY text) FROM notes.shorters", "a,b"},
      {"recompute_under_a_view",
       Note("string text = 2; int32 size = 3; int64 twice = 4 [(tenantry.v1.column).generated = "
            "\"2 * size\"];") +
           Short("SELECT id, tenant_id, text, twice AS size FROM notes",
                 "string text = 2; int64 size = 3;"),
       Note("string text = 2; int64 size = 3; int64 twice = 4 [(tenantry.v1.column).generated = "
            "\"2 * size\"];") +
           Short("SELECT id, tenant_id, text, twice AS size FROM notes",
                 "string text = 2; int64 size = 3;"),
       kRows, "SELECT string_agg(text || size, ',' ORDER BY text) FROM notes.shorts", "a2,b4"},
      {"rename_under_a_view", Note(kFields) + Short(kQuery),
       Message("Memo", "number: 1 name: \"memos\"", "string body = 2; int32 size = 3;") +
           Short("SELECT id, tenant_id, body AS text, size FROM memos WHERE size > 1"),
       kRows, "SELECT string_agg(text, ',') FROM notes.shorts", "b"},
      {"drop_column_under_a_view", Note(kFields) + Short(kQuery),
       Note("string text = 2;") +
           Short("SELECT id, tenant_id, text, length(text) AS size FROM notes"),
       kRows, "SELECT string_agg(text || size, ',' ORDER BY text) FROM notes.shorts", "a1,b1"},
      {"drop_label_under_a_view",
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }" +
           Note("Kind kind = 2 [(tenantry.v1.column).default_value = \"KIND_A\"];") +
           Short("SELECT id, tenant_id, kind FROM notes", "Kind kind = 2;"),
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }" +
           Note("Kind kind = 2 [(tenantry.v1.column).default_value = \"KIND_A\"];") +
           Short("SELECT id, tenant_id, kind FROM notes", "Kind kind = 2;"),
       "INSERT INTO notes.notes (tenant_id) VALUES ('$T')", "SELECT kind::text FROM notes.shorts",
       "a"},
  };
}

}  // namespace tenantry::migrate
