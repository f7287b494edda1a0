#include "tests/support/test_database.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <pqxx/pqxx>

#include "server/migrate/apply.h"
#include "server/migrate/generate.h"
#include "server/migrate/model.h"

namespace tenantry::test {
namespace {

[[noreturn]] void Fail(const std::string& what, const absl::Status& status) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), status.ToString().c_str());
  std::exit(1);
}

void MigrateTo(const schema::Schema& schema, const Database& database) {
  std::string directory = Postgres().socket_dir() + "/migrations-" + database.name();
  if (auto generated = migrate::Generate(schema, {.directory = directory}); !generated.ok()) {
    Fail("generate", generated.status());
  }
  migrate::MigrateOptions options;
  options.database_url = database.owner_url();
  options.migrations_dir = directory;
  if (auto result = migrate::Migrate(options); !result.ok()) Fail("migrate", result.status());
  std::filesystem::remove_all(directory);
}

}  // namespace

std::unique_ptr<Database> CreateDatabase(const schema::Schema& schema) {
  static std::map<std::string, Database*> templates;
  auto model = migrate::ModelOf(schema);
  if (!model.ok()) Fail("model", model.status());
  Database*& source = templates[model->SerializeAsString()];
  if (source == nullptr) {
    // Never dropped: it goes with the server.
    source = CreateBootstrappedDatabase().release();
    MigrateTo(schema, *source);
  }
  // Rights on the database itself are not copied with it, hence the bootstrap once more.
  return CreateBootstrappedDatabase(source->name());
}

void InsertTenant(const Database& database, const schema::Schema& schema, const std::string& tenant,
                  const std::string& name) {
  for (const schema::Table& table : schema.tables()) {
    if (!table.tenant_root) continue;
    pqxx::connection connection(database.superuser_url());
    pqxx::work tx(connection);
    std::string columns = table.tenant_sql_name;
    std::string values = tx.quote(tenant);
    for (const schema::Column& column : table.columns) {
      if (column.name == table.tenant_column || !column.not_null || !column.default_sql.empty() ||
          column.type != schema::Type::kText || !column.stored) {
        continue;
      }
      columns += ", " + column.sql_name;
      values += ", " + tx.quote(name);
    }
    tx.exec("INSERT INTO " + table.sql_name + " (" + columns + ") VALUES (" + values + ")");
    tx.commit();
  }
}

const schema::Schema& LoadSchema(const std::string& directory) {
  static std::map<std::string, std::unique_ptr<const schema::Schema>> loaded;
  std::unique_ptr<const schema::Schema>& schema = loaded[directory];
  if (schema == nullptr) {
    // The functions of the schema that ships with the project.
    const std::string functions = directory == "proto" ? SourcePath("sql/functions") : "";
    auto result = schema::Schema::Load({SourcePath(directory), functions});
    if (!result.ok()) Fail(directory, result.status());
    schema = *std::move(result);
  }
  return *schema;
}

}  // namespace tenantry::test
