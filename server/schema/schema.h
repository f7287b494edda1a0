// The Schema holds what annotated descriptors say. It is checked once and does not change
// afterwards.
//
// Everything else (SQL, migrations, the API, plans, isolation tests) is derived from it and reads
// no option of a descriptor again. Pointers between its parts are valid for as long as the Schema
// exists.
//
// There are two sets of descriptors. Those of the schema's own files are private to the server.
// Those of the API, which is derived, are the types of requests and replies. Each part has both:
// the schema's tells what was declared and where, the API's gives access to messages.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "server/schema/row_rules.h"
#include "server/schema/rules.h"
#include "server/schema/types.h"
#include "tenantry/v1/options.pb.h"

namespace tenantry::schema {

struct EnumType {
  struct Value {
    std::int32_t number;
    std::string label;  // in the database
    std::string name;   // in the proto
  };
  const google::protobuf::EnumDescriptor* descriptor = nullptr;
  const google::protobuf::EnumDescriptor* api = nullptr;  // null when only hidden columns use it
  std::string schema;                                     // Postgres namespace
  std::string name;                                       // type name, unquoted
  std::string sql_name;                                   // quoted and qualified
  std::vector<Value> values;  // in order of declaration, without the zero value

  const Value* FindNumber(std::int32_t number) const;
  const Value* FindLabel(std::string_view label) const;
};

struct Column {
  const google::protobuf::FieldDescriptor* field = nullptr;
  const google::protobuf::FieldDescriptor* api = nullptr;  // in the resource; null when hidden
  int index = 0;                                           // position in Table::columns
  std::string name;                                        // in the database, unquoted
  std::string sql_name;                                    // quoted
  Type type = Type::kText;
  std::string sql_type;  // element type as in DDL and casts: `varchar(255)`, `uuid`,
                         // `"saas"."contact_type"`
  bool array = false;    // repeated scalar
  const EnumType* enum_type = nullptr;
  bool not_null = false;
  std::string default_sql;    // SQL expression, empty when there is none:
                              // `'individual'::"saas"."contact_type"`, `now()`
  std::string generated_sql;  // SQL expression that the database computes it by; empty: it does not
  v1::Managed managed = v1::MANAGED_UNSPECIFIED;
  bool immutable = false;    // only Create sets it: key columns and those with `immutable`
  bool output_only = false;  // requests do not set it: managed times and what is generated
  v1::Visibility visibility = v1::VISIBILITY_UNSPECIFIED;
  bool required_on_create = false;
  bool filterable = false;      // requests may filter on it whatever index there is
  std::int32_t length_min = 0;  // characters
  std::int32_t length_max = 0;  // characters; 0 = only the message size limits it
  std::int32_t precision = 0;
  std::int32_t scale = 0;
  std::optional<std::int64_t> minimum;
  std::optional<std::int64_t> maximum;
  std::vector<Rule> rules;  // its values keep them; of an array, the elements do
  // False of an etag, which the database has with every row, and of what a function computes. Such
  // a column is read, and is in no key, index, relation or assignment, and no table has it.
  bool stored = true;
  // The function that makes the value of a row: quoted and qualified, and its body, which is empty
  // when the source has no functions.
  std::string function, function_body;

  int number() const { return field->number(); }
  bool is_computed() const { return !function.empty(); }
  bool is_etag() const { return !stored && !is_computed(); }
  bool is_hidden() const { return visibility == v1::VISIBILITY_HIDDEN; }
  // Whether replies, filters and orders may have it.
  bool is_readable() const { return visibility == v1::VISIBILITY_UNSPECIFIED; }
  // Whether requests may set it.
  bool is_settable() const { return !output_only && !is_hidden(); }
  // False when the proto cannot tell an absent value from zero, as with a number or bool that is
  // not `optional`.
  bool absence_is_visible = true;
};

struct UniqueKey {
  int number = 0;  // constant in the derived <Message>Key enum
  std::string name;
  std::vector<const Column*> columns;  // without the tenant column
};

struct Index {
  std::string name;
  std::vector<const Column*> columns;  // without the tenant column
  std::string where;
  v1::IndexMethod method = v1::INDEX_METHOD_BTREE;
};

struct Table;

struct Relation {
  std::string name;
  int number = 0;                                          // of the field in the resource
  const google::protobuf::FieldDescriptor* api = nullptr;  // that field
  bool many = false;
  const Table* target = nullptr;
  std::vector<const Column*> columns;     // here
  std::vector<const Column*> references;  // there
  v1::OnDelete on_delete = v1::ON_DELETE_UNSPECIFIED;
  bool output_only = false;  // no write takes rows of it (nested.h says which others take none)
  std::string constraint;    // name of the foreign key, to-one between tables only

  bool is_foreign_key() const { return !constraint.empty(); }
};

struct Policy {
  std::string name;
  std::vector<std::string> roles;
  std::vector<v1::PolicyCommand> commands;  // empty = all
  std::string using_sql;
  std::string with_check_sql;
};

struct Check {
  std::string name;
  std::string expression;
};

// What makes the words of a table's rows searchable: one more column, which is in no list of
// columns and which the database computes. Nothing but the condition and the rank of a search reads
// it.
struct Search {
  struct Part {
    const Column* column = nullptr;
    v1::SearchWeight weight = v1::SEARCH_WEIGHT_D;
  };
  std::vector<Part> parts;
  std::string name;           // of the column in the database, unquoted
  std::string sql_name;       // quoted
  std::string configuration;  // SQL expression: `'pg_catalog.english'::regconfig`
  std::string expression;     // SQL expression over the table's columns: the tsvector
};

struct Table {
  const google::protobuf::Descriptor* message = nullptr;
  const google::protobuf::Descriptor* resource = nullptr;  // its message in the API
  int number = 0;                 // identifies the table when it is renamed; 0: it has none
  std::string schema;             // Postgres namespace, unquoted
  std::string name;               // unquoted
  std::string sql_name;           // quoted and qualified: `"saas"."contacts"`
  std::string plural;             // `Contacts`
  std::string field_name;         // `contact`, the resource's field in requests
  std::string plural_field_name;  // `contacts`, in list responses
  std::string view_sql;           // the query that a view's rows come from; empty: it is no view
  bool tenant_root = false;
  std::string tenant_column;    // unquoted; the root's is its primary key column
  std::string tenant_sql_name;  // quoted
  std::deque<Column> columns;   // in order of declaration, without an implicit tenant column
  std::vector<const Column*> primary_key;  // without an implicit tenant column
  std::vector<UniqueKey> unique_keys;
  std::vector<Index> indexes;
  std::vector<Relation> relations;
  std::vector<Policy> policies;
  std::vector<Check> checks;
  std::optional<Search> search;
  std::vector<RowRule> rules;           // over several columns
  std::vector<v1::MethodKind> methods;  // derived ones, in MethodKind order
  const Column* create_time = nullptr;
  const Column* update_time = nullptr;
  const Column* delete_time = nullptr;  // set = soft delete
  const Column* etag = nullptr;         // tells versions of a row apart

  bool is_view() const { return !view_sql.empty(); }
  const Column* FindColumn(std::string_view field_name) const;
  const Column* FindColumnByNumber(int number) const;
  const Relation* FindRelationByNumber(int number) const;
  // The columns that replies may have, in order of declaration.
  std::vector<const Column*> readable() const;
  // Those of them that filters may have: all but an etag.
  std::vector<const Column*> comparable() const;
  // Whether an index begins with the column, behind the tenant, so that few rows are read for a
  // value of it. GIN indexes do not count: the operators that they are for are not leakproof, and
  // PostgreSQL uses them for nothing where row-level security holds.
  bool HasIndexOn(const Column& column) const;
  // Those of the comparable whose values can be compared with each other: no lists and no JSON.
  std::vector<const Column*> orderable() const;
};

// A function of the database, which a method is bound to (options.proto, "Functions").
struct Function {
  // A repeated message of the request. Its entries are rows of no table: their columns are the
  // fields of the message.
  struct List {
    const google::protobuf::FieldDescriptor* field = nullptr;
    const google::protobuf::FieldDescriptor* api = nullptr;
    Table entry;
  };
  struct Argument {
    std::string name;      // unquoted
    std::string sql_type;  // `uuid`, `text[]`
    const Column* column = nullptr;
    // It is an array of what `column` is in each entry. Null: the column is the request's.
    const List* list = nullptr;
  };

  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string schema;    // Postgres namespace, unquoted
  std::string name;      // unquoted
  std::string sql_name;  // quoted and qualified
  bool read_only = false;
  bool security_definer = false;
  std::vector<std::string> roles;  // that may call it; empty = all
  // The request and a row of the reply, as rows of no table.
  Table request, row;
  std::deque<List> lists;
  std::vector<Argument> arguments;  // those of the request, by number
  const Table* result = nullptr;    // what it returns rows of: a table, or `row`; null: nothing
  bool many = false;                // any number of rows, in field 1 of the reply
  std::string body;                 // empty when the source has no functions
};

// The argument that is the caller's tenant, before all others: `p_tenant_id`.
std::string TenantArgument(const Function& function);

// A derived method of the API.
struct Method {
  v1::MethodKind kind = v1::METHOD_KIND_UNSPECIFIED;
  // Of a function, what its rows are of; it may be no table of the schema.
  const Table* table = nullptr;
  const Function* function = nullptr;  // of METHOD_KIND_FUNCTION
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string path;  // `/saas.v1.ContactService/GetContact`
  bool read_only = false;
};

// One thing that is wrong with the annotations. Line and column count from 1. They are 0 when they
// are unknown, as in a descriptor set without source info.
struct LintError {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message_name;  // full name of the message or enum
  std::string field;         // field name, may be empty
  std::string description;

  std::string ToString() const;  // file:line:column: message.field: description
};

// Where a schema comes from.
struct Source {
  // A directory of .proto files, which is searched with its folders, or a serialized
  // FileDescriptorSet.
  std::string path;
  // A directory with the bodies of functions, which migrations are made of. Empty: they are not
  // read, as by a server, which only calls them.
  std::string functions{};
  // Whether the API has its comments, and the text of its files is made (Schema::generated_files),
  // and the tables' descriptors have the places of what they describe. Who only serves the API does
  // without: for 500 tables that is 45 MB.
  bool api_text = true;
};

class Schema {
 public:
  // Reads and checks the schema, and derives the API. After a failure the message of the status has
  // a line for each error, and `errors`, if it is given, has the same as data. Generated files in
  // the directory are not read: the API is always derived anew, in memory.
  static absl::StatusOr<std::unique_ptr<const Schema>> Load(
      const Source& source, std::vector<LintError>* errors = nullptr);

  const std::deque<Table>& tables() const { return tables_; }
  const std::deque<EnumType>& enums() const { return enums_; }
  const std::deque<Function>& functions() const { return functions_; }
  const std::deque<Method>& methods() const { return methods_; }
  const Table* FindTable(std::string_view message_full_name) const;
  // The full names of the derived services.
  std::vector<std::string> service_names() const;
  // The API and what it imports, for requests, replies and reflection.
  const google::protobuf::DescriptorPool& api() const { return *api_; }
  const std::string& api_package() const { return api_package_; }
  // The name and the text of each file of the API, as `tenantryd generate` writes them. Empty when
  // the source asked for none.
  const std::vector<std::pair<std::string, std::string>>& generated_files() const {
    return generated_files_;
  }

 private:
  friend class SchemaBuilder;
  Schema() = default;

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;  // of the schema's own files
  std::unique_ptr<google::protobuf::DescriptorPool> api_;
  std::string api_package_;
  std::deque<EnumType> enums_;
  std::deque<Table> tables_;
  std::deque<Function> functions_;
  std::deque<Method> methods_;
  absl::flat_hash_map<std::string, const Table*> by_message_;
  std::vector<std::pair<std::string, std::string>> generated_files_;
};

}  // namespace tenantry::schema
