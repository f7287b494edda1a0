// What a read does, for people: `tenantry contact list --where type=company --explain`.
#pragma once

#include <ostream>

#include "google/protobuf/message.h"
#include "tenantry/v1/explain.pb.h"

namespace tenantry::cli {

// Asks about a read by its request.
tenantry::v1::ExplainRequest ExplainRequestOf(const google::protobuf::Message& request,
                                              bool analyze);

// Each statement with the tree of its plan.
void PrintPlans(const tenantry::v1::ExplainResponse& response, std::ostream& out);

}  // namespace tenantry::cli
