// Checks on the values of a request. Every violation carries the path of its field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/status.h"
#include "server/plan/plan.h"
#include "server/plan/value.h"

namespace tenantry::plan {

// A place in the request. It is a chain on the stack, and becomes text only for a violation.
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
  std::size_t size() const { return found_.size(); }
  bool full() const { return found_.size() >= max_; }
  absl::Status ToStatus() &&;

 private:
  std::size_t max_;
  std::vector<FieldViolation> found_;
};

// Checks a value that is to be written: its type, length, bounds, enum numbers, UTF-8 and NUL.
// `value` is present. The JSON text of a Struct, which the check makes, is kept in `json`.
void CheckWritten(const schema::Column& column, const Value& value, const Path& path,
                  Violations& violations, JsonTexts& json);

// Checks a value that is compared with a column, or all elements of a repeated field. Only what can
// never be such a value is an error: a text that is too long for the column matches nothing. JSON
// text is kept in `json`, if it is given.
void CheckCompared(const schema::Column& column, const Value& value, const Path& path,
                   Violations& violations, JsonTexts* json = nullptr);

// Checks the number of an enum that is not a column's, such as a direction.
void CheckEnumKnown(const Value& value, const Path& path, Violations& violations);

}  // namespace tenantry::plan
