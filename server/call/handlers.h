// Methods that are written by hand: a typed function each, registered in one line. Identity,
// request id, deadline, metrics, log line and errors come from the same frame as for derived
// methods (server/call/method.h), so a function does its work and nothing else.
//
// What it takes as its second argument says how it runs:
//
//   pg::ReadTransaction, pg::WriteTransaction: interactive, for code that must see what one
//   statement found before it knows the next. It blocks, on a thread of the worker pool. After a
//   serialization failure or a deadlock it is called again, so it must have no effects outside of
//   its transaction.
//
//     absl::StatusOr<v1::Total> GetTotal(const v1::GetTotalRequest& request,
//                                        pg::ReadTransaction& transaction);
//
//   ReadStatements, WriteStatements: all statements are known at once. They go in one round trip,
//   and the function returns what makes the reply of their results. It does not block.
//
//     call::ReplyLater<v1::Total> GetTotal(const v1::GetTotalRequest& request,
//                                          call::ReadStatements& statements) {
//       auto total = statements.Query<std::int64_t>(
//           "SELECT sum(amount)::bigint FROM saas.orders WHERE tenant_id = $1",
//           statements.identity().tenant());
//       return [total](const call::Results& results) -> absl::StatusOr<v1::Total> { ... };
//     }
//
// Either way: handlers.Add("shop.v1.TotalService/GetTotal", GetTotal);
//
// A status that is not OK is the call's answer and rolls back. InvalidArgument and MakeError of
// server/base/status.h give it violations and a reason. The messages of INTERNAL and UNKNOWN stay
// in the log. Functions are called on many threads at once.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/call/hand_written.h"
#include "server/call/method.h"
#include "server/call/statements.h"
#include "server/call/worker_pool.h"
#include "server/pg/interactive.h"

namespace tenantry::call {

// Makes the reply of what the statements found, on a lane's thread, where it must not block. What a
// write did has been committed by then, so for a write it should not fail.
template <typename Reply>
using MakeReply = std::function<absl::StatusOr<Reply>(const Results&)>;
template <typename Reply>
using ReplyLater = absl::StatusOr<MakeReply<Reply>>;

class Handlers {
 public:
  // What is passed must outlive the methods.
  Handlers(Environment& environment, pg::InteractiveRunner& interactive, WorkerPool& workers)
      : environment_(environment), interactive_(interactive), workers_(workers) {}

  // `name`: "package.Service/Method", whose .proto file is compiled in. Throws std::logic_error,
  // which is not to be caught, when there is no such method or its messages are others.
  template <typename Handler>
  void Add(std::string_view name, Handler handler) {
    AddFunction(name, std::function(std::move(handler)));
  }

  // The full names of the services that have a method here.
  std::vector<std::string> service_names() const { return {services_.begin(), services_.end()}; }

  // The methods that were added. Add no more after that.
  MethodList Take() { return std::move(methods_); }

 private:
  using Message = google::protobuf::Message;

  template <typename Reply, typename Request, typename Transaction>
  void AddFunction(std::string_view name,
                   std::function<absl::StatusOr<Reply>(const Request&, Transaction&)> function) {
    std::string path = AddPath(name, *Request::descriptor(), *Reply::descriptor());
    methods_.push_back(MakeInteractiveMethod<Transaction>(
        std::move(path), environment_, Request::default_instance(), interactive_, workers_,
        [function = std::move(function)](const Message& request, Transaction& transaction,
                                         std::string& reply) {
          return Serialize(function(static_cast<const Request&>(request), transaction), reply);
        }));
  }

  template <typename Reply, typename Request, typename Statements>
  void AddFunction(std::string_view name,
                   std::function<ReplyLater<Reply>(const Request&, Statements&)> function) {
    std::string path = AddPath(name, *Request::descriptor(), *Reply::descriptor());
    methods_.push_back(MakeLaneMethod<Statements>(
        std::move(path), environment_, Request::default_instance(),
        [function = std::move(function)](const Message& request,
                                         Statements& statements) -> absl::StatusOr<EncodeResults> {
          ReplyLater<Reply> later = function(static_cast<const Request&>(request), statements);
          if (!later.ok()) return later.status();
          return EncodeResults(
              [make = *std::move(later)](const Results& results, std::string& reply) {
                return Serialize(make(results), reply);
              });
        }));
  }

  template <typename Reply>
  static absl::Status Serialize(const absl::StatusOr<Reply>& made, std::string& reply) {
    if (made.ok()) made->SerializeToString(&reply);
    return made.status();
  }

  // Checks that the method is there and takes and gives these messages.
  std::string AddPath(std::string_view name, const google::protobuf::Descriptor& request,
                      const google::protobuf::Descriptor& reply);

  Environment& environment_;
  pg::InteractiveRunner& interactive_;
  WorkerPool& workers_;
  std::set<std::string> services_;
  std::set<std::string> paths_;
  MethodList methods_;
};

}  // namespace tenantry::call
