// Tables and columns with every name that derivation, protobuf, SQL, C++ or the client use
// themselves.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/unit/schema/sources.h"

namespace tenantry::testing {

inline std::vector<std::string> Words(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
}

// Words of derivation, of protobuf, of SQL, of C++ and of the command line; odd plurals.
inline const std::vector<std::string>& TableNames() {
  static const std::vector<std::string> names = Words(R"(
      Filter Key Order OrderBy Method Type UpdateMask ConflictKey PageToken PageSize
      NextPageToken PreviousPageToken ShowDeleted Skip Total TotalSize Nulls Request Requests Response Service List Get Create Update Delete
      Upsert BatchGet BatchCreate ListItems GetItemRequest Direction Field Row Data Mask
      Message Enum Package Import Option Syntax Oneof Map Reserved Rpc Stream Any Empty
      Timestamp Struct Value FieldMask Descriptor Arena
      Select Insert Where From Table User Group Index Check Constraint Default Primary Unique
      References Column Schema Role Policy Excluded Position Page T K U Tenant TenantId Limit
      Offset
      Class Namespace Operator New Template Int Public Void Union
      Help Methods Describe Config Call Session Health Completion
      Series News Person HTTPServer X2Y Line1)");
  return names;
}

inline const std::vector<std::string>& ColumnNames() {
  static const std::vector<std::string> names = Words(R"(
      filter key order order_by method type update_mask conflict_key page_token
      page_size next_page_token previous_page_token show_deleted skip total total_size nulls request requests response service item items ids
      group_by measures having groups has_more values function name unit time_zone g m0
      id_s field direction eq paths unspecified primary data set mask clear where all output
      tenant server columns help version
      message enum package import option syntax oneof map reserved rpc bool string bytes int32
      double float google tenantry true inf descriptor line1 line_1 a__b _x x_ full_name
      select insert from table user current_user group index check constraint default unique
      references column schema role excluded position page t k u k0 c0 limit offset null and
      array desc having with window oid ctid xmin tableoid tenant_id
      class namespace operator new delete template typename int this union private)");
  return names;
}

// A file with one table.
struct NamedSource {
  std::string message;  // name of the table's message
  std::string column;   // the column beside `id`, or the key where there is none
  bool has_id;
  std::string text;  // all but the head of the file
};

inline std::string HeadOf(const std::string& package) {
  return absl::StrCat("syntax = \"proto3\";\npackage ", package,
                      ";\nimport \"tenantry/v1/options.proto\";\n");
}

inline NamedSource TableNamed(const std::string& name) {
  return {name, "label", true,
          absl::StrCat("message ", name,
                       " {\n  option (tenantry.v1.table) = {unique: {number: 2 columns: "
                       "\"label\"}};\n  string id = 1 [(tenantry.v1.column) = {type: "
                       "COLUMN_TYPE_UUID managed: MANAGED_ID}];\n  string label = 2;\n}\n")};
}

inline NamedSource ColumnNamed(const std::string& name) {
  return {"Item", name, true,
          absl::StrCat("message Item {\n  option (tenantry.v1.table) = {unique: {number: 2 "
                       "columns: \"",
                       name,
                       "\"}};\n  string id = 1 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID "
                       "managed: MANAGED_ID}];\n  string ",
                       name, " = 2;\n}\n")};
}

inline NamedSource KeyNamed(const std::string& name) {
  return {"Item", name, false,
          absl::StrCat("message Item {\n  option (tenantry.v1.table) = {primary_key: \"", name,
                       "\"};\n  string ", name, " = 1;\n  string zz_note = 2;\n}\n")};
}

inline std::vector<NamedSource> NamedSources() {
  std::vector<NamedSource> sources;
  for (const std::string& name : TableNames()) sources.push_back(TableNamed(name));
  for (const std::string& name : ColumnNames()) sources.push_back(ColumnNamed(name));
  for (const std::string& name : ColumnNames()) sources.push_back(KeyNamed(name));
  return sources;
}

// What the schema says of a source on its own; empty when it loads.
inline std::vector<std::string> ErrorsOf(const NamedSource& source) {
  return LintLines({{"t.proto", HeadOf("t") + source.text}});
}

}  // namespace tenantry::testing
