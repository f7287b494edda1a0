// What a list says beside its rows.
#pragma once

#include <ostream>
#include <string>

#include "google/protobuf/message.h"

namespace tenantry::cli {

// The field of a reply that asks for the page after it; null when replies of this type have none.
const google::protobuf::FieldDescriptor* NextTokenOf(const google::protobuf::Descriptor& reply);

// Tells the total and how to go on, each when the reply has it.
void TellPage(const google::protobuf::Message& reply, std::ostream& out);

// Takes the tokens out of a reply that pages were gathered in.
void ClearTokens(google::protobuf::Message& reply);

}  // namespace tenantry::cli
