// Every kind of change, each with rows: what migrations, roll-outs and loads are tested with. A new
// kind joins all of these by an entry here.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace tenantry::migrate {

struct Case {
  const char* name;
  std::string before, after;
  const char* rows;      // SQL, $T stands for a tenant
  const char* question;  // about the rows afterwards: one value as text
  const char* answer;
};

const std::vector<Case>& Cases();
// Those of them that are about views.
std::vector<Case> ViewCases();
// Type changes: those of Cases that would write a table anew, and more of what is built on a
// column.
const std::vector<Case>& OnlineCases();
// Of both.
const Case& CaseNamed(const std::string& name);

inline void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

}  // namespace tenantry::migrate
