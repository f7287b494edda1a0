// Standard methods by the types of their requests: for services that take a request of any of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"
#include "server/schema/schema.h"

namespace tenantry::call {

class RequestTypes {
 public:
  // The schema must outlive it.
  explicit RequestTypes(const schema::Schema& schema);

  // Null for what is no request of a standard method.
  const schema::Method* Find(const google::protobuf::Any& request) const;
  std::unique_ptr<google::protobuf::Message> NewRequest(const schema::Method& method) const;

 private:
  mutable google::protobuf::DynamicMessageFactory factory_;
  absl::flat_hash_map<std::string, const schema::Method*> methods_;
};

// The full name of the type, or what stands for it where it is too long to be told back.
std::string TypeToTell(const google::protobuf::Any& message);

}  // namespace tenantry::call
