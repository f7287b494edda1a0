// Names and numbers of what is pulled: those of the database, as protobuf can have them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/schema/schema.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// `OrderItem` of `order_items`.
std::string MessageNameOf(std::string_view table);
// In lower_snake_case: `first_name` of `firstName`.
std::string FieldNameOf(std::string_view column);
// In the database that follows from the protos: the same name, unless a schema refuses it.
std::string NameAfter(const std::string& name);
// The constant's name without the enum's prefix: `IN_PROGRESS` of `in progress`.
std::string ConstantOf(std::string_view label);

// Gives each thing a name of its own: a second `Order` becomes `Order2`.
class FreeNames {
 public:
  std::string Take(std::string name);

 private:
  std::set<std::string> taken_;
};

// The numbers of a table's columns and keys: those that a schema of before gave, and new ones that
// it never gave.
class Numbers {
 public:
  // `known` may be null.
  explicit Numbers(const schema::Table* known);

  // Names are those that the protos give (NameAfter), by which they are found again.
  int OfColumn(const std::string& name) { return Of(columns_, name); }
  // A relation is known by the fields that it is made of and the message that it leads to, since
  // its constraint's name does not stay.
  int OfRelation(const std::vector<std::string>& fields, const std::string& target);
  int OfKey(const std::string& name);

 private:
  int Of(const std::map<std::string, int>& given, const std::string& name);

  std::map<std::string, int> columns_, relations_, keys_;
  std::set<int> taken_;  // of the message
  int next_ = 1, next_key_ = 2;
};

}  // namespace tenantry::migrate
