#include "server/migrate/steps.h"

#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tenantry::migrate {
namespace {

using Graph = std::vector<std::set<std::size_t>>;  // step -> those that come after it

struct Users {
  std::vector<std::size_t> makers, needers, destroyers;
};

Graph GraphOf(const std::vector<Step>& steps) {
  std::map<std::string, Users> objects;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const std::string& name : steps[i].makes) objects[name].makers.push_back(i);
    for (const std::string& name : steps[i].needs) objects[name].needers.push_back(i);
    for (const std::string& name : steps[i].destroys) objects[name].destroyers.push_back(i);
  }
  Graph after(steps.size());
  auto order = [&](const std::vector<std::size_t>& first, const std::vector<std::size_t>& second) {
    for (std::size_t a : first) {
      for (std::size_t b : second) {
        if (a != b) after[a].insert(b);
      }
    }
  };
  for (const auto& [name, users] : objects) {
    order(users.makers, users.needers);
    order(users.needers, users.destroyers);
    order(users.makers, users.destroyers);
  }
  return after;
}

}  // namespace

absl::StatusOr<Statements> Steps::InOrder() const {
  const Graph after = GraphOf(steps_);
  std::vector<int> waits_for(steps_.size(), 0);
  for (const auto& nexts : after) {
    for (std::size_t next : nexts) ++waits_for[next];
  }
  std::set<std::pair<Phase, std::size_t>> ready;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (waits_for[i] == 0) ready.insert({steps_[i].phase, i});
  }
  Statements ordered;
  while (!ready.empty()) {
    const std::size_t step = ready.begin()->second;
    ready.erase(ready.begin());
    ordered.push_back(steps_[step].statement);
    for (std::size_t next : after[step]) {
      if (--waits_for[next] == 0) ready.insert({steps_[next].phase, next});
    }
  }
  if (ordered.size() == steps_.size()) return ordered;
  std::string circle;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (waits_for[i] > 0) absl::StrAppend(&circle, "\n  ", steps_[i].statement.sql);
  }
  return absl::InternalError(
      absl::StrCat("these statements depend on each other in a circle:", circle));
}

}  // namespace tenantry::migrate
