// Messages of any type out of a fuzzer's bytes.
#pragma once

#include "google/protobuf/message.h"
#include "tests/fuzz/input.h"

namespace tenantry::fuzz {

// Sets some fields, many of them to values that a validation accepts: UUIDs, days, numbers.
void FillMessage(Input& input, google::protobuf::Message& message, int depth = 0);

// Keeps protobuf from printing what it refuses.
void Silence();

// A text: one that some format accepts, or any.
std::string SomeText(Input& input);

}  // namespace tenantry::fuzz
