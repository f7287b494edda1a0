#include "server/grpc/session.h"

#include <memory>
#include <string>
#include <utility>

#include "server/base/status.h"
#include "server/call/error_reply.h"
#include "server/grpc/metadata.h"
#include "server/grpc/status_mapping.h"
#include "tenantry/v1/session.pb.h"

namespace tenantry::rpc {
namespace {

constexpr char kReadContext[] =
    "SELECT tenantry.tenant_id()::text,"
    " coalesce(pg_catalog.current_setting('app.user_id', true), ''),"
    " current_user::text";

absl::Status ReadContext(pqxx::work& transaction, v1::GetSessionResponse& response) {
  pqxx::result rows = transaction.exec(kReadContext);
  response.set_tenant_id(rows[0][0].as<std::string>());
  response.set_user_id(rows[0][1].as<std::string>());
  response.set_role(rows[0][2].as<std::string>());
  return absl::OkStatus();
}

}  // namespace

// One call. It lives until its reply is sent, on whichever thread that happens.
class SessionService::GetSession {
 public:
  GetSession(SessionService& service, UnaryCall& call)
      : service_(service),
        wire_(call),
        request_id_(RequestIdOf(Metadata(call.context()))),
        deadline_(DeadlineOf(call.context())),
        identity_(service.dependencies_.authenticator.Authenticate(Metadata(call.context()))) {
    service.get_session_metrics_.Started();
  }

  static void Handle(SessionService& service, UnaryCall& wire) {
    auto call = std::make_shared<GetSession>(service, wire);
    if (!call->identity_.ok()) {
      call->Finish(call->identity_.status());
    } else if (!service.dependencies_.workers.TryRun([call] { call->Run(); })) {
      call->Finish(MakeError(absl::StatusCode::kResourceExhausted,
                             "too many calls wait for a thread; try again later",
                             {.reason = "QUEUE_FULL", .metadata = {}, .violations = {}}));
    }
  }

 private:
  void Run() {
    v1::GetSessionResponse response;
    service_.dependencies_.runner.Run(
        *identity_, pg::Access::kReadOnly, deadline_,
        [&response](pqxx::work& transaction) { return ReadContext(transaction, response); },
        [this, &response](const absl::Status& status) {
          if (status.ok()) wire_.reply() = Serialize(response);
          Finish(status);
        });
  }

  void Finish(const absl::Status& status) {
    std::int64_t nanos = absl::GetCurrentTimeNanos() - watch_.start();
    service_.get_session_metrics_.Finished(status.code(), nanos);
    if (!status.ok()) {
      Log(call::LogLevelOf(status.code()), "call failed",
          {{"method", "/tenantry.v1.SessionService/GetSession"},
           {"code", call::CodeName(status.code())},
           {"reason", ReasonOf(status)},
           {"request_id", request_id_},
           {"ms", static_cast<double>(nanos) / 1e6}});
    }
    wire_.Finish(ToGrpcStatus(status, request_id_));
  }

  SessionService& service_;
  UnaryCall& wire_;
  call::Stopwatch watch_;
  std::string request_id_;
  absl::Time deadline_;
  absl::StatusOr<identity::Identity> identity_;
};

SessionService::SessionService(const Dependencies& dependencies)
    : dependencies_(dependencies),
      get_session_metrics_(dependencies.metrics, kSession, "GetSession") {
  AddUnary("/tenantry.v1.SessionService/GetSession",
           [this](UnaryCall& call) { GetSession::Handle(*this, call); });
}

}  // namespace tenantry::rpc
