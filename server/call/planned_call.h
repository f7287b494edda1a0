// A call whose statements are made of requests of standard methods: of one (call/derived.h), or of
// several (call/transact.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/call/derived.h"
#include "server/call/lane_call.h"
#include "server/call/once.h"
#include "server/plan/plan.h"

namespace tenantry::call {

class PlannedCall : public LaneCall {
 public:
  // As LaneCall::Start, unless the call would cost more than its role may.
  void StartWithinCosts(const absl::Status& prepared);

 protected:
  PlannedCall(const Frame& frame, Environment& environment, DerivedEnvironment& derived,
              identity::Identity identity, pg::Access access, std::string request_id)
      : LaneCall(frame, environment, std::move(identity), access, std::move(request_id)),
        derived_(derived) {}

  // Makes the statements of the calls, which must not move from then on. With a claim the whole is
  // done once (once.h). Where it is only to be tried, a last statement takes it back.
  absl::Status Bind(absl::Span<plan::Call* const> calls, std::optional<RequestClaim> claim,
                    bool only_tried);

  // As LaneCall::Encode. `results` has one for each statement of the calls.
  virtual absl::Status EncodeCalls(absl::Span<const Rows* const> results, std::string& reply) = 0;

  // Encodes one call's reply; `results` has those of its statements. Adds to `unreadable` what
  // the trailer kUnreadableTrailer is to say.
  absl::Status EncodeOne(const plan::Call& call, absl::Span<const Rows* const> results,
                         std::size_t bytes_max, std::string& reply, UnreadableNames& unreadable);

  DerivedEnvironment& derived() const { return derived_; }

 private:
  bool GoesOn(const absl::Status& outcome) final;
  absl::Status Encode(const absl::InlinedVector<pg::ResultRows, 1>& results,
                      std::string& reply) final;

  DerivedEnvironment& derived_;
  absl::InlinedVector<plan::Call*, 1> calls_;
  std::optional<RequestClaim> claim_;
  absl::Status refused_;  // not OK: what the claim was refused with; what was kept is read then
};

}  // namespace tenantry::call
