// What is wrong with a database, told in few lines: what has one cause is one line, however many
// tables it concerns.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tenantry::migrate {

class Findings {
 public:
  // `words` hold one `$0`, which stands for the subjects: those of the same words become a list.
  // Words without `$0` are a finding by themselves.
  void Add(const std::string& words, const std::string& subject = "");

  bool empty() const { return causes_.empty(); }
  // One line for each cause, in the order of Add. A long list of subjects is cut and counted.
  std::vector<std::string> Lines() const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> causes_;  // words, subjects
};

}  // namespace tenantry::migrate
