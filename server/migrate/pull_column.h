// A column of a database as a field.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// An enum type, and what it becomes.
struct PulledEnum {
  std::string sql_name;                                     // as in a column's type
  std::string full_name;                                    // of the proto enum
  std::vector<std::pair<std::string, std::string>> values;  // label, constant
};

struct PulledColumn {
  std::string type;                  // of the field
  std::vector<std::string> options;  // of tenantry.v1.column: `max_length: 50`
  bool optional = false;             // the field needs the word
  bool repeated = false;
  std::string check;         // the condition that the options stand for; empty when none
  bool keeps_rules = false;  // the type alone makes a check of the column's name
};

// What the table knows of the column beyond its definition.
struct ColumnUse {
  bool is_delete_time = false;
  bool is_create_time = false;
  bool is_update_time = false;
  std::string check;  // the condition of the check that has the name of the column's rules
};

PulledColumn FieldOf(const v1::Column& column, const ColumnUse& use,
                     const std::vector<PulledEnum>& enums);

bool IsTimestamp(const v1::Column& column);

}  // namespace tenantry::migrate
