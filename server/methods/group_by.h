// What groups the rows of an aggregate.
#pragma once

#include <string>

#include "google/protobuf/message.h"
#include "server/methods/standard_method.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"

namespace tenantry::methods {

// Walks the entries of one `group_by`.
class GroupByWalk {
 public:
  GroupByWalk(const RequestLimits& limits, plan::Call& call, plan::Violations& violations)
      : limits_(limits), call_(call), violations_(violations) {}

  // Adds what the entry names to `grouping`, which is of the request's table.
  void Take(const google::protobuf::Message& entry, const plan::Path& path,
            plan::Grouping& grouping) {
    TakeEntry(entry, path, 0, grouping);
  }

  // Keys so far.
  int keys() const { return keys_; }

 private:
  // `depth` relations below the request's table.
  void TakeEntry(const google::protobuf::Message& entry, const plan::Path& path, int depth,
                 plan::Grouping& grouping);
  void TakeColumn(const google::protobuf::Message& entry, const plan::Path& path,
                  plan::Grouping& grouping);
  void TakeUnit(const google::protobuf::Message& entry, const plan::Path& path,
                plan::GroupKey& key);
  void CheckDate(const std::string& zone_name, const plan::GroupKey& key,
                 const plan::Path& unit_path, const plan::Path& zone_path);

  const RequestLimits& limits_;
  plan::Call& call_;
  plan::Violations& violations_;
  int keys_ = 0;
};

}  // namespace tenantry::methods
