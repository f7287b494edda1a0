// What a server offers, by the names that people type: resources and their methods.
//
// The resource of a service with standard methods is their resource: `contact`, `order-item`; its
// methods are named by kind: get, list, create, update, delete, upsert, batch-get, batch-create,
// aggregate, undelete, batch-update, batch-delete, batch-upsert, update-many, delete-many.
// Any other service is a resource with the service's name (`greeter` for pkg.GreeterService) and
// its methods (`say-hello`).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::cli {

struct Method {
  std::string name;  // "batch-get"
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  tenantry::v1::MethodKind kind = tenantry::v1::METHOD_KIND_UNSPECIFIED;
  const google::protobuf::Descriptor* table = nullptr;  // null: no standard method

  std::string Path() const;  // "/saas.v1.ContactService/GetContact"
};

struct Resource {
  std::string name;       // "order-item"
  std::string plural;     // "order-items"; empty without a table
  std::string full_name;  // of the table's message, or of the service
  // What to type: the name, or the full name where the name is a command's or another resource's.
  std::string word;
  const google::protobuf::Descriptor* table = nullptr;  // null: a service without a table
  std::vector<Method> methods;
};

class Catalog {
 public:
  // Services that `pool` cannot resolve are left out and named in `unresolved()`. Services of gRPC
  // itself (reflection, health) are left out too.
  Catalog(const google::protobuf::DescriptorPool& pool, const std::vector<std::string>& services);

  const std::vector<Resource>& resources() const { return resources_; }
  const std::vector<std::string>& unresolved() const { return unresolved_; }

  // Finds a resource by its singular or plural, with or without a package (v1.Contact).
  // NOT_FOUND suggests the nearest name. INVALID_ARGUMENT lists the choices when several packages
  // have one.
  absl::StatusOr<const Resource*> FindResource(const std::string& name) const;

  static absl::StatusOr<const Method*> FindMethod(const Resource& resource,
                                                  const std::string& name);

 private:
  void Add(const google::protobuf::ServiceDescriptor& service);
  void ChooseWords();
  Resource& ResourceOf(const std::string& full_name, const std::string& name,
                       const google::protobuf::Descriptor* table);

  std::vector<Resource> resources_;
  std::vector<std::string> unresolved_;
};

// Names of the primary key's fields, in order.
std::vector<std::string> PrimaryKey(const google::protobuf::Descriptor& table);

}  // namespace tenantry::cli
