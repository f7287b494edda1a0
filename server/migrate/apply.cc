#include "server/migrate/apply.h"

#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "server/base/roles.h"
#include "server/migrate/bootstrap_sql.h"
#include "server/migrate/folder.h"
#include "server/migrate/ledger_lock.h"
#include "server/migrate/model.h"
#include "server/pg/system.h"

namespace tenantry::migrate {
namespace {

struct LedgerEntry {
  std::string checksum;
  int sections_done = 0;
  bool finished = false;
};
using Ledger = std::map<std::string, LedgerEntry>;

absl::Status Annotate(const absl::Status& status, const std::string& where) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(where, ": ", status.message()));
}

class Run {
 public:
  Run(const MigrateOptions& options, pqxx::connection& connection)
      : options_(options), connection_(connection) {}

  absl::StatusOr<MigrateResult> Apply() {
    absl::StatusOr<std::vector<Migration>> migrations = ReadMigrations(options_.migrations_dir);
    if (!migrations.ok()) return migrations.status();
    if (absl::Status status = RefusePooler(); !status.ok()) return status;
    if (absl::Status status = Prepare(); !status.ok()) return status;
    if (absl::Status status = Compare(*migrations); !status.ok()) return status;
    if (absl::Status status = CheckRoles(*migrations); !status.ok()) return status;

    if (!options_.dry_run) {
      if (absl::Status status = MakeFunctions(); !status.ok()) return status;
    }
    MigrateResult result;
    for (const Migration& migration : *migrations) {
      if (Finished(migration)) continue;
      if (options_.dry_run) {
        result.pending.push_back(migration.name);
        Progress(absl::StrCat("would apply ", migration.name));
        continue;
      }
      auto found = ledger_.find(migration.name);
      int done = found == ledger_.end() ? 0 : found->second.sections_done;
      if (absl::Status status = ApplyOne(migration, done); !status.ok()) {
        return Annotate(status, migration.name);
      }
      result.applied.push_back(migration.name);
    }
    return result;
  }

 private:
  void Progress(const std::string& line) {
    if (options_.progress) options_.progress(line);
  }

  // The role and the lock belong to the session. A pooler may lose them, or give them to somebody
  // else.
  absl::Status RefusePooler() {
    bool pooled = false;
    absl::Status status = pg::CatchPqxx([&] { pooled = pg::IsPooled(connection_); });
    if (!status.ok() || !pooled) return status;
    return absl::FailedPreconditionError(
        "this connection goes through a pooler; migrations need one to PostgreSQL itself");
  }

  // Reads the ledger, as the owner. A run that will change something takes the lock first, since
  // another run may be about to do the same work.
  absl::Status Prepare() {
    absl::StatusOr<bool> bootstrapped = BecomeOwner();
    if (!bootstrapped.ok()) return bootstrapped.status();
    if (!*bootstrapped && options_.dry_run) {
      Progress("the database is not set up: `tenantryd migrate --bootstrap` comes first");
      return absl::OkStatus();
    }
    if (!*bootstrapped) {
      return absl::FailedPreconditionError(
          "the database is not set up; run `tenantryd migrate --bootstrap` as a superuser first");
    }
    if (!options_.dry_run) {
      if (absl::Status status = TakeTurn(); !status.ok()) return status;
    }
    return ReadLedger();
  }

  // False: there is no ledger of this owner.
  absl::StatusOr<bool> BecomeOwner() {
    const std::string owner = DatabaseRole(options_.role_prefix, kOwnerRole);
    bool bootstrapped = false;
    absl::Status status = pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      if (options_.dry_run) tx.exec("SET default_transaction_read_only = on");
      bootstrapped = tx.query_value<bool>(
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c"
          "   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          "   JOIN pg_catalog.pg_roles r ON r.oid = c.relowner"
          "   WHERE n.nspname = 'tenantry' AND c.relname = 'migrations' AND r.rolname = $1)",
          pqxx::params{owner});
      // So that the owner owns what is made, whoever runs it.
      if (bootstrapped) tx.exec(absl::StrCat("SET ROLE ", tx.quote_name(owner)));
    });
    if (!status.ok()) return status;
    return bootstrapped;
  }

  // Asks again and again, instead of waiting inside one statement. Such a statement would hold a
  // snapshot, and CREATE INDEX CONCURRENTLY in the other run would wait for it to end.
  absl::Status TakeTurn() {
    absl::Time give_up = absl::Now() + options_.turn_wait;
    bool told = false;
    while (true) {
      bool taken = false;
      absl::Status status = pg::CatchPqxx([&] {
        pqxx::nontransaction tx(connection_);
        taken = tx.query_value<bool>(
            absl::StrCat("SELECT pg_catalog.pg_try_advisory_lock(", kLedgerLock, ")"));
      });
      if (!status.ok() || taken) return status;
      if (absl::Now() > give_up) {
        return absl::AbortedError("another migration of this database is still running");
      }
      if (!told) Progress("waiting for another migration of this database");
      told = true;
      absl::SleepFor(absl::Milliseconds(100));
    }
  }

  absl::Status ReadLedger() {
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      for (const pqxx::row& row :
           tx.exec("SELECT name, checksum, sections_done, finished_at IS NOT NULL"
                   " FROM tenantry.migrations")) {
        ledger_[row[0].as<std::string>()] = {row[1].as<std::string>(), row[2].as<int>(),
                                             row[3].as<bool>()};
      }
    });
  }

  // Functions that a newer server calls and an older bootstrap did not make.
  absl::Status MakeFunctions() {
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      for (const auto& [file, sql] : BootstrapSql()) {
        const std::string function = SignatureOf(sql);
        if (!absl::c_linear_search(kCalledFunctions, function)) continue;
        const bool missing = tx.query_value<bool>(
            "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_proc p"
            "   JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
            "   WHERE n.nspname = 'tenantry' AND " TENANTRY_SIGNATURE " = $1)",
            pqxx::params{function});
        if (missing) tx.exec(sql);
      }
    });
  }

  absl::Status Compare(const std::vector<Migration>& migrations) {
    std::vector<std::string> findings;
    std::map<std::string, std::string> on_disk;
    for (const Migration& migration : migrations) on_disk[migration.name] = migration.checksum;
    for (const auto& [name, entry] : ledger_) {
      auto found = on_disk.find(name);
      if (found == on_disk.end()) {
        findings.push_back(
            absl::StrCat(name, " was applied and is missing in ", options_.migrations_dir));
      } else if (found->second != entry.checksum) {
        findings.push_back(absl::StrCat(name, " was edited after it had been applied"));
      }
    }
    if (findings.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrJoin(findings, "; "));
  }

  bool Finished(const Migration& migration) const {
    auto found = ledger_.find(migration.name);
    return found != ledger_.end() && found->second.finished;
  }

  // Migrations name database roles. Applied with another prefix they would give rights to roles
  // that do not exist, or that are somebody else's.
  absl::Status CheckRoles(const std::vector<Migration>& migrations) {
    const std::vector<std::string> roles = TenantRoles(options_.role_prefix);
    for (const Migration& migration : migrations) {
      if (Finished(migration) || !migration.snapshot) continue;
      const std::vector<std::string> named = RolesOf(*migration.snapshot);
      if (named.empty() || named == roles) continue;
      return absl::FailedPreconditionError(absl::StrCat(
          migration.name, " is made for the roles ", absl::StrJoin(named, ", "), ", and with ",
          options_.role_prefix.empty() ? "no --role-prefix"
                                       : absl::StrCat("--role-prefix ", options_.role_prefix),
          " they are ", absl::StrJoin(roles, ", "),
          ": write migrations for these into a folder of their own, with `tenantryd generate "
          "--role-prefix ... --migrations FOLDER`"));
    }
    return absl::OkStatus();
  }

  absl::Status ApplyOne(const Migration& migration, int done) {
    std::vector<Section> sections = migration.Sections();
    Progress(absl::StrCat(done == 0 ? "applying " : "going on with ", migration.name));
    absl::Time start = absl::Now();
    if (sections.empty()) {
      sections.push_back({});  // there is nothing to do, but the ledger must have it
    }
    for (int i = done; i < static_cast<int>(sections.size()); ++i) {
      bool last = i + 1 == static_cast<int>(sections.size());
      absl::Status status = sections[i].in_transaction
                                ? ApplyInTransaction(migration, sections[i], i, last)
                                : ApplyOutside(migration, sections[i], i, last);
      if (!status.ok()) return status;
    }
    Progress(absl::StrCat(
        "applied ", migration.name, " in ",
        absl::FormatDuration(absl::Trunc(absl::Now() - start, absl::Milliseconds(1)))));
    return absl::OkStatus();
  }

  absl::Status ApplyInTransaction(const Migration& migration, const Section& section, int index,
                                  bool last) {
    return pg::CatchPqxx([&] {
      pqxx::work tx(connection_);
      tx.exec(absl::StrCat("SET LOCAL lock_timeout = ",
                           absl::ToInt64Milliseconds(options_.lock_timeout)));
      for (const std::string& sql : section.statements) tx.exec(sql);
      Record(tx, migration, index, last);
      tx.commit();
    });
  }

  absl::Status ApplyOutside(const Migration& migration, const Section& section, int index,
                            bool last) {
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      for (const std::string& sql : section.statements) tx.exec(sql);
      Record(tx, migration, index, last);
    });
  }

  static void Record(pqxx::transaction_base& tx, const Migration& migration, int index, bool last) {
    tx.exec(
        "INSERT INTO tenantry.migrations (name, checksum, sections_done, finished_at)"
        " VALUES ($1, $2, $3, CASE WHEN $4 THEN clock_timestamp() END)"
        " ON CONFLICT (name) DO UPDATE SET sections_done = excluded.sections_done,"
        "   finished_at = excluded.finished_at",
        pqxx::params{migration.name, migration.checksum, index + 1, last});
  }

  const MigrateOptions& options_;
  pqxx::connection& connection_;
  Ledger ledger_;
};

}  // namespace

absl::StatusOr<MigrateResult> Migrate(const MigrateOptions& options) {
  absl::StatusOr<pqxx::connection> connection = pg::OpenSystemConnection(options.database_url);
  if (!connection.ok()) return connection.status();
  return Run(options, *connection).Apply();
}

}  // namespace tenantry::migrate
