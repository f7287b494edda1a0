#include "server/call/transact.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/call/error_reply.h"
#include "server/call/failed_row.h"
#include "server/call/once.h"
#include "server/call/planned_call.h"
#include "server/call/references.h"
#include "server/call/request_types.h"
#include "server/methods/request_id.h"
#include "server/schema/methods.h"
#include "tenantry/v1/transact.pb.h"

namespace tenantry::call {
namespace {

using google::protobuf::Message;

// One step: its request, and what it becomes.
struct Step {
  const schema::Method* method;
  std::unique_ptr<Message> request;
  plan::Call planned;    // points into the request
  std::size_t room = 0;  // bytes of the reply that it is sure of
};

// What all calls of the method share.
struct Terms {
  RequestTypes requests;
  References references;
  int steps_max;
};

pg::Isolation IsolationOf(v1::IsolationLevel level) {
  switch (level) {
    case v1::ISOLATION_LEVEL_REPEATABLE_READ:
      return pg::Isolation::kRepeatableRead;
    case v1::ISOLATION_LEVEL_SERIALIZABLE:
      return pg::Isolation::kSerializable;
    default:
      return pg::Isolation::kReadCommitted;
  }
}

// Reads the steps of one request. All that is wrong with them is told at once, each with its path.
class Reader {
 public:
  Reader(const Terms& terms, const DerivedEnvironment& derived, std::size_t violations_max)
      : terms_(terms), derived_(derived), violations_max_(violations_max) {}

  // The error is INVALID_ARGUMENT, or what planning a step failed with otherwise.
  absl::Status Read(const v1::TransactRequest& asked, std::deque<Step>& steps) {
    CheckWhole(asked);
    if (!violations_.empty()) return Violations();
    for (int i = 0; i < asked.steps_size() && !full(); ++i) {
      const std::string path = absl::StrCat("steps[", i, "].");
      steps.push_back({nullptr, nullptr, {}, 0});
      Take(ReadStep(asked.steps(i), path, steps), path);
    }
    named_ = !asked.request_id().empty();
    // Planned when all references are resolved: a step may make an identifier for a later one.
    for (std::size_t i = 0; i < steps.size() && violations_.empty() && failure_.ok(); ++i) {
      Take(Plan(steps[i]), absl::StrCat("steps[", i, "].request."));
    }
    if (!failure_.ok()) return failure_;
    return violations_.empty() ? absl::OkStatus() : Violations();
  }

 private:
  bool full() const { return violations_.size() >= violations_max_ || !failure_.ok(); }
  void Add(std::string field, std::string why) {
    violations_.push_back({std::move(field), std::move(why)});
  }
  absl::Status Violations() { return InvalidArgument(std::move(violations_)); }

  // Notes what is wrong with a step, whose fields lie below `path`.
  void Take(const absl::Status& status, const std::string& path) {
    if (status.ok()) return;
    ErrorDetails details = DetailsOf(status);
    if (details.violations.empty()) {
      failure_ = status;
      return;
    }
    for (FieldViolation& violation : details.violations) {
      if (violations_.size() == violations_max_) return;
      Add(absl::StrCat(path, violation.field), std::move(violation.description));
    }
  }

  void CheckWhole(const v1::TransactRequest& asked) {
    if (asked.steps().empty()) Add("steps", "must not be empty");
    if (asked.steps_size() > terms_.steps_max) {
      Add("steps", absl::StrCat("must have at most ", terms_.steps_max,
                                " entries (transact-steps-max), has ", asked.steps_size()));
    }
    if (!v1::IsolationLevel_IsValid(asked.isolation())) {
      Add("isolation", absl::StrCat("has no value with the number ", asked.isolation()));
    }
    if (!methods::RequestIdOf(asked.request_id()).has_value()) {
      Add("request_id", methods::kRequestIdRule);
    }
  }

  // The last of `steps` is this one. Fields of errors lie below the step.
  absl::Status ReadStep(const v1::Step& asked, const std::string& path, std::deque<Step>& steps) {
    Step& step = steps.back();
    step.method = terms_.requests.Find(asked.request());
    if (step.method == nullptr) {
      return InvalidArgument(
          {{"request", asked.request().type_url().empty()
                           ? "is required: the request of a standard method, such as a "
                             "CreateOrderRequest"
                           : absl::StrCat("must be the request of a standard method; ",
                                          TypeToTell(asked.request()), " is none")}});
    }
    if (IsStream(*step.method)) {
      return InvalidArgument(
          {{"request", "must not be the request of a stream: call it by itself"}});
    }
    step.request = terms_.requests.NewRequest(*step.method);
    const absl::Status decoded = Decode(asked.request().value(), violations_max_, *step.request);
    if (!decoded.ok()) {
      Take(decoded, absl::StrCat(path, "request."));
      return absl::OkStatus();
    }
    CheckAlone(*step.request, path);
    for (int i = 0; i < asked.references_size(); ++i) {
      Take(Resolve(asked.references(i), steps), absl::StrCat(path, "references[", i, "]."));
    }
    return absl::OkStatus();
  }

  // What belongs to the whole transaction is not said of one step.
  void CheckAlone(const Message& request, const std::string& path) {
    for (int number : {schema::field_number::kValidateOnly, schema::field_number::kRequestId}) {
      const auto* field = request.GetDescriptor()->FindFieldByNumber(number);
      if (field == nullptr || !request.GetReflection()->HasField(request, field)) continue;
      Add(absl::StrCat(path, "request.", field->name()),
          "is not possible for one step: set it beside the steps");
    }
  }

  absl::Status Resolve(const v1::Reference& reference, std::deque<Step>& steps) {
    const int last = static_cast<int>(steps.size()) - 1;
    if (reference.step() < 0 || reference.step() >= last) {
      return InvalidArgument({{"step", "must be a step before this one; the first is 0"}});
    }
    Step& earlier = steps[static_cast<std::size_t>(reference.step())];
    if (earlier.request == nullptr) return absl::OkStatus();  // which was told
    return terms_.references.Take(reference.field(), *steps.back().request, reference.from(),
                                  *earlier.request, *earlier.method);
  }

  absl::Status Plan(Step& step) const {
    absl::StatusOr<plan::Call> planned = derived_.planner.Prepare(*step.method, *step.request);
    if (!planned.ok()) return planned.status();
    // What the database's planner says is no table whose rows could be kept.
    for (const plan::Statement& statement : planned->after) {
      if (!named_ || statement.total != plan::Total::kEstimate) continue;
      return InvalidArgument({{"total", "cannot be TOTAL_ESTIMATED beside a request_id"}});
    }
    step.planned = *std::move(planned);
    return absl::OkStatus();
  }

  const Terms& terms_;
  const DerivedEnvironment& derived_;
  const std::size_t violations_max_;
  bool named_ = false;  // by a request_id
  std::vector<FieldViolation> violations_;
  absl::Status failure_;  // that is not about fields
};

class TransactCall final : public PlannedCall {
 public:
  TransactCall(const Frame& frame, Environment& environment, DerivedEnvironment& derived,
               identity::Identity identity, pg::Access access, std::string request_id,
               std::deque<Step> steps)
      : PlannedCall(frame, environment, derived, std::move(identity), access,
                    std::move(request_id)),
        steps_(std::move(steps)) {}

  absl::Status BindSteps(const v1::TransactRequest& asked, const std::string& path) {
    if (absl::Status status = KeepRoom(); !status.ok()) return status;
    isolation = IsolationOf(asked.isolation());
    std::optional<RequestClaim> claim = ClaimOfRequest(asked, path);
    std::vector<plan::Call*> calls;
    for (Step& step : steps_) {
      calls.push_back(&step.planned);
      if (!claim.has_value()) RefuseNoRow(step.planned);
      step.planned.ForEachStatement(
          [&](const plan::Statement&) { step_of_.push_back(static_cast<int>(calls.size()) - 1); });
    }
    return Bind(calls, std::move(claim), asked.validate_only());
  }

 private:
  // What has committed must be told, so each step is sure of some room in the reply: of enough for
  // its rows without their large values, and of all that the rows need that it inserts.
  absl::Status KeepRoom() {
    const std::size_t whole = derived().reply_limits.bytes_max;
    std::size_t rows = 0;
    for (const Step& step : steps_) rows += RowsOf(step);
    const std::size_t least = std::min(kRowLeast, whole / (2 * rows));
    std::size_t all = 0;
    for (Step& step : steps_) {
      step.room = AroundOf(step) + RowsOf(step) * least + codec::WrittenRowsBytes(step.planned);
      all += step.room;
    }
    if (all <= whole) return absl::OkStatus();
    const std::string why = absl::StrCat("would make a reply of more than ", whole,
                                         " bytes (message-bytes-max): send fewer rows at a time");
    return MakeError(absl::StatusCode::kInvalidArgument,
                     absl::StrCat("steps: ", why, "; nothing was written"),
                     {"REPLY_TOO_LARGE", {}, {{"steps", why}}});
  }

  // That its reply may hold, but those that it inserts beside its own.
  static std::size_t RowsOf(const Step& step) {
    std::size_t rows = 0;
    step.planned.ForEachStatement([&](const plan::Statement& statement) {
      if (!statement.plan->inserts) rows += statement.rows.size();
    });
    return std::max<std::size_t>(rows, 1);
  }

  // Bytes of a result besides the reply in it.
  static std::size_t AroundOf(const Step& step) {
    return step.method->descriptor->output_type()->full_name().size() + kAnyBytes;
  }

  // Without a write there is nothing that could be done twice.
  std::optional<RequestClaim> ClaimOfRequest(const v1::TransactRequest& asked,
                                             const std::string& path) const {
    std::string id = methods::RequestIdOf(asked.request_id()).value_or("");
    if (access() == pg::Access::kReadOnly || asked.validate_only() || id.empty()) {
      return std::nullopt;
    }
    return ClaimOf(std::move(id), path, asked, identity());
  }

  static void RefuseNoRow(plan::Call& call) {
    const std::optional<plan::NoRow> refused = plan::MeaningOfNoRow(*call.plan);
    if (refused.has_value()) call.plan = call.plan->ended.FindOrMake(*call.plan, {refused, {}});
  }

  // Which step a statement is of is what the caller knows of it, and which row of its request.
  absl::Status Tell(const absl::Status& outcome) override {
    for (const auto& [key, value] : DetailsOf(outcome).metadata) {
      std::size_t statement = 0;
      if (key != "statement" || !absl::SimpleAtoi(value, &statement)) continue;
      if (statement >= step_of_.size()) continue;
      const int step = step_of_[statement];
      const auto first = std::find(step_of_.begin(), step_of_.end(), step) - step_of_.begin();
      const std::string above = absl::StrCat("steps[", step, "].request.");
      const absl::Status named =
          NameFailedRow(steps_[static_cast<std::size_t>(step)].planned, Below(above, outcome),
                        static_cast<std::size_t>(first), above);
      ErrorDetails details = DetailsOf(named);
      std::erase_if(details.metadata, [](const auto& entry) { return entry.first == "statement"; });
      details.metadata.emplace_back("step", absl::StrCat(step));
      return MakeError(named.code(), ToStd(named.message()), details);
    }
    return outcome;
  }

  // What the database says of fields, as a function may, is about those of the step's request.
  static absl::Status Below(const std::string& above, const absl::Status& outcome) {
    ErrorDetails details = DetailsOf(outcome);
    if (details.violations.empty()) return outcome;
    for (FieldViolation& violation : details.violations) violation.field.insert(0, above);
    return MakeError(outcome.code(), ToStd(outcome.message()), details);
  }

  absl::Status EncodeCalls(absl::Span<const Rows* const> results, std::string& reply) override {
    v1::TransactResponse response;
    UnreadableNames unreadable;
    std::size_t next = 0, behind = 0;
    for (const Step& step : steps_) behind += step.room;
    for (const Step& step : steps_) {
      const std::size_t count = 1 + step.planned.before.size() + step.planned.after.size();
      behind -= step.room;
      EncodeStep(step, results.subspan(next, count), response.ByteSizeLong() + behind,
                 *response.add_results(), unreadable);
      next += count;
    }
    if (!unreadable.empty()) call().AddTrailer(kUnreadableTrailer, unreadable.ToString());
    if (!response.SerializeToString(&reply)) {
      return absl::InternalError("the replies of a transaction could not be written");
    }
    return absl::OkStatus();
  }

  // `taken`: bytes of the reply that other steps have or are sure of.
  void EncodeStep(const Step& step, absl::Span<const Rows* const> results, std::size_t taken,
                  google::protobuf::Any& result, UnreadableNames& unreadable) {
    const std::size_t whole = derived().reply_limits.bytes_max, used = taken + AroundOf(step);
    const std::size_t left = whole > used ? whole - used : 0;
    const absl::Status status =
        EncodeOne(step.planned, results, left, *result.mutable_value(), unreadable);
    if (!status.ok()) return void(result.PackFrom(ToErrorReply(status, request_id)));
    result.set_type_url(
        absl::StrCat("type.googleapis.com/", step.method->descriptor->output_type()->full_name()));
  }

  // Of a result, besides the type's name and the reply: the type's prefix, tags and lengths.
  static constexpr std::size_t kAnyBytes = 40;
  // Enough for the key and the short values of a row, and for the error of a read.
  static constexpr std::size_t kRowLeast = 4096;

  std::deque<Step> steps_;    // which stay where they are
  std::vector<int> step_of_;  // by statement
};

class TransactMethod final : public Method {
 public:
  TransactMethod(const schema::Schema& schema, Environment& environment,
                 DerivedEnvironment& derived, int steps_max)
      : Method(absl::StrCat("/", kTransactService, "/Transact"), environment),
        terms_{RequestTypes(schema), References(schema, derived.ids), steps_max},
        derived_(derived) {}

 private:
  void Begin(Frame frame, identity::Identity identity, std::string request_id) override {
    v1::TransactRequest asked;
    std::deque<Step> steps;
    const absl::Status status = Read(frame, asked, steps);
    if (!status.ok()) {
      std::string nothing;
      return frame.End(status, nothing, request_id, &identity);
    }
    const pg::Access access = AccessOf(steps);
    auto* call = new TransactCall(frame, environment(), derived_, std::move(identity), access,
                                  std::move(request_id), std::move(steps));
    call->StartWithinCosts(call->BindSteps(asked, path()));
  }

  absl::Status Read(Frame& frame, v1::TransactRequest& asked, std::deque<Step>& steps) const {
    absl::StatusOr<std::string_view> bytes = frame.call().RequestBytes();
    if (!bytes.ok()) return bytes.status();
    absl::Status status = Decode(*bytes, environment().violations_max, asked);
    if (!status.ok()) return status;
    frame.watch().Lap(environment().stages.decode);
    status = Reader(terms_, derived_, environment().violations_max).Read(asked, steps);
    frame.watch().Lap(environment().stages.plan);
    return status;
  }

  static pg::Access AccessOf(const std::deque<Step>& steps) {
    for (const Step& step : steps) {
      if (!step.method->read_only) return pg::Access::kReadWrite;
    }
    return pg::Access::kReadOnly;
  }

  const Terms terms_;
  DerivedEnvironment& derived_;
};

}  // namespace

std::unique_ptr<Method> MakeTransactMethod(const schema::Schema& schema, Environment& environment,
                                           DerivedEnvironment& derived, int steps_max) {
  return std::make_unique<TransactMethod>(schema, environment, derived, steps_max);
}

}  // namespace tenantry::call
