#include "tests/support/postgres.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pqxx/pqxx>
#include <vector>

#include "server/migrate/bootstrap.h"

namespace tenantry::test {
namespace {

void ExecuteOn(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(sql);
}

}  // namespace

dev::PrivatePostgres& Postgres() {
  static std::unique_ptr<dev::PrivatePostgres> server = [] {
    dev::PrivatePostgresOptions options;
    options.durable = false;
    absl::StatusOr<std::unique_ptr<dev::PrivatePostgres>> started =
        dev::PrivatePostgres::Start(options);
    if (!started.ok()) {
      std::fprintf(stderr, "private PostgreSQL: %s\n", started.status().ToString().c_str());
      std::exit(1);
    }
    return *std::move(started);
  }();
  return *server;
}

std::unique_ptr<Database> CreateEmptyDatabase(const std::string& template_name) {
  static int count = 0;
  std::string name = "test_" + std::to_string(++count);
  ExecuteOn(Postgres().SuperuserUrl(),
            "CREATE DATABASE " + name + " TEMPLATE " + template_name + " STRATEGY file_copy");
  return std::unique_ptr<Database>(new Database(name));
}

std::unique_ptr<Database> CreateBootstrappedDatabase(const std::string& template_name) {
  std::unique_ptr<Database> database = CreateEmptyDatabase(template_name);
  migrate::BootstrapOptions options;
  options.database_url = database->superuser_url();
  options.revoke_public = true;
  if (auto done = migrate::Bootstrap(options); !done.ok()) {
    std::fprintf(stderr, "bootstrap: %s\n", done.status().ToString().c_str());
    std::exit(1);
  }
  return database;
}

Database::~Database() {
  try {
    if (Postgres().running()) {
      ExecuteOn(Postgres().SuperuserUrl(),
                "DROP DATABASE IF EXISTS \"" + name_ + "\" WITH (FORCE)");
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "dropping %s: %s\n", name_.c_str(), e.what());
  }
}

std::string Database::superuser_url() const { return Postgres().SuperuserUrl(name_); }
std::string Database::owner_url() const { return Postgres().Url("tenantry_owner", name_); }
std::string Database::app_url() const { return Postgres().Url("tenantry_app", name_); }

void Database::Execute(const std::string& sql) const { ExecuteOn(superuser_url(), sql); }

std::string SourcePath(const std::string& relative) {
  const char* top = std::getenv("TENANTRY_SOURCE_DIR");
  return (std::filesystem::path(top != nullptr ? top : TENANTRY_SOURCE_DIR_DEFAULT) / relative)
      .string();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(1);
  }
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace tenantry::test
