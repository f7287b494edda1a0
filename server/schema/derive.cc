#include "server/schema/derive.h"

#include <map>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/schema/derive_table.h"
#include "server/schema/enums.h"
#include "server/schema/file_writer.h"
#include "server/schema/loader.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

using EnumSet = std::set<const pb::EnumDescriptor*>;

// Files of one package must agree on these (buf's PACKAGE_SAME_* rules, and what compilers expect).
pb::FileOptions LanguageOptions(const pb::FileOptions& from) {
  pb::FileOptions to;
  if (from.has_java_package()) to.set_java_package(from.java_package());
  if (from.has_java_multiple_files()) to.set_java_multiple_files(from.java_multiple_files());
  if (from.has_go_package()) to.set_go_package(from.go_package());
  if (from.has_objc_class_prefix()) to.set_objc_class_prefix(from.objc_class_prefix());
  if (from.has_csharp_namespace()) to.set_csharp_namespace(from.csharp_namespace());
  if (from.has_swift_prefix()) to.set_swift_prefix(from.swift_prefix());
  if (from.has_php_class_prefix()) to.set_php_class_prefix(from.php_class_prefix());
  if (from.has_php_namespace()) to.set_php_namespace(from.php_namespace());
  if (from.has_ruby_package()) to.set_ruby_package(from.ruby_package());
  return to;
}

void AddEnumFilter(const pb::EnumDescriptor& type, FileWriter& writer) {
  writer.AddMessage(EnumFilterName(type),
                    absl::StrCat("A condition on a column of type ", type.name(),
                                 ". With no operator set it says nothing."));
  FileWriter::Field eq;
  eq.name = "eq";
  eq.number = 1;
  eq.type = pb::FieldDescriptorProto::TYPE_ENUM;
  eq.type_name = type.full_name();
  eq.type_file = type.file()->name();
  eq.optional = true;
  writer.AddField(eq, "Equal to this value.");
}

DerivedFile DeriveFile(const pb::FileDescriptor& file, const std::vector<const Table*>& tables,
                       const EnumSet& enums) {
  DerivedFile derived;
  FileWriter writer(ServiceFileName(file), file.package());
  writer.Comment({pb::FileDescriptorProto::kSyntaxFieldNumber},
                 absl::StrCat(absl::StripPrefix(kGeneratedMarker, "// "), " from ", file.name(),
                              ". Edits are overwritten."));
  const auto own = [&](DerivedOwner owner) {
    for (const std::string& name : writer.TakeNames()) {
      derived.owners.emplace(absl::StrCat(file.package(), ".", name), owner);
    }
  };
  for (const Table* table : tables) {
    AddTable(*table, writer);
    own({.table = table->message});
  }
  for (const pb::EnumDescriptor* type : enums) {
    AddEnumFilter(*type, writer);
    own({.enum_type = type});
  }
  writer.SetOptions(LanguageOptions(file.options()));
  derived.proto = writer.Finish();
  return derived;
}

}  // namespace

std::string ServiceFileName(const pb::FileDescriptor& file) {
  return absl::StrCat(absl::StripSuffix(file.name(), ".proto"), kServiceSuffix);
}

std::vector<DerivedFile> DeriveServiceFiles(const std::vector<const pb::FileDescriptor*>& files,
                                            const std::deque<Table>& tables) {
  std::map<const pb::FileDescriptor*, std::vector<const Table*>> tables_of;
  std::map<const pb::FileDescriptor*, EnumSet> enums_of;
  for (const Table& table : tables) {
    tables_of[table.message->file()].push_back(&table);
    for (const Column* column : table.filterable()) {
      if (column->enum_type == nullptr) continue;
      const pb::EnumDescriptor* type = column->enum_type->descriptor;
      enums_of[type->file()].insert(type);
    }
  }
  std::vector<DerivedFile> derived;
  for (const pb::FileDescriptor* file : files) {
    if (!tables_of.contains(file) && !enums_of.contains(file)) continue;
    derived.push_back(DeriveFile(*file, tables_of[file], enums_of[file]));
  }
  return derived;
}

}  // namespace tenantry::schema
