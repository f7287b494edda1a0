#include "server/call/plan_costs.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/codec/explained.h"

namespace tenantry::call {
namespace {

constexpr absl::Duration kKeptFor = absl::Minutes(10);
// Texts are as many as plans (plans-max), and roles are few. Beyond this number all are asked anew.
constexpr std::size_t kKeptMax = 100'000;

std::string KeyOf(const pg::TenantTransaction& transaction, const SqlText& text) {
  return absl::StrCat(ToAbsl(transaction.identity().role()), "/", text.name);
}

// Those that cost what the planner says. An estimate of a total is an EXPLAIN, whose statement does
// not run, and the last one of validate_only only takes back what the others did.
std::vector<const pg::Statement*> CostlyStatements(const pg::TenantTransaction& transaction) {
  std::vector<const pg::Statement*> costly;
  for (const pg::Statement& statement : transaction.statements) {
    const bool takes_back =
        transaction.validate_only && &statement == &transaction.statements.back();
    if (!takes_back && !statement.text->sql.starts_with("EXPLAIN")) costly.push_back(&statement);
  }
  return costly;
}

absl::Status TooCostly(double cost, double most) {
  const std::string cost_text = absl::StrCat(cost), most_text = absl::StrCat(most);
  return MakeError(
      absl::StatusCode::kResourceExhausted,
      absl::StrCat("the database expects this call to cost ", cost_text, ", and the role may ask ",
                   most_text,
                   " of it (plan-cost-max): ask for less, by a filter or fewer relations"),
      {.reason = "PLAN_TOO_COSTLY",
       .metadata = {{"cost", cost_text}, {"cost_max", most_text}},
       .violations = {}});
}

}  // namespace

// Asks the planner for all statements of a transaction, and deletes itself.
class PlanCosts::Question final : public pg::TenantTransaction {
 public:
  Question(PlanCosts& costs, const pg::TenantTransaction& about, double most,
           std::function<void(const absl::Status&)> go_on)
      : TenantTransaction(about.identity(), pg::Access::kReadOnly),
        costs_(costs),
        most_(most),
        go_on_(std::move(go_on)) {
    deadline = about.deadline;
    request_id = about.request_id;
    for (const pg::Statement* statement : CostlyStatements(about)) {
      keys_.push_back(KeyOf(about, *statement->text));
      statements.push_back(
          {codec::Explained(*statement->text, /*analyze=*/false), statement->params});
    }
  }

 private:
  void Done(absl::Status status, absl::InlinedVector<pg::ResultRows, 1> results) override {
    double cost = 0;
    for (std::size_t i = 0; status.ok() && i < results.size(); ++i) {
      const std::optional<double> one = codec::PlanText(results[i]).Number("Total Cost");
      if (!one.has_value()) continue;
      cost += *one;
      costs_.Keep(keys_[i], *one);
    }
    if (status.ok() && cost > most_) status = TooCostly(cost, most_);
    go_on_(status);
    delete this;
  }

  PlanCosts& costs_;
  const double most_;
  const std::function<void(const absl::Status&)> go_on_;
  std::vector<std::string> keys_;  // of the statements
};

PlanCosts::PlanCosts(const std::vector<std::string>& entries, Environment& environment)
    : environment_(environment) {
  for (const std::string& entry : entries) most_.push_back(*ParseRoleCost(entry));
}

void PlanCosts::Check(const pg::TenantTransaction& transaction,
                      std::function<void(const absl::Status&)> go_on) {
  const std::optional<double> most = MostOf(transaction.identity().role());
  if (!most.has_value()) return go_on(absl::OkStatus());
  double cost = 0;
  for (const pg::Statement* statement : CostlyStatements(transaction)) {
    const std::optional<double> one = Find(KeyOf(transaction, *statement->text));
    if (!one.has_value()) {
      return environment_.submit(new Question(*this, transaction, *most, std::move(go_on)));
    }
    cost += *one;
  }
  go_on(cost > *most ? TooCostly(cost, *most) : absl::OkStatus());
}

std::optional<double> PlanCosts::MostOf(std::string_view role) const {
  std::optional<double> others;
  for (const RoleCost& entry : most_) {
    if (entry.role == role) return entry.cost;
    if (entry.role == "*") others = entry.cost;
  }
  return others;
}

std::optional<double> PlanCosts::Find(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end() || absl::Now() - found->second.at > kKeptFor) return std::nullopt;
  return found->second.cost;
}

void PlanCosts::Keep(std::string key, double cost) {
  absl::MutexLock lock(&mutex_);
  if (kept_.size() >= kKeptMax) kept_.clear();
  kept_[std::move(key)] = {cost, absl::Now()};
}

}  // namespace tenantry::call
