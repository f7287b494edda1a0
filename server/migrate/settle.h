// Renames within one namespace, in an order in which no name is taken twice.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace tenantry::migrate {

struct Named {
  std::string name;
  std::string wanted;  // empty: it goes, under whatever name
  std::function<void(const std::string& from, const std::string& to)> rename;
};

// `taken`: every name that the namespace will have. What goes and has one of them gets a name of
// its own. Names that go round in a circle go through a name of their own too.
void Settle(std::vector<Named> parts, const std::set<std::string>& taken);

}  // namespace tenantry::migrate
