#include "server/migrate/settle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

class Namespace {
 public:
  Namespace(const std::vector<Named>& parts, const std::set<std::string>& taken) : taken_(taken) {
    for (const Named& part : parts) used_.insert(part.name);
  }

  bool IsFree(const std::string& name) const { return !used_.contains(name); }

  // A name that nothing has or will have.
  std::string Aside(const std::string& name) const {
    for (int n = 1;; ++n) {
      std::string aside =
          schema::FitIdentifier(absl::StrCat(name, "__old", n == 1 ? "" : std::to_string(n)));
      if (IsFree(aside) && !taken_.contains(aside)) return aside;
    }
  }

  void Rename(Named& part, const std::string& to) {
    part.rename(part.name, to);
    used_.erase(part.name);
    used_.insert(to);
    part.name = to;
  }

 private:
  const std::set<std::string>& taken_;
  std::set<std::string> used_;
};

}  // namespace

void Settle(std::vector<Named> parts, const std::set<std::string>& taken) {
  Namespace names(parts, taken);
  for (Named& part : parts) {
    if (part.wanted.empty() && taken.contains(part.name)) {
      names.Rename(part, names.Aside(part.name));
    }
  }
  std::erase_if(parts, [](const Named& part) { return part.wanted.empty(); });
  auto done = [](const Named& part) { return part.name == part.wanted; };
  while (true) {
    std::erase_if(parts, done);
    if (parts.empty()) return;
    auto next = std::find_if(parts.begin(), parts.end(),
                             [&](const Named& part) { return names.IsFree(part.wanted); });
    if (next != parts.end()) {
      names.Rename(*next, next->wanted);
    } else {
      names.Rename(parts.front(), names.Aside(parts.front().name));
    }
  }
}

}  // namespace tenantry::migrate
