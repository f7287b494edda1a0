#include "server/call/session.h"

#include <memory>
#include <string>
#include <utility>

#include "server/base/status.h"
#include "tenantry/v1/session.pb.h"

namespace tenantry::call {
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

class GetSession final : public Method {
 public:
  GetSession(Environment& environment, pg::InteractiveRunner& runner, WorkerPool& workers)
      : Method("/tenantry.v1.SessionService/GetSession", environment),
        runner_(runner),
        workers_(workers) {}

 private:
  struct Call {
    Frame frame;
    identity::Identity identity;
    std::string request_id;

    void End(const absl::Status& status, std::string reply = {}) {
      frame.End(status, reply, request_id, &identity);
    }
  };

  void Begin(Frame frame, identity::Identity identity, std::string request_id) override {
    auto call = std::make_shared<Call>(Call{frame, std::move(identity), std::move(request_id)});
    if (!workers_.TryRun([this, call] { Run(*call); })) {
      call->End(MakeError(absl::StatusCode::kResourceExhausted,
                          "too many calls wait for a thread; try again later",
                          {.reason = "QUEUE_FULL", .metadata = {}, .violations = {}}));
    }
  }

  void Run(Call& call) {
    v1::GetSessionResponse response;
    runner_.Run(
        call.identity, pg::Access::kReadOnly, call.frame.call().deadline(),
        [&response](pqxx::work& transaction) { return ReadContext(transaction, response); },
        [&call, &response](const absl::Status& status) {
          call.End(status, status.ok() ? response.SerializeAsString() : std::string());
        });
  }

  pg::InteractiveRunner& runner_;
  WorkerPool& workers_;
};

}  // namespace

MethodList SessionMethods(Environment& environment, pg::InteractiveRunner& runner,
                          WorkerPool& workers) {
  MethodList methods;
  methods.push_back(std::make_unique<GetSession>(environment, runner, workers));
  return methods;
}

}  // namespace tenantry::call
