// The message of a table in the API.
#pragma once

#include <set>

#include "google/protobuf/descriptor.h"
#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

// The order of declaration. With it, what is derived is always the same.
struct ByDeclaration {
  bool operator()(const google::protobuf::EnumDescriptor* a,
                  const google::protobuf::EnumDescriptor* b) const;
};
using EnumSet = std::set<const google::protobuf::EnumDescriptor*, ByDeclaration>;

// The message has the table's columns, except the hidden ones, with their own names and numbers,
// and its relations. The enums of `enums` that are declared within the table's message are copied
// into it.
void AddResource(const ApiLayout& api, const Table& table, const EnumSet& enums,
                 FileWriter& writer);

// What callers do with a field: of a request it tells what they must and may leave out.
enum class FieldUse { kRequest, kReply };
// Adds the column's field to the message that was added last.
void AddColumnField(const ApiLayout& api, const Column& column, FieldUse use, FileWriter& writer);

// Whether all of them are in the API, that is, none is hidden.
bool IsInApi(const std::vector<const Column*>& columns);

// A field of the column's type, without options.
FileWriter::Field FieldOf(const ApiLayout& api, const Column& column, std::string name, int number);

}  // namespace tenantry::schema
