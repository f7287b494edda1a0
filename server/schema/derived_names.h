// Names that derivation makes, which must differ from each other.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/schema/derive.h"
#include "server/schema/reporter.h"

namespace tenantry::schema {

// Which table or enum a derived name comes from, by the name's full form.
class DerivedOwners {
 public:
  explicit DerivedOwners(const std::vector<DerivedFile>& files);

  // Null when nothing was derived under this name. A name within a message or a service is that of
  // the message or service.
  const DerivedOwner* Find(std::string name) const;

 private:
  std::map<std::string, DerivedOwner> owners_;
};

// Reports at `owner`'s place in the source.
void ReportAtOwner(const DerivedOwner& owner, absl::string_view description, Reporter& reporter);

// Reports names that would be there twice, and files that would be written over one of the schema's
// (in `pool`) or over each other. Each report says what to rename.
void CheckDerivedNames(const std::vector<DerivedFile>& files,
                       const google::protobuf::DescriptorPool& pool, Reporter& reporter);

}  // namespace tenantry::schema
