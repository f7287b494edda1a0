// Fields that replies leave out because the API cannot say their values: told in the log, counted,
// and named to the caller.
#pragma once

#include <memory>
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

class LeftOutReport {
 public:
  explicit LeftOutReport(MetricRegistry& metrics);
  ~LeftOutReport();

  // Returns the trailer's value. The log gets a line with table, key and column, never the value,
  // and for each column one in some seconds. Thread-safe.
  std::string Report(const plan::Call& call, const Rows& rows,
                     const std::vector<codec::LeftOutField>& fields, std::string_view tenant,
                     std::string_view request_id);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::call
