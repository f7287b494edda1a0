#include "server/schema/derived_names.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

constexpr absl::string_view kRenameMessage =
    "rename the message or the field; the option `name` keeps its name in the database";
constexpr absl::string_view kRenameField =
    "rename the field; the option `name` keeps the column's name in the database";

std::string NameOf(const DerivedOwner& owner) {
  if (owner.service != nullptr) return absl::StrCat("the service ", owner.service->full_name());
  return owner.table != nullptr ? absl::StrCat("the table ", owner.table->full_name())
                                : absl::StrCat("the enum ", owner.enum_type->full_name());
}

class NameCheck {
 public:
  NameCheck(const pb::DescriptorPool& pool, Reporter& reporter)
      : pool_(pool), reporter_(reporter) {}

  void Check(const DerivedFile& file) {
    const std::string& path = file.proto.name();
    if (pool_.FindFileByName(path) != nullptr) {
      reporter_.ReportAt(path, -1, -1, "", "the API is written to this name; move what is in it");
    }
    if (!paths_.insert(path).second) {
      reporter_.ReportAt(path, -1, -1, "",
                         "the services of two files of the schema would be written to this name: "
                         "rename one of the two files");
    }
    for (const auto& [name, owner] : file.owners) Claim(name, owner);
    for (const pb::DescriptorProto& message : file.proto.message_type()) {
      CheckFields(file, message);
    }
    for (const pb::EnumDescriptorProto& type : file.proto.enum_type()) CheckValues(file, type);
  }

 private:
  void Claim(const std::string& name, const DerivedOwner& owner) {
    auto [first, fresh] = owners_.emplace(name, owner);
    // One table makes a name twice only for a field or a value, which is reported where that is
    // checked.
    if (fresh || first->second == owner) return;
    ReportAtOwner(owner,
                  absl::StrCat("derives the name `", name, "`, which ", NameOf(first->second),
                               " derives already: rename one of the two"),
                  reporter_);
  }

  const DerivedOwner& OwnerOf(const DerivedFile& file, const std::string& name) const {
    return owners_.at(absl::StrCat(file.proto.package(), ".", name));
  }

  void CheckFields(const DerivedFile& file, const pb::DescriptorProto& message) {
    std::set<std::string> seen;
    for (const pb::FieldDescriptorProto& field : message.field()) {
      if (seen.insert(field.name()).second) continue;
      ReportAtOwner(OwnerOf(file, message.name()),
                    absl::StrCat("the derived message ", message.name(), " would have two fields `",
                                 field.name(), "`: ", kRenameMessage),
                    reporter_);
    }
  }

  void CheckValues(const DerivedFile& file, const pb::EnumDescriptorProto& type) {
    std::set<std::string> seen;
    for (const pb::EnumValueDescriptorProto& value : type.value()) {
      if (seen.insert(value.name()).second) continue;
      ReportAtOwner(OwnerOf(file, type.name()),
                    absl::StrCat("the derived enum ", type.name(), " would have two values `",
                                 value.name(), "`: ", kRenameField),
                    reporter_);
    }
  }

  const pb::DescriptorPool& pool_;
  Reporter& reporter_;
  std::map<std::string, DerivedOwner> owners_;
  std::set<std::string> paths_;
};

}  // namespace

DerivedOwners::DerivedOwners(const std::vector<DerivedFile>& files) {
  for (const DerivedFile& file : files) {
    owners_.insert(file.owners.begin(), file.owners.end());
  }
}

const DerivedOwner* DerivedOwners::Find(std::string name) const {
  while (true) {
    if (auto found = owners_.find(name); found != owners_.end()) return &found->second;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) return nullptr;
    name.resize(dot);
  }
}

void ReportAtOwner(const DerivedOwner& owner, absl::string_view description, Reporter& reporter) {
  if (owner.service != nullptr) {
    reporter.Report(*owner.service, description);
  } else if (owner.table != nullptr) {
    reporter.Report(*owner.table, description);
  } else {
    reporter.Report(*owner.enum_type, description);
  }
}

void CheckDerivedNames(const std::vector<DerivedFile>& files, const pb::DescriptorPool& pool,
                       Reporter& reporter) {
  NameCheck check(pool, reporter);
  for (const DerivedFile& file : files) check.Check(file);
}

}  // namespace tenantry::schema
