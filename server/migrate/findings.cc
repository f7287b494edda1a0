#include "server/migrate/findings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace tenantry::migrate {
namespace {

// Subjects that a line names; the others are counted.
constexpr std::size_t kSubjectsNamed = 3;

std::string ListOf(const std::vector<std::string>& subjects) {
  if (subjects.size() <= kSubjectsNamed + 1) return absl::StrJoin(subjects, ", ");
  const std::vector<std::string> named(subjects.begin(), subjects.begin() + kSubjectsNamed);
  return absl::StrCat(absl::StrJoin(named, ", "), " and ", subjects.size() - kSubjectsNamed,
                      " more");
}

}  // namespace

void Findings::Add(const std::string& words, const std::string& subject) {
  auto cause = std::find_if(causes_.begin(), causes_.end(),
                            [&](const auto& known) { return known.first == words; });
  if (cause == causes_.end()) cause = causes_.insert(cause, {words, {}});
  std::vector<std::string>& subjects = cause->second;
  if (std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) {
    subjects.push_back(subject);
  }
}

std::vector<std::string> Findings::Lines() const {
  std::vector<std::string> lines;
  for (const auto& [words, subjects] : causes_) {
    lines.push_back(absl::StrReplaceAll(words, {{"$0", ListOf(subjects)}}));
  }
  return lines;
}

}  // namespace tenantry::migrate
