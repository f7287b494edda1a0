#include "server/call/streamed_call.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/pg/failure.h"

namespace tenantry::call {

StreamedCall::StreamedCall(const Frame& frame, Environment& environment,
                           DerivedEnvironment& derived, StreamEnvironment& streams,
                           identity::Identity identity, std::string request_id)
    : frame_(frame),
      environment_(environment),
      derived_(derived),
      streams_(streams),
      identity_(std::move(identity)),
      request_id_(std::move(request_id)) {}

void StreamedCall::Start(const std::shared_ptr<StreamedCall>& call) {
  absl::StatusOr<StreamPlaces::Place> place =
      call->streams_.places.Take(call->identity_.tenant_text());
  if (!place.ok()) return call->End(place.status());
  call->place_.emplace(*std::move(place));
  if (!call->streams_.workers.TryRun([call] { call->Run(); })) call->End(pg::ShuttingDown());
}

void StreamedCall::End(const absl::Status& status, std::string reply) {
  place_.reset();  // who has heard of the end may begin the next one
  frame_.End(status, reply, request_id_, &identity_);
}

pg::InteractiveTerms StreamedCall::Terms() const {
  IncomingCall& incoming = call();
  return {.identity = identity_,
          .deadline = std::min(incoming.deadline(), absl::Now() + streams_.time_max),
          .request_id = request_id_,
          .cancelled = [&incoming] { return incoming.cancelled(); }};
}

pg::Statement StreamedCall::Bind(plan::Call& planned) const {
  pg::Statement statement;
  statement.text = planned.plan->text;
  codec::BindParameters(planned, planned, identity_.tenant(), derived_.ids, statement.params);
  return statement;
}

}  // namespace tenantry::call
