// JSON text -> wire bytes of google.protobuf.Struct.
#pragma once

#include <string>
#include <string_view>

namespace tenantry::codec {

// Appends the message's bytes. False when the text is no JSON object; a jsonb column that we write
// holds only objects, but others may write it too.
bool AppendStruct(std::string_view json, std::string& out);

}  // namespace tenantry::codec
