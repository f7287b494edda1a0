// A model in namespaces that nobody else has, to be made, read and rolled back.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// The scratch namespace that stands for a namespace.
std::string ScratchOf(const std::string& name);

// The model with all its names in scratch namespaces.
v1::Snapshot InScratch(const v1::Snapshot& original);

// Replaces the first of each pair by the second in all texts of the message. Names of scratch
// namespaces are nowhere else: every text that has one is about that namespace.
void OutOfScratch(google::protobuf::Message* message,
                  const std::vector<std::pair<std::string, std::string>>& names);

}  // namespace tenantry::migrate
