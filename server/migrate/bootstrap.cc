#include "server/migrate/bootstrap.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/status.h"
#include "server/migrate/bootstrap_plan.h"
#include "server/migrate/ledger_lock.h"
#include "server/pg/system.h"

namespace tenantry::migrate {
namespace {

// Another run in another database of the cluster may make the same roles at the same moment.
constexpr int kAttempts = 5;

bool MetAnotherRun(const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    // duplicate_object, unique_violation, and XX000: "tuple concurrently updated".
    if (key == "sqlstate" && (value == "42710" || value == "23505" || value == "XX000"))
      return true;
  }
  return false;
}

class Run {
 public:
  Run(const BootstrapOptions& options, pqxx::connection& connection)
      : options_(options), connection_(connection) {}

  absl::StatusOr<std::vector<std::string>> Once() {
    absl::StatusOr<BootstrapPlan> plan;
    absl::Status status = pg::CatchPqxx([&] {
      pqxx::work tx(connection_);
      if (options_.dry_run) tx.exec("SET TRANSACTION READ ONLY");
      // The lock's scope is this database; what others do to the roles is met by trying again.
      if (!options_.dry_run) {
        tx.exec(absl::StrCat("SELECT pg_catalog.pg_advisory_xact_lock(", kLedgerLock, ")"));
      }
      plan = PlanBootstrap(tx, options_);
      if (!plan.ok()) return;
      Tell(*plan);
      if (options_.dry_run) return;
      for (const Effect& effect : plan->effects) Execute(tx, effect);
      tx.commit();
    });
    if (!status.ok()) return status;
    if (!plan.ok()) return plan.status();
    std::vector<std::string> words;
    for (const Effect& effect : plan->effects) words.push_back(effect.words);
    return words;
  }

 private:
  void Tell(const BootstrapPlan& plan) {
    if (!options_.progress) return;
    for (const Effect& effect : plan.effects) {
      options_.progress(absl::StrCat(options_.dry_run ? "would " : "will ", effect.words));
    }
    for (const std::string& note : plan.notes) options_.progress(absl::StrCat("note: ", note));
  }

  void Execute(pqxx::work& tx, const Effect& effect) {
    if (effect.as_role.empty()) {
      tx.exec(effect.sql);
      return;
    }
    tx.exec(absl::StrCat("SET LOCAL ROLE ", tx.quote_name(effect.as_role)));
    tx.exec(effect.sql);
    tx.exec("RESET ROLE");
  }

  const BootstrapOptions& options_;
  pqxx::connection& connection_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> Bootstrap(const BootstrapOptions& options) {
  absl::StatusOr<pqxx::connection> connection = pg::OpenSystemConnection(options.database_url);
  if (!connection.ok()) return connection.status();
  absl::StatusOr<std::vector<std::string>> done;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    done = Run(options, *connection).Once();
    if (!MetAnotherRun(done.status())) break;
  }
  return done;
}

}  // namespace tenantry::migrate
