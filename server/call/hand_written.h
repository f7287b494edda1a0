// How the functions of hand-written methods are run, whatever their messages are. To register one,
// see server/call/handlers.h.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/call/method.h"
#include "server/call/statements.h"
#include "server/call/worker_pool.h"
#include "server/pg/interactive.h"

namespace tenantry::call {

// Takes the request, runs its statements and writes the reply's bytes. `Transaction`:
// pg::ReadTransaction or pg::WriteTransaction. It blocks.
template <typename Transaction>
using InteractiveFunction = std::function<absl::Status(
    const google::protobuf::Message& request, Transaction& transaction, std::string& reply)>;

// Writes the reply's bytes.
using EncodeResults = std::function<absl::Status(const Results& results, std::string& reply)>;
// Takes the request and says its statements. `Statements`: ReadStatements or WriteStatements.
template <typename Statements>
using LaneFunction = std::function<absl::StatusOr<EncodeResults>(
    const google::protobuf::Message& request, Statements& statements)>;

// `prototype`: of the request. What is passed must outlive the method.
template <typename Transaction>
std::unique_ptr<Method> MakeInteractiveMethod(std::string path, Environment& environment,
                                              const google::protobuf::Message& prototype,
                                              pg::InteractiveRunner& runner, WorkerPool& workers,
                                              InteractiveFunction<Transaction> function);
template <typename Statements>
std::unique_ptr<Method> MakeLaneMethod(std::string path, Environment& environment,
                                       const google::protobuf::Message& prototype,
                                       LaneFunction<Statements> function);

}  // namespace tenantry::call
