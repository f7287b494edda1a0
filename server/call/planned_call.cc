#include "server/call/planned_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/plan/print.h"

namespace tenantry::call {

absl::Status PlannedCall::Bind(absl::Span<plan::Call* const> calls,
                               std::optional<RequestClaim> claim, bool only_tried) {
  calls_.assign(calls.begin(), calls.end());
  claim_ = std::move(claim);
  if (claim_.has_value()) {
    std::int64_t first = 0;
    for (plan::Call* call : calls_) KeepRows(*call, *claim_, first);
  }
  for (plan::Call* call : calls_) {
    const std::size_t first = statements.size();
    call->ForEachStatement([&](const plan::Statement& planned) {
      pg::Statement& statement = statements.emplace_back();
      statement.text = planned.plan->text;
      codec::BindParameters(*call, planned, identity().tenant(), derived_.ids, statement.params);
    });
    std::size_t params_bytes = 0;
    for (std::size_t i = first; i < statements.size(); ++i) {
      params_bytes += statements[i].params.size_in_bytes();
    }
    absl::Status status = codec::CheckWrittenSize(*call, params_bytes, derived_.reply_limits);
    if (!status.ok()) return status;
  }
  if (only_tried) {
    validate_only = true;
    statements.emplace_back().text = plan::TakeBack();
  }
  return absl::OkStatus();
}

void PlannedCall::StartWithinCosts(const absl::Status& prepared) {
  if (!prepared.ok() || derived_.costs == nullptr) return Start(prepared);
  derived_.costs->Check(*this, [this](const absl::Status& status) { Start(status); });
}

// What was done before is told again.
bool PlannedCall::GoesOn(const absl::Status& outcome) {
  if (!claim_.has_value() || !refused_.ok() || !MayHaveBeenDone(outcome)) return false;
  refused_ = Tell(outcome);
  statements.clear();
  statements.push_back(KeptRowsStatement(*claim_));
  environment().submit(this);
  return true;
}

absl::Status PlannedCall::Encode(const absl::InlinedVector<pg::ResultRows, 1>& results,
                                 std::string& reply) {
  absl::InlinedVector<const Rows*, 4> rows;
  if (refused_.ok()) {
    for (const pg::ResultRows& result : results) rows.push_back(&result);
    return EncodeCalls(rows, reply);
  }
  const absl::StatusOr<KeptResults> kept = ReadKept(*claim_, calls_, results[0], refused_);
  if (!kept.ok()) return kept.status();
  for (const auto& one : *kept) rows.push_back(one.get());
  return EncodeCalls(rows, reply);
}

absl::Status PlannedCall::EncodeOne(const plan::Call& call, absl::Span<const Rows* const> results,
                                    std::size_t bytes_max, std::string& reply,
                                    UnreadableNames& unreadable) {
  std::vector<codec::LeftOutField> left_out;
  absl::Status status = codec::EncodeReply(call, results, bytes_max, reply, left_out);
  if (status.ok() && !left_out.empty()) {
    derived_.left_out.Report(call, *results[call.before.size()], left_out, identity().tenant_text(),
                             request_id, unreadable);
  }
  return status;
}

}  // namespace tenantry::call
