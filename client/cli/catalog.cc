#include "client/cli/catalog.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/names.h"
#include "google/protobuf/descriptor.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using tenantry::v1::MethodKind;

// "METHOD_KIND_BATCH_GET" -> "batch-get".
std::string KindName(MethodKind kind) {
  constexpr char kPrefix[] = "METHOD_KIND_";
  return Kebab(
      absl::AsciiStrToLower(tenantry::v1::MethodKind_Name(kind).substr(sizeof(kPrefix) - 1)));
}

std::string WithoutSuffix(std::string text, const std::string& suffix) {
  if (text.ends_with(suffix) && text.size() > suffix.size()) {
    text.resize(text.size() - suffix.size());
  }
  return text;
}

// The standard method that a method says it is; the table is null when it says nothing.
Method Describe(const MethodDescriptor& descriptor) {
  Method method;
  method.descriptor = &descriptor;
  const auto& options = descriptor.options().GetExtension(tenantry::v1::method);
  const bool known = options.kind() != tenantry::v1::METHOD_KIND_UNSPECIFIED &&
                     tenantry::v1::MethodKind_IsValid(options.kind());
  if (known) method.table = descriptor.file()->pool()->FindMessageTypeByName(options.resource());
  if (method.table != nullptr) method.kind = options.kind();
  method.name = method.table != nullptr ? KindName(options.kind()) : Kebab(descriptor.name());
  return method;
}

bool Named(const Resource& resource, const std::string& name) {
  const std::string wanted = Kebab(name);
  return wanted == resource.name || (!resource.plural.empty() && wanted == resource.plural) ||
         name == resource.full_name || resource.full_name.ends_with("." + name);
}

// Commands that take a word. The others (methods, config, session) stand alone.
bool IsCommandWithWords(const std::string& name) {
  return name == "help" || name == "describe" || name == "health" || name == "call" ||
         name == "transact" || name == "completion";
}

}  // namespace

std::string Method::Path() const {
  return absl::StrCat("/", descriptor->service()->full_name(), "/", descriptor->name());
}

Catalog::Catalog(const DescriptorPool& pool, const std::vector<std::string>& services) {
  for (const std::string& name : services) {
    if (name.starts_with("grpc.reflection.") || name.starts_with("grpc.health.")) continue;
    const ServiceDescriptor* service = pool.FindServiceByName(name);
    if (service != nullptr) {
      Add(*service);
    } else {
      unresolved_.push_back(name);
    }
  }
  std::stable_sort(resources_.begin(), resources_.end(), [](const Resource& a, const Resource& b) {
    // Tables first: they are what the program is for.
    return std::tuple(a.table == nullptr, a.name) < std::tuple(b.table == nullptr, b.name);
  });
  ChooseWords();
}

void Catalog::ChooseWords() {
  for (Resource& resource : resources_) {
    const bool free = !IsCommandWithWords(resource.name) && FindResource(resource.name).ok();
    resource.word = free ? resource.name : resource.full_name;
  }
}

void Catalog::Add(const ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    Method method = Describe(*service.method(i));
    const std::string own_name = Kebab(WithoutSuffix(service.name(), "Service"));
    Resource& resource =
        method.table != nullptr
            ? ResourceOf(method.table->full_name(), Kebab(method.table->name()), method.table)
            : ResourceOf(service.full_name(), own_name, nullptr);
    if (method.kind == tenantry::v1::METHOD_KIND_LIST) {
      const std::string& rpc = method.descriptor->name();
      resource.plural = Kebab(rpc.starts_with("List") ? rpc.substr(4) : rpc);
    }
    resource.methods.push_back(std::move(method));
  }
}

Resource& Catalog::ResourceOf(const std::string& full_name, const std::string& name,
                              const Descriptor* table) {
  for (Resource& resource : resources_) {
    if (resource.full_name == full_name) return resource;
  }
  Resource& resource = resources_.emplace_back();
  resource.name = name;
  resource.full_name = full_name;
  resource.table = table;
  return resource;
}

absl::StatusOr<const Resource*> Catalog::FindResource(const std::string& name) const {
  std::vector<const Resource*> found;
  std::vector<std::string> names;
  for (const Resource& resource : resources_) {
    if (Named(resource, name)) found.push_back(&resource);
    names.push_back(resource.name);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    const std::string hint = DidYouMean(Kebab(name), names);
    return absl::NotFoundError(absl::StrCat("the server has no resource \"", name, "\"", hint,
                                            hint.empty() ? "; see `tenantry methods`" : ""));
  }
  std::vector<std::string> full_names;
  for (const Resource* resource : found) full_names.push_back(resource->full_name);
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" may be any of ", absl::StrJoin(full_names, ", "), "; give the full name"));
}

absl::StatusOr<const Method*> Catalog::FindMethod(const Resource& resource,
                                                  const std::string& name) {
  std::vector<std::string> names;
  for (const Method& method : resource.methods) {
    if (method.name == Kebab(name) || method.descriptor->name() == name) return &method;
    names.push_back(method.name);
  }
  const std::string hint = DidYouMean(Kebab(name), names);
  return absl::NotFoundError(
      absl::StrCat(resource.name, " has no method \"", name, "\"",
                   hint.empty() ? absl::StrCat("; it has ", absl::StrJoin(names, ", ")) : hint));
}

std::vector<std::string> PrimaryKey(const Descriptor& table) {
  const auto& options = table.options().GetExtension(tenantry::v1::resource);
  if (options.keys().empty()) return {};
  return {options.keys(0).fields().begin(), options.keys(0).fields().end()};
}

}  // namespace tenantry::cli
