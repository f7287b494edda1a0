// What the isolation suite found. Findings are collected and do not fail a test at once. So tests
// of the suite can run it on a database that is broken on purpose, and check that it finds
// something.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tenantry::isolation {

class Findings {
 public:
  void Add(std::string finding) {
    if (count_++ < kKept) kept_.push_back(std::move(finding));
  }
  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  // Whether some finding holds this text.
  bool Mentions(std::string_view text) const {
    for (const std::string& finding : kept_) {
      if (finding.find(text) != std::string::npos) return true;
    }
    return false;
  }
  std::string ToString() const {
    std::string all = absl::StrCat(count_, " findings\n");
    for (const std::string& finding : kept_) absl::StrAppend(&all, "  ", finding, "\n");
    return all;
  }

 private:
  static constexpr std::size_t kKept = 2000;

  std::vector<std::string> kept_;
  std::size_t count_ = 0;
};

}  // namespace tenantry::isolation
