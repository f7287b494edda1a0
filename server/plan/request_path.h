// Where in a request a message is.
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace tenantry::plan {

// The path of `part`, as violations write it: `order.items[2]`. Empty when the request does not
// hold it. It looks through all of the request: for errors alone.
std::string PathOf(const google::protobuf::Message& request, const google::protobuf::Message& part);

}  // namespace tenantry::plan
