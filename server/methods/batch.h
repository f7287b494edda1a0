// What batches have in common.
#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"

namespace tenantry::methods {

// The entries of a batch, in the repeated `field` of a request.
struct BatchEntries {
  const google::protobuf::FieldDescriptor* field;
  int entries_max;

  // How many there are; 0 with a violation when there are none, or too many.
  int Count(const google::protobuf::Message& request, plan::Violations& violations) const;
};

// A violation at each entry that has the key of one before. `append` appends the canonical form of
// an entry's key (repeated_keys.h), which is valid.
void RefuseRepeatedKeys(const google::protobuf::FieldDescriptor& field, int count,
                        absl::FunctionRef<void(int entry, std::string& bytes)> append,
                        plan::Violations& violations);

// Adds the etags of all of Call::rows, which are the entries. Nothing when none has one.
std::optional<plan::Slot> AddEtags(plan::Call& call, plan::Violations& violations);

// That an entry, which is a request of its own, leaves to the batch what is one thing for all of
// its entries. `select_remedy` says what to do instead of a select.
void CheckEntry(const google::protobuf::Message& entry, const plan::Path& path,
                absl::string_view select_remedy, plan::Violations& violations);

}  // namespace tenantry::methods
