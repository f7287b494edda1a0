#include "server/dev/dev_command.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/base/log.h"
#include "server/base/roles.h"
#include "server/dev/private_postgres.h"
#include "server/dev/sample_calls.h"
#include "server/dev/settings_file.h"
#include "server/migrate/apply.h"
#include "server/migrate/bootstrap.h"
#include "server/migrate/functions.h"
#include "server/migrate/generate.h"
#include "server/migrate/served_database.h"
#include "server/pg/system.h"
#include "server/schema/schema.h"
#include "server/serve/server.h"

namespace tenantry::dev {
namespace {

namespace fs = std::filesystem;

constexpr char kDatabase[] = "tenantry";
// A table of the demo data, which are loaded when the schema has it.
constexpr char kDemoMessage[] = "saas.Contact";

// Runs a step. Its name is printed before, and the time that it took after.
template <typename Body>
absl::Status Step(const std::string& name, Body body) {
  std::printf("==> %s ... ", name.c_str());
  std::fflush(stdout);
  absl::Time start = absl::Now();
  absl::Status status = body();
  if (status.ok()) {
    std::printf("done (%.1f s)\n", absl::ToDoubleSeconds(absl::Now() - start));
  } else {
    std::puts("failed");
  }
  return status;
}

int FreePort(int wanted) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(wanted));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  bool taken = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0;
  close(probe);
  return taken ? 0 : wanted;
}

// The file's path as a shell near here would write it.
std::string Shorten(const fs::path& path) {
  std::error_code error;
  fs::path relative = fs::proximate(path, error);
  return error || absl::StartsWith(relative.string(), "../..") ? path.string() : relative.string();
}

class DevRun {
 public:
  explicit DevRun(const DevOptions& options) : options_(options), config_(options.config) {}

  absl::Status Run() {
    if (absl::Status status = LoadSchema(); !status.ok()) return status;
    if (absl::Status status = StartPostgres(); !status.ok()) return status;
    if (absl::Status status = PrepareDatabase(); !status.ok()) return status;
    if (absl::Status status = StartServer(); !status.ok()) return status;
    if (has_demo_) {
      if (absl::Status status = ShowCalls(); !status.ok()) return status;
    }
    PrintWhatNext();
    if (!options_.once && options_.wait_for_stop) options_.wait_for_stop();
    return Stop();
  }

 private:
  absl::Status LoadSchema() {
    return Step(absl::StrCat("schema in ", config_.schema), [&] {
      auto loaded = schema::Schema::Load(
          {.path = config_.schema, .functions = migrate::FunctionsFolder(config_.migrations)});
      if (!loaded.ok()) return loaded.status();
      schema_ = *std::move(loaded);
      view_ = schema_.get();
      if (auto current = migrate::CheckMigrations(*view_, config_.migrations, config_.role_prefix);
          !current.ok()) {
        return current;
      }
      // The demo data names a role as it is called without a prefix.
      has_demo_ = view_->FindTable(kDemoMessage) != nullptr && fs::exists(options_.demo_sql) &&
                  config_.role_prefix.empty();
      return absl::OkStatus();
    });
  }

  absl::Status StartPostgres() {
    bool first = !fs::exists(options_.data_dir);
    std::string name =
        absl::StrCat(first ? "a new private PostgreSQL in " : "PostgreSQL in ", options_.data_dir);
    return Step(name, [&] {
      PrivatePostgresOptions options;
      options.data_dir = options_.data_dir;
      auto started = PrivatePostgres::Start(options);
      if (!started.ok()) return started.status();
      postgres_ = *std::move(started);
      config_.database_url = postgres_->Url(DatabaseRole(config_.role_prefix, kAppRole), kDatabase);
      config_.owner_database_url =
          postgres_->Url(DatabaseRole(config_.role_prefix, kOwnerRole), kDatabase);
      config_.files.erase("database-url");
      config_.bootstrap_database_url = postgres_->SuperuserUrl(kDatabase);
      return absl::OkStatus();
    });
  }

  // Tells what goes before it goes.
  absl::Status Reset() {
    if (!postgres_->made_data()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "--reset: ", postgres_->data_dir(),
          " does not say that `tenantryd dev` has made it, and may be somebody else's: stop, and "
          "remove it yourself, or choose another --data-dir"));
    }
    std::string size;
    int tables = 0;
    absl::Status status = Describe(&size, &tables);
    if (!status.ok()) return status;
    if (size.empty()) return absl::OkStatus();  // there is no such database
    return Step(
        absl::StrCat("dropping the database ", kDatabase, " of ", options_.data_dir, ": ", tables,
                     " tables of ", config_.migrations, " and what else is in it, ", size),
        [&] { return OnCluster(absl::StrCat("DROP DATABASE ", kDatabase)); });
  }

  absl::Status Describe(std::string* size, int* tables) {
    auto cluster = pg::OpenSystemConnection(postgres_->SuperuserUrl());
    if (!cluster.ok()) return cluster.status();
    absl::Status status = pg::CatchPqxx([&] {
      pqxx::nontransaction tx(*cluster);
      const pqxx::result found = tx.exec(
          "SELECT pg_size_pretty(pg_database_size(oid)) FROM pg_catalog.pg_database"
          " WHERE datname = $1",
          pqxx::params{kDatabase});
      if (!found.empty()) *size = found[0][0].as<std::string>();
    });
    if (!status.ok() || size->empty()) return status;
    auto database = pg::OpenSystemConnection(postgres_->SuperuserUrl(kDatabase));
    if (!database.ok()) return database.status();
    return pg::CatchPqxx([&] {
      *tables = pqxx::nontransaction(*database).query_value<int>(
          "SELECT count(*) FROM pg_catalog.pg_class c"
          "   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          " WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$|tenantry$)'");
    });
  }

  absl::Status PrepareDatabase() {
    if (options_.reset) {
      if (absl::Status status = Reset(); !status.ok()) return status;
    }
    absl::Status status = Step("roles and helper functions", [&] {
      if (absl::Status created = CreateDatabase(); !created.ok()) return created;
      // The whole cluster is ours.
      return migrate::Bootstrap({.database_url = config_.bootstrap_database_url,
                                 .role_prefix = config_.role_prefix,
                                 .app_password = config_.app_password,
                                 .owner_password = config_.owner_password,
                                 .revoke_public = true})
          .status();
    });
    if (!status.ok()) return status;
    status = Step(absl::StrCat("migrations of ", config_.migrations), [&] {
      migrate::MigrateOptions options;
      options.database_url = config_.owner_database_url;
      options.migrations_dir = config_.migrations;
      options.role_prefix = config_.role_prefix;
      return WithRemedy(migrate::Migrate(options).status());
    });
    if (!status.ok() || !has_demo_) return status;
    return Step("demo data of three tenants", [&] { return LoadDemo(); });
  }

  // Such as a migration that was applied here and has been written anew since.
  static absl::Status WithRemedy(const absl::Status& status) {
    if (!absl::IsFailedPrecondition(status)) return status;
    return absl::FailedPreconditionError(
        absl::StrCat(status.message(),
                     ". If nothing in this development database is worth keeping: "
                     "`tenantryd dev --reset` begins with an empty one"));
  }

  absl::Status OnCluster(const std::string& sql) {
    auto connection = pg::OpenSystemConnection(postgres_->SuperuserUrl());
    if (!connection.ok()) return connection.status();
    return pg::CatchPqxx([&] { pqxx::nontransaction(*connection).exec(sql); });
  }

  absl::Status CreateDatabase() {
    auto connection = pg::OpenSystemConnection(postgres_->SuperuserUrl());
    if (!connection.ok()) return connection.status();
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(*connection);
      pqxx::params name{kDatabase};
      if (tx.exec("SELECT FROM pg_catalog.pg_database WHERE datname = $1", name).empty()) {
        tx.exec(absl::StrCat("CREATE DATABASE ", kDatabase));
      }
    });
  }

  // As the server's own login: the rows go through row-level security like any other.
  absl::Status LoadDemo() {
    std::ifstream file(options_.demo_sql, std::ios::binary);
    std::string sql((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    auto connection = pg::OpenSystemConnection(config_.database_url);
    if (!connection.ok()) return connection.status();
    return pg::CatchPqxx([&] { pqxx::nontransaction(*connection).exec(sql); });
  }

  absl::Status StartServer() {
    config_.explain_roles = config_.roles;
    config_.estimated_totals = true;
    config_.listen = {absl::StrCat("127.0.0.1:", FreePort(options_.port))};
    config_.metrics_listen =
        absl::StrCat("127.0.0.1:", options_.port == 0 ? 0 : FreePort(options_.port + 1));
    return Step("server", [&] {
      database_ = std::make_unique<migrate::ServedDatabase>(*view_, config_.role_prefix);
      auto server = serve::Server::Start(
          config_, std::move(schema_),
          [this](pqxx::connection& connection) { return database_->Verify(connection); });
      if (!server.ok()) return server.status();
      server_ = *std::move(server);
      address_ = server_->addresses().front();
      return WriteSettingsFile(options_.settings_file, address_);
    });
  }

  absl::Status ShowCalls() {
    std::printf("\nTyped calls to %s, as two tenants:\n", address_.c_str());
    return ShowSampleCalls(address_, view_->api());
  }

  void PrintWhatNext() {
    std::error_code error;
    fs::path program = fs::read_symlink("/proc/self/exe", error);
    std::string cli = Shorten(program.parent_path() / "tenantry");
    std::printf("\n%s on %s; metrics on http://%s/metrics\n", options_.once ? "Served" : "Serving",
                address_.c_str(), server_->metrics_address().c_str());
    std::printf("The database: %s/psql '%s'\n", postgres_->bin_dir().c_str(),
                config_.database_url.c_str());
    if (has_demo_) {
      std::printf("\nTo try next (%s names the server and the tenants):\n",
                  options_.settings_file.c_str());
      std::printf("  %s contact list --tenant acme --page-size 5\n", cli.c_str());
      std::printf("  %s order list --tenant globex -o json\n", cli.c_str());
      std::printf(
          "  %s contact create --tenant initech --name 'Ada Example' --email ada@example.com\n",
          cli.c_str());
      if (fs::exists("node_modules/.bin/buf", error)) {
        std::printf(
            "  npx buf curl --protocol grpc --http2-prior-knowledge -H 'x-tenant-id: %s' \\\n"
            "      -d '{\"page_size\": 2}' http://%s/saas.v1.ContactService/ListContacts\n",
            kDemoTenants[0].id, address_.c_str());
      }
    }
    if (!options_.once) std::puts("\nCtrl-C stops the server and its PostgreSQL.");
    std::fflush(stdout);
  }

  absl::Status Stop() {
    return Step("stopping", [&] {
      server_->Drain();
      server_.reset();
      return postgres_->Stop();
    });
  }

  const DevOptions& options_;
  Config config_;
  std::unique_ptr<PrivatePostgres> postgres_;  // ends after the server
  std::unique_ptr<const schema::Schema> schema_;
  const schema::Schema* view_ = nullptr;  // the same, when the server owns it
  bool has_demo_ = false;
  std::unique_ptr<migrate::ServedDatabase> database_;
  std::unique_ptr<serve::Server> server_;
  std::string address_;
};

}  // namespace

int RunDev(const DevOptions& options) {
  StartLog(LogLevel::kWarn, LogFormat::kLogfmt);
  absl::Status status = DevRun(options).Run();
  StopLog();
  if (status.ok()) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "tenantryd dev: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace tenantry::dev
