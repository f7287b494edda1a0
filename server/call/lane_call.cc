#include "server/call/lane_call.h"

#include <utility>

#include "absl/time/clock.h"

namespace tenantry::call {

LaneCall::LaneCall(const Frame& frame, Environment& environment, identity::Identity identity,
                   pg::Access access, std::string id)
    : TenantTransaction(std::move(identity), access), frame_(frame), environment_(environment) {
  request_id = std::move(id);
  deadline = frame_.call().deadline();
}

void LaneCall::Start(const absl::Status& prepared) {
  if (prepared.ok()) return environment_.submit(this);
  std::string nothing;
  End(prepared, nothing);
}

void LaneCall::Done(absl::Status status, absl::InlinedVector<pg::ResultRows, 1> results) {
  if (!status.ok() && GoesOn(status)) return;
  thread_local std::string reply;  // its memory serves one reply after the other
  if (sent_at > absl::UnixEpoch()) {
    const std::int64_t sent = absl::ToUnixNanos(sent_at);
    environment_.stages.queue.ObserveNanos(sent - watch().last());
    environment_.stages.database.ObserveNanos(absl::GetCurrentTimeNanos() - sent);
  }
  if (status.ok()) {
    Stopwatch encoding;
    status = Encode(results, reply);
    if (!status.ok()) reply.clear();
    encoding.Lap(environment_.stages.encode);
  }
  End(status.ok() ? status : Tell(status), reply);
}

void LaneCall::End(const absl::Status& status, std::string& reply) {
  frame_.End(status, reply, request_id, &identity());
  delete this;
}

}  // namespace tenantry::call
