// What a refused call says, decoded: the code and message of grpc::Status and the google.rpc
// details that travel with it (AIP-193).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "grpcpp/support/status.h"

namespace tenantry::client {

struct Violation {
  std::string field;        // path from the request message, as in `contact.email`
  std::string description;  // what the field must be
};

struct Error {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;  // for people
  std::string reason;   // for programs: UPPER_SNAKE_CASE, stable; empty when the server sent none
  std::string domain;
  std::map<std::string, std::string> metadata;  // table, column, constraint, request_id, ...
  std::vector<Violation> violations;            // all of them, in the server's order
};

// Details that are missing or not understood leave their fields empty.
Error DecodeError(const grpc::Status& status);

// "NOT_FOUND" and so on.
std::string CodeName(grpc::StatusCode code);

// One line: "INVALID_ARGUMENT (INVALID_ARGUMENT): message [contact.email: must be ...]".
std::string ToString(const Error& error);

}  // namespace tenantry::client
