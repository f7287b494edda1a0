#include "server/migrate/history.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/migrate/merge.h"

namespace tenantry::migrate {
namespace {

// The migrations that have snapshots, and which each of them follows.
class Lineage {
 public:
  explicit Lineage(const std::vector<Migration>& migrations) {
    for (const Migration& migration : migrations) {
      if (!migration.snapshot) continue;
      std::vector<std::string>& parents = parents_[migration.name];
      parents.assign(migration.snapshot->parents().begin(), migration.snapshot->parents().end());
      // Older migrations name no parents.
      if (parents.empty() && !names_.empty()) parents.push_back(names_.back());
      names_.push_back(migration.name);
      snapshots_[migration.name] = &*migration.snapshot;
    }
  }

  absl::Status CheckParents() const {
    for (const auto& [name, parents] : parents_) {
      for (const std::string& parent : parents) {
        if (snapshots_.contains(parent)) continue;
        return absl::FailedPreconditionError(absl::StrCat(
            name, " follows ", parent, ", which is not there. It comes from a branch that has ",
            parent, ": merge that branch too, or remove ", name, " and generate it again here"));
      }
    }
    return absl::OkStatus();
  }

  std::vector<std::string> Heads() const {
    std::set<std::string> followed;
    for (const auto& [name, parents] : parents_) followed.insert(parents.begin(), parents.end());
    std::vector<std::string> heads;
    for (const std::string& name : names_) {
      if (!followed.contains(name)) heads.push_back(name);
    }
    return heads;
  }

  // The newest that both follow, themselves included; null when there is none.
  const v1::Snapshot* Base(const std::string& a, const std::string& b) const {
    const std::set<std::string> of_a = Ancestors(a), of_b = Ancestors(b);
    for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
      if (of_a.contains(*name) && of_b.contains(*name)) return snapshots_.at(*name);
    }
    return nullptr;
  }

  const v1::Snapshot& snapshot(const std::string& name) const { return *snapshots_.at(name); }

 private:
  std::set<std::string> Ancestors(const std::string& name) const {
    std::set<std::string> all;
    std::vector<std::string> next = {name};
    while (!next.empty()) {
      const std::string at = next.back();
      next.pop_back();
      if (!all.insert(at).second) continue;
      const std::vector<std::string>& parents = parents_.at(at);
      next.insert(next.end(), parents.begin(), parents.end());
    }
    return all;
  }

  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::string>> parents_;
  std::map<std::string, const v1::Snapshot*> snapshots_;
};

}  // namespace

absl::StatusOr<History> HistoryOf(const std::vector<Migration>& migrations) {
  const Lineage lineage(migrations);
  if (absl::Status status = lineage.CheckParents(); !status.ok()) return status;
  History history;
  history.heads = lineage.Heads();
  for (const std::string& head : history.heads) {
    if (!history.model) {
      history.model = lineage.snapshot(head);
      continue;
    }
    const v1::Snapshot* base = lineage.Base(history.heads.front(), head);
    absl::StatusOr<v1::Snapshot> merged =
        Merge(base == nullptr ? v1::Snapshot() : *base, {history.heads.front(), *history.model},
              {head, lineage.snapshot(head)});
    if (!merged.ok()) return merged.status();
    history.model = *std::move(merged);
  }
  if (history.model) history.model->clear_parents();
  return history;
}

}  // namespace tenantry::migrate
