// Checks on the values of a request. Every violation carries the path of its field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/status.h"
#include "server/plan/plan.h"
#include "server/plan/value.h"

namespace tenantry::plan {

// Where in the request we are; a chain on the stack, rendered only for a violation.
class Path {
 public:
  Path() = default;
  Path(const Path& parent, std::string_view name, int index = -1)
      : parent_(&parent), name_(name), index_(index) {}

  std::string ToString() const;  // `requests[3].contact.email`

 private:
  const Path* parent_ = nullptr;
  std::string_view name_;
  int index_ = -1;
};

// Collects violations up to a limit.
class Violations {
 public:
  explicit Violations(std::size_t max) : max_(max) {}

  void Add(const Path& path, std::string description);
  bool empty() const { return found_.empty(); }
  bool full() const { return found_.size() >= max_; }
  absl::Status ToStatus() &&;

 private:
  std::size_t max_;
  std::vector<FieldViolation> found_;
};

// A value to be written: type, length, bounds, enum numbers, UTF-8, NUL. `value` is present. Makes
// the JSON text of a Struct on the way.
void CheckWritten(const schema::Column& column, const Value& value, const Path& path,
                  Violations& violations, JsonTexts& json);

// A value to compare with, or all elements of a repeated field: what cannot be such a value at all.
// A text too long for the column is no error here; it matches nothing. JSON text is made where
// `json` is given.
void CheckCompared(const schema::Column& column, const Value& value, const Path& path,
                   Violations& violations, JsonTexts* json = nullptr);

// Enum numbers outside of columns (order fields, directions, conflict keys).
void CheckEnumKnown(const Value& value, const Path& path, Violations& violations);

}  // namespace tenantry::plan
