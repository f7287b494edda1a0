#include "server/call/derived.h"

#include <memory>
#include <optional>
#include <utility>

#include "google/protobuf/arena.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"
#include "server/call/failed_row.h"
#include "server/call/once.h"
#include "server/call/planned_call.h"

namespace tenantry::call {
namespace {

using google::protobuf::Arena;
using google::protobuf::DynamicMessageFactory;
using google::protobuf::Message;

class DerivedCall final : public PlannedCall {
 public:
  DerivedCall(const Frame& frame, Environment& environment, DerivedEnvironment& derived,
              const schema::Method& method, identity::Identity identity, std::string request_id)
      : PlannedCall(frame, environment, derived, std::move(identity),
                    method.read_only ? pg::Access::kReadOnly : pg::Access::kReadWrite,
                    std::move(request_id)),
        method_(method),
        arena_(first_block_, sizeof first_block_) {}

  absl::Status DecodeRequest(const Message& prototype) {
    absl::StatusOr<std::string_view> bytes = call().RequestBytes();
    if (!bytes.ok()) return bytes.status();
    request_ = prototype.New(&arena_);
    absl::Status status = Decode(*bytes, environment().violations_max, *request_);
    if (status.ok()) watch().Lap(environment().stages.decode);
    return status;
  }

  absl::Status Plan() {
    absl::StatusOr<plan::Call> planned = derived().planner.Prepare(method_, *request_);
    if (!planned.ok()) return planned.status();
    planned_ = *std::move(planned);
    watch().Lap(environment().stages.plan);
    return absl::OkStatus();
  }

  absl::Status BindStatements() {
    std::optional<RequestClaim> claim;
    if (!planned_.request_id.empty()) {
      claim = ClaimOf(planned_.request_id, method_.path, *request_, identity());
    }
    absl::Status status = Bind({&planned_}, std::move(claim), planned_.validate_only);
    may_share = planned_.plan->reply.brief;
    watch().Lap(environment().stages.bind);
    return status;
  }

 private:
  absl::Status Tell(const absl::Status& outcome) override {
    return NameFailedRow(planned_, outcome);
  }

  absl::Status EncodeCalls(absl::Span<const Rows* const> results, std::string& reply) override {
    UnreadableNames unreadable;
    absl::Status status =
        EncodeOne(planned_, results, derived().reply_limits.bytes_max, reply, unreadable);
    if (!unreadable.empty()) call().AddTrailer(kUnreadableTrailer, unreadable.ToString());
    return status;
  }

  const schema::Method& method_;
  alignas(8) char first_block_[512];  // of the arena: small requests allocate nothing
  Arena arena_;
  Message* request_ = nullptr;
  plan::Call planned_;
};

class DerivedMethod final : public Method {
 public:
  DerivedMethod(const schema::Method& method, std::shared_ptr<DynamicMessageFactory> factory,
                Environment& environment, DerivedEnvironment& derived)
      : Method(method.path, environment),
        method_(method),
        factory_(std::move(factory)),
        prototype_(*factory_->GetPrototype(method.descriptor->input_type())),
        derived_(derived) {}

 private:
  void Begin(Frame frame, identity::Identity identity, std::string request_id) override {
    auto* call = new DerivedCall(frame, environment(), derived_, method_, std::move(identity),
                                 std::move(request_id));
    absl::Status status = call->DecodeRequest(prototype_);
    if (status.ok()) status = call->Plan();
    if (status.ok()) status = call->BindStatements();
    call->StartWithinCosts(status);  // on a lane, which makes the reply and ends the call
  }

  const schema::Method& method_;
  const std::shared_ptr<DynamicMessageFactory> factory_;  // owns the prototype
  const Message& prototype_;
  DerivedEnvironment& derived_;
};

}  // namespace

MethodList DerivedMethods(const schema::Schema& schema, Environment& environment,
                          DerivedEnvironment& derived) {
  auto factory = std::make_shared<DynamicMessageFactory>(&schema.api());
  MethodList methods;
  for (const schema::Method& method : schema.methods()) {
    if (IsStream(method)) continue;
    methods.push_back(std::make_unique<DerivedMethod>(method, factory, environment, derived));
  }
  return methods;
}

}  // namespace tenantry::call
