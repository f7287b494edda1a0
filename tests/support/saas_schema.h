// The schema that ships with the project, loaded once per test binary, and requests for its
// methods.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"
#include "server/schema/schema.h"

namespace tenantry::testing {

// Root of the source tree (TENANTRY_SOURCE_DIR, or the working directory).
std::string SourceDir();

// Aborts the test binary when it does not load.
const schema::Schema& SaasSchema();
// The ledger schema of tests/support/schemas: every column type, composite keys, another tenant
// column.
const schema::Schema& LedgerSchema();

// By the rpc's name: `GetContact`.
const schema::Method& MethodNamed(const schema::Schema& schema, std::string_view rpc);

// A request of the method from text format. Aborts when the text does not parse.
std::unique_ptr<google::protobuf::Message> MakeRequest(const schema::Method& method,
                                                       std::string_view text);
// A message of any type in the schema's pool.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

}  // namespace tenantry::testing
