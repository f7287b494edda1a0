// Shapes of statements, and a list of those that a server answers.
//
// A shape is what a method is asked, without any value: columns, relations, operators, order. It is
// told by the query's key, which does not change with the order of declarations, nor with a release
// that prints other SQL.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace tenantry::plan {

struct Shape {
  std::string method;  // `/saas.v1.ContactService/ListContacts`
  std::string key;     // the query's, in base64
  std::string sql;     // for readers

  // What a list keeps of it: `METHOD KEY`.
  std::string Id() const { return method + " " + key; }
  // `METHOD KEY SQL`, without a line break.
  std::string Line() const;
};

// A file of shapes: a line for each, as above; what stands behind the key is not read. Empty lines
// and those that begin with # say nothing.
class ShapeList {
 public:
  // INVALID_ARGUMENT names the line that is no shape.
  static absl::StatusOr<ShapeList> Parse(std::string_view text);

  bool Contains(const Shape& shape) const { return ids_.contains(shape.Id()); }
  // False when it was there.
  bool Add(const Shape& shape) { return ids_.insert(shape.Id()).second; }
  std::size_t size() const { return ids_.size(); }

 private:
  absl::flat_hash_set<std::string> ids_;
};

// What a server does with the shapes that it meets. Both are asked when a plan is made.
struct ShapeRules {
  // Nothing: all are answered.
  std::optional<ShapeList> allowed{};
  // Is told each shape, also more than once and by several threads; may be empty.
  std::function<void(const Shape&)> record{};

  bool any() const { return allowed.has_value() || record != nullptr; }
};

}  // namespace tenantry::plan
