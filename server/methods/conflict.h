// What an upsert does with a row that has its key already.
#pragma once

#include <vector>

#include "google/protobuf/message.h"
#include "server/plan/plan.h"
#include "server/plan/validate.h"
#include "server/plan/write_rules.h"
#include "server/schema/schema.h"

namespace tenantry::methods {

// What one request says: which key tells whether the row is there, and what is changed then.
struct Upserted {
  const google::protobuf::Message* row = nullptr;
  plan::Columns key;
  bool is_primary = true;
  std::vector<plan::Change> changes;
};

// The fields of a request that say so.
class UpsertFields {
 public:
  UpsertFields(const schema::Table& table, const google::protobuf::Descriptor& request);

  // Checks the row too. `path` is that of the request. What it gives is of use only when there are
  // no violations.
  Upserted Take(const google::protobuf::Message& request, const plan::Path& path,
                plan::Violations& violations, plan::JsonTexts& json) const;

  const google::protobuf::FieldDescriptor* conflict_key() const { return conflict_key_; }
  const google::protobuf::FieldDescriptor* mask() const { return mask_; }

 private:
  const schema::Table& table_;
  const google::protobuf::FieldDescriptor* const resource_;
  const google::protobuf::FieldDescriptor* const conflict_key_;
  const google::protobuf::FieldDescriptor* const mask_;
};

// The insert of rows, without their values and what it returns.
plan::Insert InsertOrUpdate(const schema::Table& table, const Upserted& upserted,
                            std::size_t row_bytes_max);

}  // namespace tenantry::methods
