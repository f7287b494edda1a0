#include "server/migrate/push.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "server/base/roles.h"
#include "server/migrate/diff.h"
#include "server/migrate/drift.h"
#include "server/migrate/folder.h"
#include "server/migrate/generate.h"
#include "server/migrate/ledger_lock.h"
#include "server/migrate/model.h"
#include "server/migrate/section_runner.h"

namespace tenantry::migrate {
namespace {

class Pusher {
 public:
  Pusher(const PushOptions& options, pqxx::connection& connection)
      : options_(options), connection_(connection) {}

  absl::StatusOr<std::vector<std::string>> Run(const v1::Snapshot& wanted) {
    if (absl::Status status = Begin(); !status.ok()) return status;
    absl::StatusOr<std::optional<v1::Snapshot>> base = ReadBase();
    if (!base.ok()) return base.status();
    if (*base) {
      if (absl::Status status = CheckDrift(**base); !status.ok()) return status;
    }
    absl::StatusOr<Difference> difference = SafeDifference(*base, wanted, options_.allow);
    if (!difference.ok()) return difference.status();
    absl::Status status = Apply(*difference, wanted);
    if (!status.ok()) return status;
    std::vector<std::string> lines;
    for (const Change& change : difference->changes) lines.push_back(change.ToString());
    return lines;
  }

 private:
  // As the owner, alone, and in a database that may be pushed to.
  absl::Status Begin() {
    bool development = false, alone = false, bootstrapped = false;
    absl::Status status = pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      // Of the database, and not of a session, which says what its client likes.
      development = tx.query_value<bool>(
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s"
          "   JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase"
          "   WHERE d.datname = current_database() AND s.setrole = 0"
          "     AND 'tenantry.environment=development' = ANY (s.setconfig))");
      bootstrapped = tx.query_value<bool>("SELECT to_regclass('tenantry.migrations') IS NOT NULL");
      alone = tx.query_value<bool>(
          absl::StrCat("SELECT pg_catalog.pg_try_advisory_lock(", kLedgerLock, ")"));
    });
    if (!status.ok()) return status;
    if (!development) {
      return absl::FailedPreconditionError(absl::StrCat(
          "push is for databases that say that they are for development: ALTER DATABASE ",
          connection_.dbname(),
          " SET tenantry.environment = 'development'. For any other there is ",
          "`tenantryd generate` and `tenantryd migrate`"));
    }
    if (!bootstrapped) {
      return absl::FailedPreconditionError(
          "the database is not set up; run `tenantryd migrate --bootstrap` as a superuser first");
    }
    if (!alone) return absl::AbortedError("a migration of this database is running");
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      tx.exec(
          absl::StrCat("SET ROLE ", tx.quote_name(DatabaseRole(options_.role_prefix, kOwnerRole))));
    });
  }

  absl::StatusOr<std::optional<v1::Snapshot>> ReadBase() {
    std::string text;
    bool pushed = false;
    absl::Status status = pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      if (!tx.query_value<bool>("SELECT to_regclass('tenantry.pushed') IS NOT NULL")) return;
      pushed = true;
      text = tx.query_value<std::string>("SELECT snapshot FROM tenantry.pushed");
    });
    if (!status.ok()) return status;
    if (pushed) {
      std::optional<v1::Snapshot> base(std::in_place);
      if (google::protobuf::TextFormat::ParseFromString(text, &*base)) return base;
      return absl::DataLossError("tenantry.pushed holds no snapshot");
    }
    MigrateOptions migrate;
    migrate.database_url = options_.database_url;
    migrate.migrations_dir = options_.migrations_dir;
    migrate.role_prefix = options_.role_prefix;
    absl::StatusOr<std::vector<MigrationState>> states = MigrationStates(migrate);
    if (!states.ok()) return states.status();
    return AppliedModel(options_.migrations_dir, *states);
  }

  absl::Status CheckDrift(const v1::Snapshot& base) {
    absl::StatusOr<v1::Snapshot> printed = AsPrinted(connection_, base);
    if (!printed.ok()) return printed.status();
    LiveModel live;
    absl::Status status = pg::CatchPqxx([&] {
      pqxx::work tx(connection_);
      live = Introspect(tx, NamespacesOf(base));
    });
    if (!status.ok()) return status;
    std::vector<std::string> lines = Differences(*printed, live.model);
    lines.insert(lines.end(), live.unfinished.begin(), live.unfinished.end());
    if (lines.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the database is not as it was left; make it so, or begin with a new one:\n  ",
                     absl::StrJoin(lines, "\n  ")));
  }

  absl::Status Apply(const Difference& difference, const v1::Snapshot& wanted) {
    Migration migration;
    migration.name = "push";
    migration.up_sql = RenderUpSql({.name = "push", .statements = difference.statements});
    absl::StatusOr<std::vector<Section>> sections = migration.Sections();
    if (!sections.ok()) return sections.status();
    SectionRunner runner(connection_, {.lock_timeout = absl::Seconds(3),
                                       .lock_tries = 3,
                                       .lock_retry_wait = absl::Seconds(1),
                                       .progress = options_.progress});
    for (const Section& section : *sections) {
      absl::Status status = runner.Run(section, /*resumed=*/{}, [](pqxx::transaction_base&) {});
      if (!status.ok()) return status;
    }
    std::string text;
    google::protobuf::TextFormat::PrintToString(wanted, &text);
    return pg::CatchPqxx([&] {
      pqxx::work tx(connection_);
      tx.exec("CREATE TABLE IF NOT EXISTS tenantry.pushed (snapshot text NOT NULL)");
      tx.exec("DELETE FROM tenantry.pushed");
      tx.exec("INSERT INTO tenantry.pushed VALUES ($1)", pqxx::params{text});
      tx.commit();
    });
  }

  const PushOptions& options_;
  pqxx::connection& connection_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> Push(const schema::Schema& schema,
                                              const PushOptions& options) {
  absl::StatusOr<v1::Snapshot> wanted = ModelOf(schema, options.role_prefix);
  if (!wanted.ok()) return wanted.status();
  absl::StatusOr<pqxx::connection> connection = pg::OpenSystemConnection(options.database_url);
  if (!connection.ok()) return connection.status();
  return Pusher(options, *connection).Run(*wanted);
}

}  // namespace tenantry::migrate
