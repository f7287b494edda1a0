// Keys that a BatchGet names more than once.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "server/plan/value.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// Both empty when all keys differ.
struct RepeatedKeys {
  std::vector<int> first;   // the entries whose keys are new
  std::vector<int> row_of;  // for each entry, the place in `first` of the one with its key
};

// Compares the keys of `size` entries. `append` appends the canonical form of an entry's key.
RepeatedKeys FindRepeatedKeys(int size,
                              absl::FunctionRef<void(int entry, std::string& bytes)> append);

// Appends bytes that are equal exactly when the database takes the values for equal. The value is
// valid. A key of several columns is the forms of its parts, one behind the other.
void AppendCanonicalKey(const schema::Column& column, const plan::Value& value, std::string& bytes);

}  // namespace tenantry::methods
