#include "server/call/session.h"

#include <string>

#include "tenantry/v1/session.pb.h"

namespace tenantry::call {
namespace {

ReplyLater<v1::GetSessionResponse> GetSession(const v1::GetSessionRequest&,
                                              ReadStatements& statements) {
  auto context = statements.Query<std::string, std::string, std::string>(
      "SELECT tenantry.tenant_id(),"
      " coalesce(pg_catalog.current_setting('app.user_id', true), ''),"
      " current_user");
  return [context](const Results& results) -> absl::StatusOr<v1::GetSessionResponse> {
    auto row = results.Row(context);
    if (!row.ok()) return row.status();
    auto& [tenant, user, role] = **row;
    v1::GetSessionResponse response;
    response.set_tenant_id(tenant);
    response.set_user_id(user);
    response.set_role(role);
    return response;
  };
}

}  // namespace

void AddSessionService(Handlers& handlers) {
  handlers.Add("tenantry.v1.SessionService/GetSession", GetSession);
}

}  // namespace tenantry::call
