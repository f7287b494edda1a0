// Checks that the names which derivation makes differ from each other.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/derive.h"
#include "server/schema/reporter.h"

namespace tenantry::schema {

// Knows from which table or enum a derived name comes. Names are full names.
class DerivedOwners {
 public:
  explicit DerivedOwners(const std::vector<DerivedFile>& files);

  // Returns null when nothing was derived under this name. A name within a message or a service has
  // the owner of that message or service.
  const DerivedOwner* Find(std::string name) const;

 private:
  std::map<std::string, DerivedOwner> owners_;
};

// Reports at the place in the source where `owner` is declared.
void ReportAtOwner(const DerivedOwner& owner, absl::string_view description, Reporter& reporter);

// Reports names that would be declared twice. Reports derived files that would replace a file of
// the schema, which are in `pool`, or each other. Each report says what to rename.
void CheckDerivedNames(const std::vector<DerivedFile>& files,
                       const google::protobuf::DescriptorPool& pool, Reporter& reporter);

}  // namespace tenantry::schema
