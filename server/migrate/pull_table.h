// A table of a database as a message.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/migrate/pull_column.h"
#include "server/schema/schema.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// A table, and the message that it becomes.
struct PulledTable {
  const v1::Table* table = nullptr;
  std::string full_name;  // of the message
  int number = 0;
  bool tenant_root = false;
  const schema::Table* known = nullptr;  // whose numbers are kept
  std::string view;                      // the query of a view; empty: it is none
};

struct PulledDatabase {
  std::string tenant_column, role_prefix;
  std::vector<PulledEnum> enums;
  std::vector<PulledTable> tables;
  std::set<std::string> generated;  // columns that the database computes: `schema.table.column`

  const PulledTable* Find(const std::string& schema, const std::string& name) const;
};

// The text of the message.
std::string MessageOf(const PulledTable& table, const PulledDatabase& database);

}  // namespace tenantry::migrate
