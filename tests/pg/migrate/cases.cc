#include "tests/pg/migrate/cases.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "tests/pg/migrate/notes.h"

namespace tenantry::migrate {

namespace {

std::vector<Case> TableCases() {
  return {
      {"rename_field",
       Note(
           "string text = 2 [(tenantry.v1.column).min_length = 1];",
           "unique: { number: 2 columns: \"text\" } indexes: { columns: \"text\" where: \"text <> "
           "'x'\" } checks: { name: \"notes_short\" expression: \"length(text) < 9\" } policies: { "
           "name: \"own\" using: \"text <> ''\" }"),
       Note(
           "string body = 2 [(tenantry.v1.column).min_length = 1];",
           "unique: { number: 2 columns: \"body\" } indexes: { columns: \"body\" where: \"body <> "
           "'x'\" } checks: { name: \"notes_brief\" expression: \"length(body) < 9\" } policies: { "
           "name: \"mine\" using: \"body <> ''\" }"),
       kTwoNotes, "SELECT string_agg(body, ',' ORDER BY body) FROM notes.notes", "a,b"},
      {"swap_fields", Note("string text = 2; int32 size = 3;"),
       Note("string size = 2; int32 text = 3;"),
       "INSERT INTO notes.notes (tenant_id, text, size) VALUES ('$T', 'a', 7)",
       "SELECT size || text FROM notes.notes", "a7"},
      {"new_field_takes_the_old_name", Note("string text = 2;"),
       Note("string body = 2; optional int32 text = 3;"), kTwoNotes,
       "SELECT string_agg(body, ',' ORDER BY body) || count(text) FROM notes.notes", "a,b0"},
      {"rename_table_and_message",
       Note("string text = 2;", "unique: { number: 2 columns: \"text\" }") +
           Tag(kToNote, kNoteIndex),
       Message("Memo", "number: 1 name: \"memos\" unique: { number: 2 columns: \"text\" }",
               "string text = 2;") +
           Tag("name: \"note\" number: 9 table: \"Memo\" columns: \"note_id\"", kNoteIndex),
       kTwoNotes, "SELECT count(*)::text FROM notes.memos", "2"},
      {"swap_tables",
       Note("string text = 2;") + Message("Memo", "number: 2 name: \"memos\"", "int32 n = 2;"),
       Message("Note", "number: 2 name: \"notes\"", "int32 n = 2;") +
           Message("Memo", "number: 1 name: \"memos\"", "string text = 2;"),
       kTwoNotes, "SELECT string_agg(text, ',' ORDER BY text) FROM notes.memos", "a,b"},
      {"rename_enum",
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }" +
           Note("Kind kind = 2 [(tenantry.v1.column).default_value = \"KIND_A\"]; repeated Kind "
                "more "
                "= 3;"),
       "enum Sort { SORT_UNSPECIFIED = 0; SORT_A = 1; SORT_B = 2; }" +
           Note("Sort kind = 2 [(tenantry.v1.column).default_value = \"SORT_A\"]; repeated Sort "
                "more "
                "= 3;"),
       "INSERT INTO notes.notes (tenant_id, more) VALUES ('$T', '{b}')",
       "SELECT kind::text || more::text FROM notes.notes", "a{b}"},
      {"labels_move",
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; KIND_C = 4; }" +
           Note("Kind kind = 2 [(tenantry.v1.column).default_value = \"KIND_A\"];"),
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_B = 1; KIND_A = 2; KIND_C = 3; KIND_D = 4; }" +
           Note("Kind kind = 2 [(tenantry.v1.column).default_value = \"KIND_B\"];"),
       "INSERT INTO notes.notes (tenant_id, kind) VALUES ('$T', 'a'), ('$T', 'b'), ('$T', 'c')",
       "SELECT string_agg(kind::text, ',' ORDER BY kind) FROM notes.notes", "b,a,d"},
      {"drop_label",
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; KIND_C = 3; }" +
           Note("Kind kind = 2 [(tenantry.v1.column).default_value = \"KIND_A\"]; repeated Kind "
                "more "
                "= 3;",
                "indexes: { columns: \"kind\" where: \"kind <> 'a'\" } policies: { name: \"own\" "
                "using: \"kind <> 'b'\" } checks: { name: \"some\" expression: \"kind >= 'a'\" }"),
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; KIND_D = 4; }" +
           Note("Kind kind = 2 [(tenantry.v1.column).default_value = \"KIND_A\"]; repeated Kind "
                "more "
                "= 3;",
                "indexes: { columns: \"kind\" where: \"kind <> 'a'\" } policies: { name: \"own\" "
                "using: \"kind <> 'b'\" } checks: { name: \"some\" expression: \"kind >= 'a'\" }"),
       "INSERT INTO notes.notes (tenant_id, kind, more) VALUES ('$T', 'b', '{a,b}')",
       "SELECT kind::text || more::text FROM notes.notes", "b{a,b}"},
      {"rename_key_column",
       Keyed("\"code\"", "string code = 2;") +
           Tag("name: \"note\" number: 9 table: \"Note\" columns: \"code\"",
               "indexes: { columns: \"code\" }", "string code = 2;"),
       Keyed("\"word\"", "string word = 2;") +
           Tag("name: \"note\" number: 9 table: \"Note\" columns: \"code\"",
               "indexes: { columns: \"code\" }", "string code = 2;"),
       "INSERT INTO notes.notes (tenant_id, code) VALUES ('$T', 'a'); INSERT INTO notes.tags "
       "(tenant_id, code) VALUES ('$T', 'a')",
       "SELECT word || (SELECT count(*) FROM notes.tags) FROM notes.notes", "a1"},
      {"change_on_delete",
       Note("string text = 2;") +
           Tag(absl::StrCat(kToNote, " on_delete: ON_DELETE_CASCADE"), kNoteIndex),
       Note("string text = 2;") +
           Tag(absl::StrCat(kToNote, " on_delete: ON_DELETE_SET_NULL"), kNoteIndex),
       "INSERT INTO notes.notes (tenant_id, text) VALUES ('$T', 'a'); INSERT INTO notes.tags "
       "(tenant_id, note_id) SELECT tenant_id, id FROM notes.notes",
       "SELECT count(note_id)::text FROM notes.tags", "1"},
      {"new_table_and_relation", Note("string text = 2;"),
       Note("string text = 2; optional string tag_id = 3 [(tenantry.v1.column).type = "
            "COLUMN_TYPE_UUID];",
            "indexes: { columns: \"tag_id\" } relations: { name: \"tag\" number: 8 table: \"Tag\" "
            "columns: \"tag_id\" }") +
           Tag(kToNote, kNoteIndex),
       kTwoNotes, kTexts, "a,b"},
      {"drop_tables_that_refer_to_each_other",
       Note("string text = 2;") + Tag(kToNote, kNoteIndex) +
           Message("Left",
                   "number: 3 name: \"lefts\" indexes: { columns: \"right_id\" } relations: { "
                   "name: \"right\" number: 9 table: \"Right\" columns: \"right_id\" }",
                   "optional string right_id = 2 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];") +
           Message("Right",
                   "number: 4 name: \"rights\" indexes: { columns: \"left_id\" } relations: { "
                   "name: \"left\" number: 9 table: \"Left\" columns: \"left_id\" }",
                   "optional string left_id = 2 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];"),
       Tag("name: \"note\" number: 9 table: \"Tag\" columns: \"note_id\"", kNoteIndex),
       "INSERT INTO notes.tags (tenant_id) VALUES ('$T')", "SELECT count(*)::text FROM notes.tags",
       "1"},
      {"drop_field",
       Note("string text = 2; int32 n = 3;",
            "unique: { number: 2 columns: [\"n\", \"text\"] } policies: { name: \"own\" using: \"n "
            "> "
            "0\" }"),
       Note("string text = 2;"),
       "INSERT INTO notes.notes (tenant_id, text, n) VALUES ('$T', 'a', 1)", kTexts, "a"},
      {"another_number_is_another_field", Note("string text = 2;"),
       Note("optional string text = 3;"), kTwoNotes,
       "SELECT count(text)::text || count(*)::text FROM notes.notes", "02"},
      {"grow_text",
       Note("string text = 2 [(tenantry.v1.column).max_length = 5];",
            "policies: { name: \"own\" using: \"text <> ''\" } unique: { number: 2 columns: "
            "\"text\" "
            "}"),
       Note("string text = 2;",
            "policies: { name: \"own\" using: \"text <> ''\" } unique: { number: 2 columns: "
            "\"text\" "
            "}"),
       kTwoNotes, kTexts, "a,b"},
      {"shrink_text", Note("string text = 2;"),
       Note("string text = 2 [(tenantry.v1.column).max_length = 5];"), kTwoNotes, kTexts, "a,b"},
      {"change_types",
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 7; }" +
           Note("int32 n = 2 [(tenantry.v1.column).minimum = 0]; string word = 3; Kind kind = 4; "
                "int32 "
                "code = 5; optional string one = 6; bool yes = 7; string day = 8 "
                "[(tenantry.v1.column).type = COLUMN_TYPE_DATE]; Kind text = 9;"),
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 7; }" +
           Note("int64 n = 2 [(tenantry.v1.column).minimum = 0]; int32 word = 3; int32 kind = 4; "
                "Kind "
                "code = 5; repeated string one = 6; int32 yes = 7; google.protobuf.Timestamp day = "
                "8 "
                "[(tenantry.v1.column).not_null = true]; string text = 9;"),
       "INSERT INTO notes.notes (tenant_id, n, word, kind, code, one, yes, day, text) VALUES "
       "('$T', "
       "5, '12', 'b', 7, 'x', true, '2026-01-02', 'a')",
       "SELECT concat_ws(' ', n, word, kind, code, one, yes, day AT TIME ZONE 'UTC', text) FROM "
       "notes.notes",
       "5 12 7 b {x} 1 2026-01-02 00:00:00 a"},
      {"change_type_of_a_reference",
       Keyed("\"code\"", "int32 code = 2;") +
           Tag("name: \"note\" number: 9 table: \"Note\" columns: \"code\"",
               "indexes: { columns: \"code\" }", "int32 code = 2;"),
       Keyed("\"code\"", "string code = 2;") +
           Tag("name: \"note\" number: 9 table: \"Note\" columns: \"code\"",
               "indexes: { columns: \"code\" }", "string code = 2;"),
       "INSERT INTO notes.notes (tenant_id, code) VALUES ('$T', 7); INSERT INTO notes.tags "
       "(tenant_id, code) VALUES ('$T', 7)",
       "SELECT notes.code || tags.code FROM notes.notes JOIN notes.tags USING (code)", "77"},
      {"not_null_with_a_default", Note("optional string text = 2;"),
       Note(
           "optional string text = 2 [(tenantry.v1.column) = { not_null: true default_value: \"x\" "
           "}];"),
       "INSERT INTO notes.notes (tenant_id, text) VALUES ('$T', 'a'), ('$T', NULL)", kTexts, "a,x"},
      {"not_null_without_a_default", Note("optional string text = 2;"), Note("string text = 2;"),
       kTwoNotes, kTexts, "a,b"},
      {"allow_null", Note("string text = 2;"), Note("optional string text = 2;"), kTwoNotes, kTexts,
       "a,b"},
      {"new_field_with_a_default", Note("string text = 2;"),
       Note("string text = 2; optional int32 n = 3 [(tenantry.v1.column) = { not_null: true "
            "default_value: \"7\" }]; google.protobuf.Timestamp at = 4 "
            "[(tenantry.v1.column).managed "
            "= "
            "MANAGED_CREATE_TIME];"),
       kTwoNotes, "SELECT sum(n)::text || count(at)::text FROM notes.notes", "142"},
      {"change_default",
       Note("int32 n = 2; optional string text = 3 [(tenantry.v1.column) = { "
            "not_null: true default_value: \"x\" }];"),
       Note("int32 n = 2; optional string text = 3 [(tenantry.v1.column) = { not_null: true "
            "default_value: \"y\" }];"),
       "INSERT INTO notes.notes (tenant_id, n) VALUES ('$T', 1)", kTexts, "x"},
      {"change_primary_key",
       Keyed("\"code\"", "string code = 2; string part = 3;") +
           Tag("name: \"note\" number: 9 table: \"Note\" columns: \"code\"",
               "indexes: { columns: \"code\" }", "string code = 2; string part = 3;"),
       Keyed("[\"code\", \"part\"]", "string code = 2; string part = 3;") +
           Tag("name: \"note\" number: 9 table: \"Note\" columns: \"code\" columns: \"part\"",
               "indexes: { columns: [\"code\", \"part\"] }", "string code = 2; string part = 3;"),
       "INSERT INTO notes.notes (tenant_id, code, part) VALUES ('$T', 'a', 'b'); INSERT INTO "
       "notes.tags (tenant_id, code, part) VALUES ('$T', 'a', 'b')",
       "SELECT count(*)::text FROM notes.notes JOIN notes.tags USING (code, part)", "1"},
      {"change_keys",
       Note("string text = 2; int32 n = 3;",
            "unique: { number: 2 columns: \"text\" name: \"k\" } indexes: { columns: \"n\" name: "
            "\"i\" } indexes: { columns: [\"n\", \"text\"] }"),
       Note(
           "string text = 2; int32 n = 3;",
           "unique: { number: 2 columns: [\"text\", \"n\"] name: \"k\" } indexes: { columns: \"n\" "
           "where: \"n > 0\" name: \"i\" }"),
       "INSERT INTO notes.notes (tenant_id, text, n) VALUES ('$T', 'a', 1), ('$T', 'b', 2)", kTexts,
       "a,b"},
      {"a_key_that_is_referred_to_is_turned_round",
       Note("string a = 2; string b = 3;",
            "unique: { number: 2 columns: [\"a\", \"b\"] name: \"k\" }") +
           Tag("name: \"note\" number: 9 table: \"Note\" columns: [\"a\", \"b\"] references: "
               "[\"a\", "
               "\"b\"]",
               "indexes: { columns: [\"a\", \"b\"] }", "string a = 2; string b = 3;"),
       Note("string a = 2; string b = 3;",
            "unique: { number: 2 columns: [\"b\", \"a\"] name: \"k\" }") +
           Tag("name: \"note\" number: 9 table: \"Note\" columns: [\"b\", \"a\"] references: "
               "[\"b\", "
               "\"a\"]",
               "indexes: { columns: [\"b\", \"a\"] }", "string a = 2; string b = 3;"),
       "INSERT INTO notes.notes (tenant_id, a, b) VALUES ('$T', 'a', 'b'); INSERT INTO notes.tags "
       "(tenant_id, a, b) VALUES ('$T', 'a', 'b')",
       "SELECT count(*)::text FROM notes.notes JOIN notes.tags USING (a, b)", "1"},
      {"change_checks",
       Note("int32 n = 2 [(tenantry.v1.column).minimum = 0];",
            "checks: { name: \"odd\" expression: \"n % 2 = 1\" } checks: { name: \"gone\" "
            "expression: "
            "\"n < 99\" }"),
       Note("int32 n = 2 [(tenantry.v1.column).maximum = 50];",
            "checks: { name: \"odd\" expression: \"n % 3 = 1\" }"),
       "INSERT INTO notes.notes (tenant_id, n) VALUES ('$T', 7)", "SELECT n::text FROM notes.notes",
       "7"},
      {"change_rules",
       Note(
           "string code = 2 [(tenantry.v1.column).pattern = \"[a-z]+\"]; int32 low = 3; int32 high "
           "= 4; optional string kind = 5 [(tenantry.v1.column) = { in: [\"x\", \"y\"] }];",
           "rules: { name: \"ordered\" compare: { column: \"low\" operator: OPERATOR_LTE other: "
           "\"high\" } } rules: { name: \"gone\" compare: { column: \"low\" operator: OPERATOR_NE "
           "value: \"7\" } }"),
       Note(
           "string code = 2 [(tenantry.v1.column).pattern = \"[a-z0-9]+\"]; int32 least = 3; int32 "
           "high = 4 [(tenantry.v1.column).lt = \"9\"]; optional string kind = 5; repeated string "
           "mails = 6 [(tenantry.v1.column) = { format: FORMAT_EMAIL max_items: 3 }];",
           "rules: { name: \"ordered\" compare: { column: \"least\" operator: OPERATOR_LTE other: "
           "\"high\" } } rules: { name: \"kinds\" set: { columns: \"kind\" } when: { column: "
           "\"code\" operator: OPERATOR_EQ value: \"c\" } }"),
       "INSERT INTO notes.notes (tenant_id, code, low, high) VALUES ('$T', 'a', 1, 2), ('$T', 'b', "
       "2, 2)",
       "SELECT string_agg(code, ',' ORDER BY code) FROM notes.notes", "a,b"},
      {"change_policies",
       Note("string text = 2;",
            "policies: { name: \"own\" using: \"text = 'a'\" } policies: { name: \"gone\" roles: "
            "\"support\" using: \"true\" }"),
       Note("string text = 2;",
            "policies: { name: \"own\" using: \"text = 'b'\" } policies: { name: \"reads\" roles: "
            "\"support\" commands: POLICY_COMMAND_SELECT using: \"text <> ''\" }"),
       kTwoNotes, kTexts, "a,b"},
      {"soft_delete", Note("string text = 2;", "unique: { number: 2 columns: \"text\" }"),
       Note(
           "string text = 2; google.protobuf.Timestamp gone_at = 3 [(tenantry.v1.column).managed = "
           "MANAGED_DELETE_TIME];",
           "unique: { number: 2 columns: \"text\" }"),
       kTwoNotes, kTexts, "a,b"},
      {"rename_tenant_column",
       Note("string text = 2;", "unique: { number: 2 columns: \"text\" }") +
           Tag(kToNote, kNoteIndex),
       "option (tenantry.v1.database) = { tenant_column: \"org_id\" };" +
           Note("string text = 2;", "unique: { number: 2 columns: \"text\" }") +
           Tag(kToNote, kNoteIndex),
       kTwoNotes, kTexts, "a,b"},
      {"new_label",
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }" +
           Note("Kind kind = 2; repeated Kind more = 3;"),
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; KIND_C = 3; }" +
           Note("Kind kind = 2; repeated Kind more = 3;"),
       "INSERT INTO notes.notes (tenant_id, kind, more) VALUES ('$T', 'b', '{a,b}')",
       "SELECT kind::text || more::text FROM notes.notes", "b{a,b}"},
      {"new_unique_key", Note("string text = 2;"),
       Note("string text = 2;", "unique: { number: 2 columns: \"text\" }"), kTwoNotes, kTexts,
       "a,b"},
      {"looser_rules",
       Note("int32 n = 2 [(tenantry.v1.column) = { minimum: 0 maximum: 50 }]; string text = 3 "
            "[(tenantry.v1.column).min_length = 2];",
            "unique: { number: 2 columns: \"n\" }"),
       Note(
           "int32 n = 2 [(tenantry.v1.column) = { minimum: -5 maximum: 60 }]; string text = 3 "
           "[(tenantry.v1.column).min_length = 1];",
           "unique: { number: 2 columns: \"n\" } unique: { number: 3 columns: [\"n\", \"text\"] }"),
       "INSERT INTO notes.notes (tenant_id, n, text) VALUES ('$T', 7, 'aa')", kTexts, "aa"},
      {"add_search", Note("string text = 2; optional string more = 3;"),
       Note("string text = 2; optional string more = 3;",
            "search: { columns: { column: \"text\" weight: SEARCH_WEIGHT_A } columns: { column: "
            "\"more\" } }"),
       kTwoNotes, "SELECT string_agg(text, ',') FROM notes.notes WHERE search_vector @@ 'b'", "b"},
      {"change_search",
       Note("string text = 2; optional string more = 3;",
            "search: { columns: { column: \"text\" weight: SEARCH_WEIGHT_A } }"),
       Note("string text = 2; optional string more = 3;",
            "search: { configuration: \"english\" columns: { column: \"text\" weight: "
            "SEARCH_WEIGHT_B } columns: { column: \"more\" } }"),
       "INSERT INTO notes.notes (tenant_id, text, more) VALUES ('$T', 'runs', 'walks')",
       "SELECT search_vector::text FROM notes.notes", "'run':1B 'walk':2"},
      {"drop_search",
       Note("string text = 2; string more = 3;",
            "search: { columns: { column: \"text\" } columns: { column: \"more\" } }"),
       Note("string text = 2;"),
       "INSERT INTO notes.notes (tenant_id, text, more) VALUES ('$T', 'a', 'x'), ('$T', 'b', 'x')",
       kTexts, "a,b"},
      {"rename_what_is_searched",
       Note("string text = 2; string more = 3;",
            "search: { columns: { column: \"text\" } columns: { column: \"more\" } }"),
       Note("string more = 2; string text = 3;",
            "search: { name: \"words\" columns: { column: \"more\" } columns: { column: \"text\" } "
            "}"),
       "INSERT INTO notes.notes (tenant_id, text, more) VALUES ('$T', 'a', 'x')",
       "SELECT words::text || more FROM notes.notes", "'a':1 'x':2a"},
      {"retype_what_is_searched",
       Note("string text = 2 [(tenantry.v1.column).max_length = 5]; string more = 3;",
            "search: { columns: { column: \"text\" } columns: { column: \"more\" } }"),
       Note("string text = 2 [(tenantry.v1.column).max_length = 9]; string more = 3;",
            "search: { columns: { column: \"text\" } columns: { column: \"more\" } }"),
       "INSERT INTO notes.notes (tenant_id, text, more) VALUES ('$T', 'a', 'x')",
       "SELECT search_vector::text FROM notes.notes", "'a':1 'x':2"},
      {"drop_what_is_searched",
       Note("string text = 2; string more = 3;",
            "search: { columns: { column: \"text\" } columns: { column: \"more\" } }"),
       Note("string text = 2;", "search: { columns: { column: \"text\" } }"),
       "INSERT INTO notes.notes (tenant_id, text, more) VALUES ('$T', 'a', 'x')",
       "SELECT search_vector::text FROM notes.notes", "'a':1"},
      {"search_another_field_of_the_name",
       Note("string text = 2;", "search: { columns: { column: \"text\" } }"),
       Note("optional string text = 3;", "search: { columns: { column: \"text\" } }"), kTwoNotes,
       "SELECT string_agg(search_vector::text, ',') FROM notes.notes", ","},
      {"add_generated", Note("string text = 2;"),
       Note(
           "int32 size = 3 [(tenantry.v1.column).generated = \"length(text) + n\"]; optional "
           "int32 twice = 4 [(tenantry.v1.column).generated = \"length(text) * 2\"]; string text = "
           "2; optional int32 n = 5 [(tenantry.v1.column) = { default_value: \"5\" not_null: true "
           "}];",
           "indexes: { columns: \"size\" } checks: { name: \"notes_size\" expression: \"size < "
           "99\" }"),
       kTwoNotes, "SELECT sum(size)::text || sum(twice)::text FROM notes.notes", "124"},
      {"change_generated",
       Note("string text = 2; int32 size = 3 [(tenantry.v1.column).generated = \"length(text)\"];",
            "indexes: { columns: \"size\" } checks: { name: \"notes_size\" expression: \"size < "
            "99\" } policies: { name: \"own\" using: \"size > 0\" }"),
       Note("string text = 2; int64 size = 3 [(tenantry.v1.column).generated = \"length(text) * "
            "7\"];",
            "indexes: { columns: \"size\" } checks: { name: \"notes_size\" expression: \"size < "
            "99\" } policies: { name: \"own\" using: \"size > 0\" }"),
       kTwoNotes, "SELECT sum(size)::text FROM notes.notes", "14"},
      {"retype_what_is_generated_from",
       Note("int32 n = 2; int64 twice = 3 [(tenantry.v1.column).generated = \"n::bigint * 2\"];"),
       Note("int64 n = 2; int64 twice = 3 [(tenantry.v1.column).generated = \"n::bigint * 2\"];"),
       "INSERT INTO notes.notes (tenant_id, n) VALUES ('$T', 4)",
       "SELECT n::text || twice FROM notes.notes", "48"},
      {"generate_what_was_given", Note("string text = 2; int32 size = 3;"),
       Note("string text = 2; int32 size = 3 [(tenantry.v1.column).generated = \"length(text)\"];"),
       "INSERT INTO notes.notes (tenant_id, text, size) VALUES ('$T', 'abc', 9)",
       "SELECT size::text FROM notes.notes", "3"},
      {"give_what_was_generated",
       Note("string text = 2; int32 size = 3 [(tenantry.v1.column).generated = \"length(text)\"];"),
       Note("string text = 2; int32 size = 3;"),
       "INSERT INTO notes.notes (tenant_id, text) VALUES ('$T', 'abc')",
       "SELECT size::text FROM notes.notes", "3"},
      {"drop_generated",
       Note("string text = 2; string more = 3; int32 size = 4 [(tenantry.v1.column).generated = "
            "\"length(more)\"];"),
       Note("string text = 2;"),
       "INSERT INTO notes.notes (tenant_id, text, more) VALUES ('$T', 'a', 'x'), ('$T', 'b', 'x')",
       kTexts, "a,b"},
      {"rename_generated",
       Note("string text = 2; int32 size = 4 [(tenantry.v1.column).generated = \"length(text)\"];"),
       Note("string body = 2; int32 length = 4 [(tenantry.v1.column).generated = "
            "\"length(body)\"];"),
       kTwoNotes, "SELECT sum(length)::text FROM notes.notes", "2"},
      {"move_to_another_namespace",
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }" +
           Note("string text = 2; optional Kind kind = 3;",
                "unique: { number: 2 columns: \"text\" }") +
           Tag(kToNote, kNoteIndex),
       "option (tenantry.v1.database) = { schema: \"papers\" };"
       "enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }" +
           Note("string text = 2; optional Kind kind = 3;",
                "unique: { number: 2 columns: \"text\" }") +
           Tag(kToNote, kNoteIndex),
       kTwoNotes, "SELECT string_agg(text, ',' ORDER BY text) FROM papers.notes", "a,b"},
  };
}

std::vector<Case> AllCases() {
  std::vector<Case> cases = TableCases();
  for (Case& test : ViewCases()) cases.push_back(std::move(test));
  return cases;
}

std::vector<Case> MakeOnlineCases() {
  std::vector<Case> cases;
  for (const Case& test : Cases()) {
    const std::string name = test.name;
    if (name == "drop_label" || name == "shrink_text" || name == "change_types" ||
        name == "change_type_of_a_reference") {
      cases.push_back(test);
    }
  }
  cases.push_back(
      {"all_that_is_built_on_a_column",
       Note("int32 n = 2 [(tenantry.v1.column).minimum = 0]; string text = 3; int32 gone = 4;",
            "unique: { number: 2 columns: [\"n\", \"text\"] } indexes: { columns: \"n\" where: "
            "\"n > 0\" } indexes: { columns: \"gone\" } checks: { name: \"small\" expression: \"n "
            "< 99\" } policies: { name: \"own\" using: \"n <> 3\" }"),
       Note("int64 n = 2 [(tenantry.v1.column).minimum = 0]; string text = 3; optional string "
            "gone "
            "= 4;",
            "unique: { number: 2 columns: [\"n\", \"text\"] } indexes: { columns: \"n\" where: "
            "\"n > 0\" } checks: { name: \"small\" expression: \"n < 99\" } policies: { name: "
            "\"own\" using: \"n <> 3\" }"),
       "INSERT INTO notes.notes (tenant_id, n, text, gone) VALUES ('$T', 1, 'a', 7), ('$T', 2, "
       "'b', 8)",
       "SELECT string_agg(n || text || gone, ',' ORDER BY n) FROM notes.notes", "1a7,2b8"});
  cases.push_back(
      {"a_key_is_replaced_with_the_type",
       Note("int32 n = 2; string text = 3;", "unique: { number: 2 columns: \"n\" name: \"k\" }"),
       Note("int64 n = 2; string text = 3; optional string more = 4;",
            "unique: { number: 2 columns: [\"n\", \"text\"] name: \"k\" }"),
       "INSERT INTO notes.notes (tenant_id, n, text) VALUES ('$T', 1, 'a')", kTexts, "a"});
  cases.push_back({"rename_and_type", Note("int32 n = 2;", "unique: { number: 2 columns: \"n\" }"),
                   Note("int64 size = 2;", "unique: { number: 2 columns: \"size\" }"),
                   "INSERT INTO notes.notes (tenant_id, n) VALUES ('$T', 4)",
                   "SELECT size::text FROM notes.notes", "4"});
  return cases;
}

}  // namespace

const std::vector<Case>& Cases() {
  static const std::vector<Case>& cases = *new std::vector<Case>(AllCases());
  return cases;
}

const std::vector<Case>& OnlineCases() {
  static const std::vector<Case>& cases = *new std::vector<Case>(MakeOnlineCases());
  return cases;
}

const Case& CaseNamed(const std::string& name) {
  for (const std::vector<Case>* cases : {&Cases(), &OnlineCases()}) {
    for (const Case& test : *cases) {
      if (name == test.name) return test;
    }
  }
  std::abort();
}

}  // namespace tenantry::migrate
