// Values that a request takes over from the requests of steps before it (tenantry.v1.Reference).
#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/base/ids.h"
#include "server/schema/schema.h"

namespace tenantry::call {

class References {
 public:
  // What is passed must outlive it.
  References(const schema::Schema& schema, IdGenerator& ids);

  // Sets the field at the path `to` of a request to the value at `from` of another one. An
  // identifier that `earlier` leaves to the server, being the request of `method`, is made now and
  // set there as well.
  //
  // INVALID_ARGUMENT with violations of the fields `field` and `from`.
  absl::Status Take(std::string_view to, google::protobuf::Message& request, std::string_view from,
                    google::protobuf::Message& earlier, const schema::Method& method) const;

 private:
  bool MakesIdentifier(const google::protobuf::FieldDescriptor& field,
                       const schema::Method& method) const;
  std::string NewIdentifier(const google::protobuf::FieldDescriptor& field) const;

  IdGenerator& ids_;
  // The columns whose values the server makes, by their fields in resources.
  absl::flat_hash_map<const google::protobuf::FieldDescriptor*, const schema::Column*> made_;
};

}  // namespace tenantry::call
