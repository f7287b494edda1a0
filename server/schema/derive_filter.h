// The filters of the API: `ContactFilter` and what its fields are made of.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

std::string FilterName(const Table& table);                                // ContactFilter
std::string EnumFilterName(const google::protobuf::EnumDescriptor& type);  // ContactTypeFilter

// A field for each readable column and each relation to a table that is read, under its number, and
// all_of, any_of and none_of.
void AddFilter(const ApiLayout& api, const Table& table, FileWriter& writer);
// What other tables' filters say of the table's rows when they have many of them.
void AddListFilter(const ApiLayout& api, const Table& table, FileWriter& writer);

// Which filters a type of enum needs: of columns that hold one value, and of those that hold a
// list.
struct EnumUse {
  bool single = false;
  bool list = false;
};
void AddEnumFilters(const ApiLayout& api, const google::protobuf::EnumDescriptor& type, EnumUse use,
                    FileWriter& writer);

}  // namespace tenantry::schema
