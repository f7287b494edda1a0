// The filters of the API, such as `ContactFilter`, and the types of their fields.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

std::string FilterName(const Table& table);                                // ContactFilter
std::string EnumFilterName(const google::protobuf::EnumDescriptor& type);  // ContactTypeFilter

// The filter has a field for each readable column and for each relation to a table that is read,
// with the number of that. It also has all_of, any_of and none_of.
void AddFilter(const ApiLayout& api, const Table& table, FileWriter& writer);
// The filter that other tables have on the rows of this one, for relations to many.
void AddListFilter(const ApiLayout& api, const Table& table, FileWriter& writer);

// Which filters an enum needs: one for columns with a single value, one for columns with a list.
struct EnumUse {
  bool single = false;
  bool list = false;
};
void AddEnumFilters(const ApiLayout& api, const google::protobuf::EnumDescriptor& type, EnumUse use,
                    FileWriter& writer);

}  // namespace tenantry::schema
