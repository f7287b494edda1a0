#include "server/migrate/apply.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/base/roles.h"
#include "server/migrate/bootstrap_sql.h"
#include "server/migrate/folder.h"
#include "server/migrate/history.h"
#include "server/migrate/ledger_lock.h"
#include "server/migrate/model.h"
#include "server/migrate/section_runner.h"
#include "server/pg/system.h"

namespace tenantry::migrate {
namespace {

// Whose the namespace $2 is, where the role $1 may not make and share what is in it.
constexpr char kForeignNamespaceQuery[] =
    "SELECT pg_catalog.pg_get_userbyid(n.nspowner)"
    " FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.rolname = $1"
    " WHERE n.nspname = $2"
    "   AND NOT (pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')"
    "     AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE WITH GRANT OPTION'))";

struct LedgerEntry {
  std::string checksum;
  int sections_done = 0;
  int sections_begun = 0;
  BatchPosition position = {};  // in the section that has begun
  bool finished = false;
  std::string detail;  // for people
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
    if (absl::Status status = CheckWhole(*migrations); !status.ok()) return status;
    if (absl::Status status = CutAt(*migrations); !status.ok()) return status;
    if (absl::Status status = CheckNamespaces(*migrations); !status.ok()) return status;

    if (!options_.dry_run) {
      if (absl::Status status = MakeMissing(); !status.ok()) return status;
    }
    MigrateResult result;
    for (const Migration& migration : *migrations) {
      if (Finished(migration)) continue;
      if (options_.dry_run) {
        result.pending.push_back(migration.name);
        Progress(absl::StrCat("would apply ", migration.name));
        continue;
      }
      if (absl::Status status = ApplyOne(migration, ledger_[migration.name]); !status.ok()) {
        return Annotate(status, migration.name);
      }
      result.applied.push_back(migration.name);
    }
    return result;
  }

  absl::StatusOr<std::vector<MigrationState>> ReadStates() {
    absl::StatusOr<std::vector<Migration>> migrations = ReadMigrations(options_.migrations_dir);
    if (!migrations.ok()) return migrations.status();
    if (absl::Status status = Prepare(); !status.ok()) return status;
    return States(*migrations);
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
      if (absl::Status status = RefusePushed(); !status.ok()) return status;
      if (absl::Status status = TakeTurn(); !status.ok()) return status;
      if (absl::Status status = RenewLedger(); !status.ok()) return status;
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

  // push.h
  absl::Status RefusePushed() {
    bool pushed = false;
    absl::Status status = pg::CatchPqxx([&] {
      pushed = pqxx::nontransaction(connection_)
                   .query_value<bool>("SELECT to_regclass('tenantry.pushed') IS NOT NULL");
    });
    if (!status.ok() || !pushed) return status;
    return absl::FailedPreconditionError(
        "this is a development database that `tenantryd push` has changed: go on with push, or "
        "begin "
        "with a new database for migrations");
  }

  // An older bootstrap made it without these columns.
  absl::Status RenewLedger() {
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      if (!HasColumn(tx, "batch_blocks")) {
        tx.exec(
            "ALTER TABLE tenantry.migrations"
            " ADD COLUMN IF NOT EXISTS sections_begun integer NOT NULL DEFAULT 0,"
            " ADD COLUMN IF NOT EXISTS batch_file bigint NOT NULL DEFAULT 0,"
            " ADD COLUMN IF NOT EXISTS batch_blocks bigint NOT NULL DEFAULT 0");
      }
    });
  }

  static bool HasColumn(pqxx::transaction_base& tx, const std::string& column) {
    return tx.query_value<bool>(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute"
        "   WHERE attrelid = 'tenantry.migrations'::regclass AND attname = $1)",
        pqxx::params{column});
  }

  absl::Status ReadLedger() {
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      const std::string begun = HasColumn(tx, "sections_begun") ? "sections_begun" : "0";
      const std::string batch = HasColumn(tx, "batch_blocks") ? "batch_file, batch_blocks" : "0, 0";
      for (const pqxx::row& row : tx.exec(absl::StrCat(
               "SELECT name, checksum, sections_done, ", begun, ", ", batch,
               ", finished_at IS NOT NULL,"
               "   to_char(coalesce(finished_at, started_at), 'YYYY-MM-DD HH24:MI:SSOF')"
               "     || ' by ' || applied_by FROM tenantry.migrations"))) {
        ledger_[row[0].as<std::string>()] = {
            row[1].as<std::string>(), row[2].as<int>(),
            row[3].as<int>(),         {row[4].as<std::int64_t>(), row[5].as<std::int64_t>()},
            row[6].as<bool>(),        row[7].as<std::string>()};
      }
    });
  }

  // Tables and functions that a newer server uses and an older bootstrap did not make.
  absl::Status MakeMissing() {
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      for (const auto& [file, sql] : BootstrapSql()) {
        const std::string function = SignatureOf(sql);
        const bool there = function.empty() ? HasTable(tx, file) : HasFunction(tx, function);
        if (there) continue;
        tx.exec(sql);
        if (!function.empty()) tx.exec(RightsOf(tx, function));
      }
    });
  }

  // As bootstrap gives them: only the tenant roles may call it.
  std::string RightsOf(pqxx::transaction_base& tx, const std::string& function) const {
    std::vector<std::string> roles;
    for (const std::string& role : TenantRoles(options_.role_prefix)) {
      roles.push_back(tx.quote_name(role));
    }
    return absl::StrCat("REVOKE ALL ON FUNCTION tenantry.", function,
                        " FROM PUBLIC; GRANT EXECUTE ON FUNCTION tenantry.", function, " TO ",
                        absl::StrJoin(roles, ", "));
  }

  static bool HasTable(pqxx::transaction_base& tx, const std::string& file) {
    return tx.query_value<bool>(
        "SELECT pg_catalog.to_regclass($1) IS NOT NULL",
        pqxx::params{absl::StrCat("tenantry.", absl::StripSuffix(file, ".sql"))});
  }

  // Those that policies and defaults call are bootstrap's alone.
  static bool HasFunction(pqxx::transaction_base& tx, const std::string& function) {
    if (!absl::c_linear_search(kCalledFunctions, function)) return true;
    return tx.query_value<bool>(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p"
        "   JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
        "   WHERE n.nspname = 'tenantry' AND " TENANTRY_SIGNATURE " = $1)",
        pqxx::params{function});
  }

  absl::Status Compare(const std::vector<Migration>& migrations) {
    std::vector<std::string> findings;
    for (const MigrationState& state : States(migrations)) {
      if (state.kind == MigrationState::Kind::kMissing) {
        findings.push_back(absl::StrCat(
            state.name, " was applied and is missing in ", options_.migrations_dir,
            ": bring it back from version control, or merge the branch that it comes from"));
      } else if (state.kind == MigrationState::Kind::kEdited) {
        findings.push_back(absl::StrCat(
            state.name, " was edited after it had been applied: bring it back as it was, and put ",
            "what you changed into a migration of its own (`tenantryd generate NAME --custom`)"));
      }
    }
    if (findings.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrJoin(findings, "; "));
  }

  // Half-written ones, and those of a branch that is not here.
  absl::Status CheckWhole(const std::vector<Migration>& migrations) {
    absl::StatusOr<History> history = HistoryOf(migrations);
    if (!history.ok()) return history.status();
    for (const Migration& migration : migrations) {
      if (Finished(migration) || !migration.IsToBeWritten()) continue;
      return absl::FailedPreconditionError(
          absl::StrCat(migration.name, "/up.sql is not whole: write what `", kToBeWritten,
                       "` stands for, and remove the line"));
    }
    return absl::OkStatus();
  }

  // Leaves out what comes after options_.to.
  absl::Status CutAt(std::vector<Migration>& migrations) {
    if (options_.to.empty()) return absl::OkStatus();
    auto last = std::find_if(migrations.begin(), migrations.end(), [&](const Migration& migration) {
      return migration.name == options_.to || absl::StartsWith(migration.name, options_.to + "_");
    });
    if (last == migrations.end()) {
      return absl::InvalidArgumentError(absl::StrCat("--to ", options_.to, ": no migration in ",
                                                     options_.migrations_dir, " is called so"));
    }
    migrations.erase(last + 1, migrations.end());
    return absl::OkStatus();
  }

  std::vector<MigrationState> States(const std::vector<Migration>& migrations) const {
    using Kind = MigrationState::Kind;
    std::map<std::string, MigrationState> states;
    for (const auto& [name, entry] : ledger_) {
      states[name] = {name, Kind::kMissing, entry.detail};
    }
    for (const Migration& migration : migrations) {
      MigrationState& state = states[migration.name];
      state.name = migration.name;
      auto found = ledger_.find(migration.name);
      if (found == ledger_.end()) {
        state.kind = Kind::kPending;
        continue;
      }
      const LedgerEntry& entry = found->second;
      // An older tenantryd took the checksum of the bytes.
      const bool same =
          entry.checksum == migration.checksum || entry.checksum == migration.checksum_of_bytes;
      state.kind = !same ? Kind::kEdited : entry.finished ? Kind::kApplied : Kind::kStopped;
      if (!entry.finished) {
        state.detail = absl::StrCat("after ", entry.sections_done, " sections",
                                    entry.position.blocks > 0
                                        ? absl::StrCat(" and ", entry.position.blocks, " blocks")
                                        : "",
                                    "; begun ", entry.detail);
      }
    }
    std::vector<MigrationState> all;
    for (auto& [name, state] : states) all.push_back(std::move(state));
    return all;
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

  // A namespace that is there and is somebody else's, as public is: the owner's role may make
  // nothing in it, and PostgreSQL would not say what helps.
  absl::Status CheckNamespaces(const std::vector<Migration>& migrations) {
    std::set<std::string> names;
    for (const Migration& migration : migrations) {
      if (Finished(migration) || !migration.snapshot) continue;
      for (std::string& name : NamespacesOf(*migration.snapshot)) names.insert(std::move(name));
    }
    std::vector<std::string> findings;
    absl::Status status = pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      const std::string owner = DatabaseRole(options_.role_prefix, kOwnerRole);
      for (const std::string& name : names) {
        const pqxx::result found = tx.exec(kForeignNamespaceQuery, pqxx::params{owner, name});
        if (found.empty()) continue;
        const std::string schema = tx.quote_name(name), role = tx.quote_name(owner);
        findings.push_back(absl::StrCat(
            "the schema ", name, " belongs to ", found[0][0].as<std::string>(), ", and ", owner,
            " may make nothing in it. Give the tables a schema of their own (option ",
            "(tenantry.v1.database).schema), or run as a superuser: GRANT CREATE ON SCHEMA ",
            schema, " TO ", role, "; GRANT USAGE ON SCHEMA ", schema, " TO ", role,
            " WITH GRANT OPTION"));
      }
    });
    if (!status.ok() || findings.empty()) return status;
    return absl::FailedPreconditionError(absl::StrJoin(findings, "; "));
  }

  absl::Status ApplyOne(const Migration& migration, const LedgerEntry& entry) {
    absl::StatusOr<std::vector<Section>> read = migration.Sections();
    if (!read.ok()) return read.status();
    std::vector<Section> sections = *std::move(read);
    const int done = entry.sections_done;
    Progress(absl::StrCat(done == 0 ? "applying " : "going on with ", migration.name));
    absl::Time start = absl::Now();
    if (sections.empty()) {
      sections.push_back({});  // there is nothing to do, but the ledger must have it
    }
    SectionRunner runner(connection_, {.lock_timeout = options_.lock_timeout,
                                       .lock_tries = options_.lock_tries,
                                       .lock_retry_wait = options_.lock_retry_wait,
                                       .progress = options_.progress,
                                       .keep_position = [&](pqxx::transaction_base& tx,
                                                            const BatchPosition& position) {
                                         Keep(tx, migration, position);
                                       }});
    for (int i = done; i < static_cast<int>(sections.size()); ++i) {
      const bool last = i + 1 == static_cast<int>(sections.size());
      Resumed resumed;
      if (entry.sections_begun > i) resumed = {true, entry.position};
      const bool known = sections[i].in_transaction || resumed.begun;
      absl::Status status = known ? absl::OkStatus() : Begin(migration, i);
      if (!status.ok()) return status;
      status = runner.Run(sections[i], resumed, [&](pqxx::transaction_base& tx) {
        Record(tx, migration, {i + 1, i + 1, last});
      });
      if (!status.ok()) return Annotate(status, Where(sections, i));
    }
    Progress(absl::StrCat(
        "applied ", migration.name, " in ",
        absl::FormatDuration(absl::Trunc(absl::Now() - start, absl::Milliseconds(1)))));
    return absl::OkStatus();
  }

  static std::string Where(const std::vector<Section>& sections, int index) {
    if (sections.size() == 1) {
      return sections[0].in_transaction ? "nothing of it has happened"
                                        : "it stopped, and the next run goes on there";
    }
    return absl::StrCat("section ", index + 1, " of ", sections.size(),
                        " failed, what comes before it is done, and the next run goes on there");
  }

  absl::Status Begin(const Migration& migration, int index) {
    return pg::CatchPqxx([&] {
      pqxx::nontransaction tx(connection_);
      Record(tx, migration, {index, index + 1, false});
    });
  }

  struct Progressed {
    int done, begun;
    bool last;
  };

  static void Record(pqxx::transaction_base& tx, const Migration& migration, Progressed at) {
    tx.exec(
        "INSERT INTO tenantry.migrations (name, checksum, sections_done, sections_begun,"
        "   finished_at)"
        " VALUES ($1, $2, $3, $4, CASE WHEN $5 THEN clock_timestamp() END)"
        " ON CONFLICT (name) DO UPDATE SET sections_done = excluded.sections_done,"
        "   sections_begun = excluded.sections_begun, batch_file = 0, batch_blocks = 0,"
        "   finished_at = excluded.finished_at",
        pqxx::params{migration.name, migration.checksum, at.done, at.begun, at.last});
  }

  static void Keep(pqxx::transaction_base& tx, const Migration& migration,
                   const BatchPosition& position) {
    tx.exec("UPDATE tenantry.migrations SET batch_file = $2, batch_blocks = $3 WHERE name = $1",
            pqxx::params{migration.name, position.file, position.blocks});
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

absl::StatusOr<std::vector<MigrationState>> MigrationStates(const MigrateOptions& options) {
  absl::StatusOr<pqxx::connection> connection = pg::OpenSystemConnection(options.database_url);
  if (!connection.ok()) return connection.status();
  MigrateOptions reading = options;
  reading.dry_run = true;
  return Run(reading, *connection).ReadStates();
}

}  // namespace tenantry::migrate
