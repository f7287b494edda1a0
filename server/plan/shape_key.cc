#include "server/plan/shape_key.h"

namespace tenantry::plan {
namespace {

void AppendNumber(std::string& key, int number) {
  while (number >= 0x80) {
    key.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  key.push_back(static_cast<char>(number));
}

}  // namespace

std::string KeyPrefix(std::size_t method) {
  std::string key;
  AppendNumber(key, static_cast<int>(method));
  return key;
}

std::string ShapeKey(const ListShape& shape) {
  std::string key;
  key.push_back(static_cast<char>((shape.descending ? 1 : 0) | (shape.show_deleted ? 2 : 0) |
                                  (shape.after_cursor ? 4 : 0) | (shape.bounded ? 8 : 0)));
  AppendNumber(key, shape.rows_max);
  AppendNumber(key, shape.order == nullptr ? 0 : shape.order->number());
  for (const FilterTerm& term : shape.terms) AppendNumber(key, term.column->number());
  return key;
}

std::string ShapeKey(const std::vector<Assignment>& assignments, int conflict_key) {
  std::string key;
  AppendNumber(key, conflict_key);
  for (const Assignment& assignment : assignments) {
    AppendNumber(key, assignment.column->number() << 1 | (assignment.to_default ? 1 : 0));
  }
  return key;
}

}  // namespace tenantry::plan
