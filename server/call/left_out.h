// Fields that replies leave out because the API cannot say their values: told in the log, counted,
// and named to the caller.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/metrics.h"
#include "server/base/rows.h"
#include "server/codec/codec.h"
#include "server/plan/plan.h"

namespace tenantry::call {

// Trailing metadata of a reply that lacks values: `Contact.metadata,Contact.notes`.
inline constexpr char kUnreadableTrailer[] = "tenantry-unreadable";

// The names of such fields, each once. A trailer has room for the first of them.
class UnreadableNames {
 public:
  void Add(std::string name);
  bool empty() const { return names_.empty(); }
  // The trailer's value.
  std::string ToString() const;

 private:
  std::set<std::string> names_;
  std::size_t bytes_ = 0;
};

class LeftOutReport {
 public:
  explicit LeftOutReport(MetricRegistry& metrics);
  ~LeftOutReport();

  // Adds to `names`. The log gets a line with table, key and column, never the value, and for each
  // column one in some seconds. Thread-safe.
  void Report(const plan::Call& call, const Rows& rows,
              const std::vector<codec::LeftOutField>& fields, std::string_view tenant,
              std::string_view request_id, UnreadableNames& names);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::call
