#include "server/schema/api_package.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/schema/naming.h"
#include "server/schema/options.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

constexpr absl::string_view kVersion = ".v1";

// Such as v1 or v2beta1.
bool IsVersion(absl::string_view name) {
  return name.size() > 1 && name[0] == 'v' &&
         absl::ascii_isdigit(static_cast<unsigned char>(name[1]));
}

bool IsPackage(absl::string_view package) {
  return absl::c_all_of(absl::StrSplit(package, '.'), IsSnakeIdentifier);
}

class PackageChooser {
 public:
  PackageChooser(const std::vector<const pb::FileDescriptor*>& files,
                 const std::deque<Table>& tables, Reporter& reporter)
      : files_(files), tables_(tables), reporter_(reporter) {}

  std::string Choose() {
    for (const pb::FileDescriptor* file : files_) {
      const std::string named = DatabaseOf(*file).api_package();
      if (named.empty()) continue;
      CheckNamed(*file, named);
      if (package_.empty()) {
        package_ = named;
      } else if (package_ != named) {
        reporter_.Report(*file, absl::StrCat("api_package `", named, "` differs from `", package_,
                                             "`, which another file names: a schema has one API"));
      }
    }
    return package_.empty() ? Default() : package_;
  }

 private:
  void CheckNamed(const pb::FileDescriptor& file, const std::string& named) {
    if (!IsPackage(named)) {
      reporter_.Report(file, absl::StrCat("api_package `", named, "` is no package's name"));
    } else if (absl::StartsWith(absl::StrCat(named, "."), "tenantry.") ||
               absl::StartsWith(absl::StrCat(named, "."), "google.")) {
      reporter_.Report(file, absl::StrCat("api_package `", named, "` is not the schema's to use"));
    }
    for (const pb::FileDescriptor* other : files_) {
      if (other->package() != named) continue;
      reporter_.Report(file, absl::StrCat("api_package `", named,
                                          "` is the package of the schema itself: give the API "
                                          "another one"));
      return;
    }
  }

  std::string Default() {
    const pb::FileDescriptor* first = nullptr;
    for (const Table& table : tables_) {
      const pb::FileDescriptor* file = table.message->file();
      if (first == nullptr) first = file;
      if (file->package() == first->package()) continue;
      reporter_.Report(
          *file, absl::StrCat("there are tables in the packages `", first->package(), "` and `",
                              file->package(),
                              "`: name the package of the API, which is one for all, by the "
                              "option (tenantry.v1.database).api_package of a file"));
      return "";
    }
    if (first == nullptr || first->package().empty()) return "";  // reported already
    const std::string& package = first->package();
    const auto dot = package.rfind('.');
    if (dot != std::string::npos && IsVersion(absl::string_view(package).substr(dot + 1))) {
      reporter_.Report(*first, absl::StrCat("the package `", package,
                                            "` ends in a version, which belongs to the "
                                            "API: name the schema's package `",
                                            package.substr(0, dot), "`, and the API is `",
                                            package.substr(0, dot), kVersion,
                                            "`; or name the API's by the option api_package"));
      return "";
    }
    return absl::StrCat(package, kVersion);
  }

  const std::vector<const pb::FileDescriptor*>& files_;
  const std::deque<Table>& tables_;
  Reporter& reporter_;
  std::string package_;
};

}  // namespace

std::string ApiPackage(const std::vector<const pb::FileDescriptor*>& files,
                       const std::deque<Table>& tables, Reporter& reporter) {
  return PackageChooser(files, tables, reporter).Choose();
}

}  // namespace tenantry::schema
