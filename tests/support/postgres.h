// A private PostgreSQL for a test binary: started at the first use, gone with the process.
#pragma once

#include <memory>
#include <string>

#include "server/dev/private_postgres.h"

namespace tenantry::test {

// The server of this test binary. Fast and not durable; fails the process when it cannot start.
dev::PrivatePostgres& Postgres();

// A database of its own, dropped at the end of its life.
class Database {
 public:
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& name() const { return name_; }
  std::string superuser_url() const;  // postgres
  std::string owner_url() const;      // tenantry_owner, who owns the tables
  std::string app_url() const;        // tenantry_app, the server's login
  // As `superuser`: several statements, no result.
  void Execute(const std::string& sql) const;

 private:
  friend std::unique_ptr<Database> CreateEmptyDatabase(const std::string& template_name);
  explicit Database(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

// Without roles and schema tenantry. `template_name` is a database without connections to copy.
std::unique_ptr<Database> CreateEmptyDatabase(const std::string& template_name = "template1");

// Bootstrapped: roles, schema tenantry and its functions; no tables.
std::unique_ptr<Database> CreateBootstrappedDatabase(
    const std::string& template_name = "template1");

// The repository's top, where tests find their files.
std::string SourcePath(const std::string& relative);
std::string ReadFile(const std::string& path);

}  // namespace tenantry::test
