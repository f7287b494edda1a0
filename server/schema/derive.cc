#include "server/schema/derive.h"

#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/schema/derive_aggregate.h"
#include "server/schema/derive_filter.h"
#include "server/schema/derive_functions.h"
#include "server/schema/derive_order.h"
#include "server/schema/derive_resource.h"
#include "server/schema/derive_select.h"
#include "server/schema/derive_table.h"
#include "server/schema/enums.h"
#include "server/schema/file_writer.h"
#include "server/schema/functions.h"
#include "server/schema/loader.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

// A file that is being written, and the owner of each name in it.
class ApiFile {
 public:
  ApiFile(std::string name, const ApiLayout& api, const std::string& origin,
          const pb::FileOptions& options)
      : writer_(std::move(name), api.package, api.comments) {
    writer_.Comment({pb::FileDescriptorProto::kSyntaxFieldNumber},
                    absl::StrCat(absl::StripPrefix(kGeneratedMarker, "// "), " from ", origin,
                                 ". Edits are overwritten."));
    writer_.options() = options;
    writer_.options().SetExtension(v1::generated, true);
    writer_.Import("tenantry/v1/api.proto");
  }

  FileWriter& writer() { return writer_; }

  // Everything that was added since the last call belongs to `owner`.
  void Own(DerivedOwner owner) {
    for (const std::string& name : writer_.TakeNames()) {
      file_.owners.emplace_back(absl::StrCat(writer_.package(), ".", name), owner);
    }
  }

  DerivedFile Finish() {
    file_.proto = writer_.Finish();
    return std::move(file_);
  }

 private:
  FileWriter writer_;
  DerivedFile file_;
};

// The options for languages, from the schema's files. Files of one package must agree on these:
// buf's rules PACKAGE_SAME_* and compilers want it.
pb::FileOptions LanguageOptions(const std::vector<const pb::FileDescriptor*>& files) {
  pb::FileOptions to;
  for (const pb::FileDescriptor* file : files) {
    const pb::FileOptions& from = file->options();
    if (from.has_java_package()) to.set_java_package(from.java_package());
    if (from.has_java_multiple_files()) to.set_java_multiple_files(from.java_multiple_files());
    if (from.has_go_package()) to.set_go_package(from.go_package());
    if (from.has_objc_class_prefix()) to.set_objc_class_prefix(from.objc_class_prefix());
    if (from.has_csharp_namespace()) to.set_csharp_namespace(from.csharp_namespace());
    if (from.has_swift_prefix()) to.set_swift_prefix(from.swift_prefix());
    if (from.has_php_class_prefix()) to.set_php_class_prefix(from.php_class_prefix());
    if (from.has_php_namespace()) to.set_php_namespace(from.php_namespace());
    if (from.has_ruby_package()) to.set_ruby_package(from.ruby_package());
  }
  return to;
}

class ApiDeriver {
 public:
  ApiDeriver(const ApiLayout& api, const std::vector<const pb::FileDescriptor*>& files,
             const std::deque<Table>& tables, const std::deque<Function>& functions)
      : api_(api), files_(files), functions_(functions), options_(LanguageOptions(files)) {
    for (const Table& table : tables) tables_of_[table.message->file()].push_back(&table);
    std::vector<std::string> names;
    for (const pb::FileDescriptor* file : files) {
      if (HasServices(*file)) names.push_back(file->name());
    }
    for (const Function& function : functions) {
      AddEnums(function.request);
      AddEnums(function.row);
      for (const Function::List& list : function.lists) AddEnums(list.entry);
    }
    for (const Table& table : tables) {
      AddEnums(table);
      if (!IsRead(table)) continue;
      for (const Column* column : table.readable()) {
        if (column->enum_type == nullptr) continue;
        EnumUse& use = filtered_[column->enum_type->descriptor];
        (column->array ? use.list : use.single) = true;
      }
      for (const Relation& relation : table.relations) {
        if (relation.many) listed_.insert(relation.target);
      }
    }
    origin_ = absl::StrJoin(names, ", ");
  }

  std::vector<DerivedFile> Derive() {
    std::vector<DerivedFile> derived;
    derived.push_back(Resources());
    ApiFile queries(api_.queries(), api_, origin_, options_);
    std::vector<DerivedFile> services;
    for (const pb::FileDescriptor* file : files_) {
      if (HasServices(*file)) services.push_back(Services(*file, queries));
      EnumFilters(*file, queries);
    }
    if (!queries.writer().empty()) derived.push_back(queries.Finish());
    for (DerivedFile& file : services) derived.push_back(std::move(file));
    return derived;
  }

 private:
  // The part of `map` that is for `file`.
  template <typename Map>
  static const typename Map::mapped_type& Of(const Map& map, const pb::FileDescriptor* file) {
    static const typename Map::mapped_type kNothing;
    auto found = map.find(file);
    return found == map.end() ? kNothing : found->second;
  }

  bool HasServices(const pb::FileDescriptor& file) const {
    if (tables_of_.contains(&file)) return true;
    for (int i = 0; i < file.service_count(); ++i) {
      if (HasFunctions(*file.service(i))) return true;
    }
    return false;
  }

  void AddEnums(const Table& rows) {
    for (const Column& column : rows.columns) {
      if (column.enum_type == nullptr || column.is_hidden()) continue;
      enums_of_[column.enum_type->descriptor->file()].insert(column.enum_type->descriptor);
    }
  }

  DerivedFile Resources() {
    ApiFile resources(api_.resources(), api_, origin_, options_);
    for (const pb::FileDescriptor* file : files_) {
      for (const Table* table : Of(tables_of_, file)) {
        AddResource(api_, *table, Of(enums_of_, file), resources.writer());
        resources.Own({.table = table->message});
      }
      // An enum within a table's message was added with that message.
      for (const pb::EnumDescriptor* type : Of(enums_of_, file)) {
        if (type->containing_type() != nullptr) continue;
        resources.writer().CopyEnum(*type, false);
        resources.Own({.enum_type = type});
      }
    }
    return resources.Finish();
  }

  DerivedFile Services(const pb::FileDescriptor& file, ApiFile& queries) {
    ApiFile services(api_.services(file), api_, file.name(), options_);
    for (const Table* table : Of(tables_of_, &file)) {
      if (IsRead(*table)) Reads(*table, queries.writer());
      AddTable(api_, *table, services.writer(), queries.writer());
      services.Own({.table = table->message});
      queries.Own({.table = table->message});
    }
    for (int i = 0; i < file.service_count(); ++i) {
      if (!HasFunctions(*file.service(i))) continue;
      AddFunctionService(api_, *file.service(i), functions_, messages_, services.writer());
      services.Own({.service = file.service(i)});
    }
    return services.Finish();
  }

  void Reads(const Table& table, FileWriter& queries) {
    AddFilter(api_, table, queries);
    AddSelect(api_, table, queries);
    AddOrder(api_, table, queries);
    AddGroupBy(api_, table, queries);
    if (HasRelationAggregates(table)) AddAggregatesSelect(api_, table, queries);
    if (listed_.contains(&table) ||
        absl::c_linear_search(table.methods, v1::METHOD_KIND_AGGREGATE)) {
      AddMeasure(api_, table, queries);
    }
    if (!listed_.contains(&table)) return;
    AddListFilter(api_, table, queries);
    AddListSelect(api_, table, queries);
  }

  void EnumFilters(const pb::FileDescriptor& file, ApiFile& queries) {
    for (const pb::EnumDescriptor* type : Of(enums_of_, &file)) {
      const auto use = filtered_.find(type);
      if (use == filtered_.end()) continue;
      AddEnumFilters(api_, *type, use->second, queries.writer());
      queries.Own({.enum_type = type});
    }
  }

  const ApiLayout& api_;
  const std::vector<const pb::FileDescriptor*>& files_;
  const std::deque<Function>& functions_;
  std::set<const pb::Descriptor*> messages_;  // of functions: those that are added
  const pb::FileOptions options_;
  std::string origin_;  // the files with tables or functions
  std::map<const pb::FileDescriptor*, std::vector<const Table*>> tables_of_;
  std::map<const pb::FileDescriptor*, EnumSet> enums_of_;
  std::map<const pb::EnumDescriptor*, EnumUse> filtered_;
  std::set<const Table*> listed_;  // those that other tables have many of
};

}  // namespace

std::string ApiLayout::File(absl::string_view name) const {
  return absl::StrCat(absl::StrReplaceAll(package, {{".", "/"}}), "/", name);
}

std::string ApiLayout::services(const pb::FileDescriptor& file) const {
  absl::string_view stem = absl::StripSuffix(file.name(), ".proto");
  stem = stem.substr(stem.rfind('/') + 1);
  return File(absl::StrCat(stem, kServiceSuffix));
}

std::string ApiLayout::Name(absl::string_view name) const {
  return absl::StrCat(package, ".", name);
}

std::string ApiLayout::Resource(const Table& table) const { return Name(table.message->name()); }

std::string ApiLayout::Enum(const pb::EnumDescriptor& type) const {
  if (type.containing_type() == nullptr) return Name(type.name());
  return Name(absl::StrCat(type.containing_type()->name(), ".", type.name()));
}

std::vector<DerivedFile> DeriveApi(const ApiLayout& api,
                                   const std::vector<const pb::FileDescriptor*>& files,
                                   const std::deque<Table>& tables,
                                   const std::deque<Function>& functions) {
  return ApiDeriver(api, files, tables, functions).Derive();
}

}  // namespace tenantry::schema
