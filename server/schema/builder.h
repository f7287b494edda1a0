// Descriptors -> Schema: checks everything, then derives the API.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/schema/derive.h"
#include "server/schema/enums.h"
#include "server/schema/loader.h"
#include "server/schema/reporter.h"
#include "server/schema/schema.h"
#include "server/schema/tables.h"

namespace tenantry::schema {

class SchemaBuilder {
 public:
  SchemaBuilder(LoadedFiles files, const Source& source, Reporter& reporter);

  // Returns null when something was reported.
  std::unique_ptr<const Schema> Build();

 private:
  void BuildTables();
  void AddTable(const google::protobuf::Descriptor& message, EnumTypes& enums);
  void BuildApi(std::vector<DerivedFile> derived);
  void LinkApi(const ApiLayout& api);
  void AddMethods(const google::protobuf::ServiceDescriptor& service, const Table& table);
  void LinkFunction(const ApiLayout& api, Function& function);

  LoadedFiles files_;
  const std::string functions_;  // as in Source
  const bool api_text_;
  Reporter& reporter_;
  std::unique_ptr<Schema> schema_;
  std::deque<TableDraft> drafts_;
};

}  // namespace tenantry::schema
