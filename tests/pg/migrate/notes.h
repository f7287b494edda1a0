// Small schemas of package `notes`: a table of notes, and one of tags that refers to it.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace tenantry::migrate {

inline constexpr char kId[] =
    "string id = 1 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID managed: MANAGED_ID }]; ";

inline std::string Message(const std::string& name, const std::string& options,
                           const std::string& fields) {
  return absl::StrCat("message ", name, " { option (tenantry.v1.table) = { ", options, " }; ", kId,
                      fields, " }\n");
}

inline std::string Note(const std::string& fields, const std::string& options = "") {
  return Message("Note", "number: 1 name: \"notes\" " + options, fields);
}

// Without an id of its own.
inline std::string Keyed(const std::string& primary_key, const std::string& fields) {
  return absl::StrCat("message Note { option (tenantry.v1.table) = { number: 1 name: \"notes\" ",
                      "primary_key: ", primary_key, " }; ", fields, " }\n");
}

inline constexpr char kReference[] =
    "optional string note_id = 2 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];";

inline std::string Tag(const std::string& relation, const std::string& options = "",
                       const std::string& fields = kReference) {
  return Message("Tag", "number: 2 name: \"tags\" relations: { " + relation + " } " + options,
                 fields);
}

// A view of notes, by their ids.
inline std::string View(const std::string& name, const std::string& options,
                        const std::string& query, const std::string& fields) {
  return absl::StrCat("message ", name, " { option (tenantry.v1.table) = { ", options, " view: \"",
                      query, "\" }; string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID]; ",
                      fields, " }\n");
}

inline constexpr char kToNote[] = "name: \"note\" number: 9 table: \"Note\" columns: \"note_id\"";
inline constexpr char kNoteIndex[] = "indexes: { columns: \"note_id\" }";
inline constexpr char kTwoNotes[] =
    "INSERT INTO notes.notes (tenant_id, text) VALUES ('$T', 'a'), ('$T', 'b')";
inline constexpr char kTexts[] = "SELECT string_agg(text, ',' ORDER BY text) FROM notes.notes";

}  // namespace tenantry::migrate
