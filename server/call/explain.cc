#include "server/call/explain.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/call/lane_call.h"
#include "server/call/request_types.h"
#include "server/codec/explained.h"
#include "tenantry/v1/explain.pb.h"

namespace tenantry::call {
namespace {

using google::protobuf::Message;

absl::Status NotAllowed(std::string_view role) {
  return MakeError(
      absl::StatusCode::kPermissionDenied,
      absl::StrCat("role ", ToAbsl(role), " may not ask what a read does (explain-roles)"),
      {.reason = "EXPLAIN_NOT_ALLOWED", .metadata = {}, .violations = {}});
}

absl::Status NoRead(const google::protobuf::Any& request) {
  return InvalidArgument(
      {{"request",
        request.type_url().empty()
            ? "is required: the request of a read, such as a ListContactsRequest"
            : absl::StrCat("must be the request of a read; ", TypeToTell(request), " is none")}});
}

class ExplainCall final : public LaneCall {
 public:
  ExplainCall(const Frame& frame, Environment& environment, identity::Identity identity,
              std::string request_id)
      : LaneCall(frame, environment, std::move(identity), pg::Access::kReadOnly,
                 std::move(request_id)) {}

  absl::Status Prepare(const RequestTypes& requests, DerivedEnvironment& derived,
                       const std::vector<std::string>& roles) {
    if (!absl::c_linear_search(roles, identity().role())) return NotAllowed(identity().role());
    absl::StatusOr<std::string_view> bytes = call().RequestBytes();
    if (!bytes.ok()) return bytes.status();
    v1::ExplainRequest asked;
    absl::Status status = Decode(*bytes, environment().violations_max, asked);
    if (!status.ok()) return status;
    status = Plan(asked, requests, derived);
    if (!status.ok()) return status;
    planned_.ForEachStatement([&](const plan::Statement& planned) {
      pg::Statement& statement = statements.emplace_back();
      statement.text = codec::Explained(*planned.plan->text, asked.analyze());
      codec::BindParameters(planned_, planned, identity().tenant(), derived.ids, statement.params);
    });
    return absl::OkStatus();
  }

 private:
  absl::Status Plan(const v1::ExplainRequest& asked, const RequestTypes& requests,
                    DerivedEnvironment& derived) {
    const schema::Method* method = requests.Find(asked.request());
    if (method == nullptr || !method->read_only) return NoRead(asked.request());
    request_ = requests.NewRequest(*method);
    absl::Status status = Decode(asked.request().value(), environment().violations_max, *request_);
    if (!status.ok()) return status;
    absl::StatusOr<plan::Call> planned = derived.planner.Prepare(*method, *request_);
    if (!planned.ok()) return planned.status();
    planned_ = *std::move(planned);
    return absl::OkStatus();
  }

  absl::Status Encode(const absl::InlinedVector<pg::ResultRows, 1>& results,
                      std::string& reply) override {
    v1::ExplainResponse response;
    std::size_t next = 0;
    planned_.ForEachStatement([&](const plan::Statement& planned) {
      v1::ExplainedStatement& statement = *response.add_statements();
      const codec::PlanText plan(results[next++]);
      statement.set_sql(planned.plan->text->sql);
      statement.set_plan_json(std::string(plan.json()));
      statement.set_cost(plan.Number("Total Cost").value_or(0));
      statement.set_rows(plan.Number("Plan Rows").value_or(0));
      if (auto time = plan.Number("Execution Time")) statement.set_milliseconds(*time);
    });
    if (!response.SerializeToString(&reply)) {
      return absl::InternalError("a plan could not be written");
    }
    if (reply.size() > environment().reply_bytes_max) {
      return ReplyTooLarge(environment().reply_bytes_max);
    }
    return absl::OkStatus();
  }

  std::unique_ptr<Message> request_;
  plan::Call planned_;  // points into the request
};

class ExplainMethod final : public Method {
 public:
  ExplainMethod(const schema::Schema& schema, Environment& environment, DerivedEnvironment& derived,
                std::vector<std::string> roles)
      : Method(absl::StrCat("/", kExplainService, "/Explain"), environment),
        requests_(schema),
        derived_(derived),
        roles_(std::move(roles)) {}

 private:
  void Begin(Frame frame, identity::Identity identity, std::string request_id) override {
    auto* call = new ExplainCall(frame, environment(), std::move(identity), std::move(request_id));
    call->Start(call->Prepare(requests_, derived_, roles_));
  }

  const RequestTypes requests_;
  DerivedEnvironment& derived_;
  const std::vector<std::string> roles_;
};

}  // namespace

std::unique_ptr<Method> MakeExplainMethod(const schema::Schema& schema, Environment& environment,
                                          DerivedEnvironment& derived,
                                          std::vector<std::string> roles) {
  return std::make_unique<ExplainMethod>(schema, environment, derived, std::move(roles));
}

}  // namespace tenantry::call
