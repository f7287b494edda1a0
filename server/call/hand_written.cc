#include "server/call/hand_written.h"

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/call/lane_call.h"

namespace tenantry::call {

using google::protobuf::Message;

namespace {

absl::Status QueueFull() {
  return MakeError(absl::StatusCode::kResourceExhausted,
                   "too many calls wait for a thread; try again later",
                   {.reason = "QUEUE_FULL", .metadata = {}, .violations = {}});
}

absl::Status DecodeRequest(IncomingCall& call, const Environment& environment, Message& request) {
  absl::StatusOr<std::string_view> bytes = call.RequestBytes();
  if (!bytes.ok()) return bytes.status();
  return Decode(*bytes, environment.violations_max, request);
}

// --- interactive ---

void Run(pg::InteractiveRunner& runner, const pg::InteractiveTerms& terms,
         absl::FunctionRef<absl::Status(pg::ReadTransaction&)> body,
         pg::InteractiveRunner::Done done) {
  runner.Read(terms, body, done);
}
void Run(pg::InteractiveRunner& runner, const pg::InteractiveTerms& terms,
         absl::FunctionRef<absl::Status(pg::WriteTransaction&)> body,
         pg::InteractiveRunner::Done done) {
  runner.Write(terms, body, done);
}

// One call. It lives until its reply is sent, and then until the connection has been cleaned.
template <typename Transaction>
class InteractiveCall {
 public:
  InteractiveCall(const Frame& frame, Environment& environment, identity::Identity identity,
                  std::string request_id, const Message& prototype)
      : frame_(frame),
        environment_(environment),
        identity_(std::move(identity)),
        request_id_(std::move(request_id)),
        request_(prototype.New()) {}

  absl::Status Decode() {
    absl::Status status = DecodeRequest(frame_.call(), environment_, *request_);
    if (status.ok()) frame_.watch().Lap(environment_.stages.decode);
    return status;
  }

  // On a worker.
  void RunOn(pg::InteractiveRunner& runner, const InteractiveFunction<Transaction>& function) {
    IncomingCall& call = frame_.call();
    const pg::InteractiveTerms terms{.identity = identity_,
                                     .deadline = call.deadline(),
                                     .request_id = request_id_,
                                     .cancelled = [&call] { return call.cancelled(); }};
    bool begun = false;
    std::string reply;
    auto body = [&](Transaction& transaction) {
      frame_.watch().Lap(environment_.stages.queue);
      begun = true;
      reply.clear();  // it may have run before (InteractiveRunner)
      // The reply is whole before anything is committed: then it can still be refused.
      absl::Status status = function(*request_, transaction, reply);
      if (status.ok() && reply.size() > environment_.reply_bytes_max) {
        status = ReplyTooLarge(environment_.reply_bytes_max);
      }
      return status;
    };
    Run(runner, terms, absl::FunctionRef<absl::Status(Transaction&)>(body),
        [&](const absl::Status& status) {
          if (begun) frame_.watch().Lap(environment_.stages.database);
          End(status, std::move(reply));
        });
  }

  void End(const absl::Status& status, std::string reply = {}) {
    frame_.End(status, reply, request_id_, &identity_);
  }

 private:
  Frame frame_;
  Environment& environment_;
  const identity::Identity identity_;
  const std::string request_id_;
  const std::unique_ptr<Message> request_;
};

template <typename Transaction>
class InteractiveMethod final : public Method {
 public:
  InteractiveMethod(std::string path, Environment& environment, const Message& prototype,
                    pg::InteractiveRunner& runner, WorkerPool& workers,
                    InteractiveFunction<Transaction> function)
      : Method(std::move(path), environment),
        prototype_(prototype),
        runner_(runner),
        workers_(workers),
        function_(std::move(function)) {}

  // A thread and a connection are dear, and are not kept for a caller that has gone.
  bool hears_cancellation() const override { return true; }

 private:
  void Begin(Frame frame, identity::Identity identity, std::string request_id) override {
    auto call = std::make_shared<InteractiveCall<Transaction>>(
        frame, environment(), std::move(identity), std::move(request_id), prototype_);
    absl::Status status = call->Decode();
    if (status.ok() && !workers_.TryRun([this, call] { call->RunOn(runner_, function_); })) {
      status = QueueFull();
    }
    if (!status.ok()) call->End(status);
  }

  const Message& prototype_;
  pg::InteractiveRunner& runner_;
  WorkerPool& workers_;
  const InteractiveFunction<Transaction> function_;
};

}  // namespace

// --- on a lane ---

class HandWrittenLaneCall final : public LaneCall {
 public:
  HandWrittenLaneCall(const Frame& frame, Environment& environment, identity::Identity identity,
                      pg::Access access, std::string request_id)
      : LaneCall(frame, environment, std::move(identity), access, std::move(request_id)) {}

  template <typename Statements>
  absl::Status Prepare(const Message& prototype, const LaneFunction<Statements>& function) {
    const std::unique_ptr<Message> request(prototype.New());
    absl::Status status = DecodeRequest(call(), environment(), *request);
    if (!status.ok()) return status;
    watch().Lap(environment().stages.decode);
    Statements list(*this);
    status = pg::RunHandler(request_id, [&] {
      absl::StatusOr<EncodeResults> encode = function(*request, list);
      if (encode.ok()) encode_ = *std::move(encode);
      return encode.status();
    });
    if (status.ok() && statements.empty()) {
      status = absl::InternalError("a hand-written method said no statement");
    }
    watch().Lap(environment().stages.plan);
    return status;
  }

 private:
  absl::Status Encode(const absl::InlinedVector<pg::ResultRows, 1>& results,
                      std::string& reply) override {
    absl::Status status =
        pg::RunHandler(request_id, [&] { return encode_(Results(results), reply); });
    const bool committed = access() == pg::Access::kReadWrite;
    if (status.ok() && !committed && reply.size() > environment().reply_bytes_max) {
      status = ReplyTooLarge(environment().reply_bytes_max);
    }
    return status;
  }

  EncodeResults encode_;
};

namespace {

template <typename Statements>
class LaneMethod final : public Method {
 public:
  LaneMethod(std::string path, Environment& environment, const Message& prototype,
             LaneFunction<Statements> function)
      : Method(std::move(path), environment),
        prototype_(prototype),
        function_(std::move(function)) {}

 private:
  static constexpr pg::Access kAccess =
      std::is_same_v<Statements, ReadStatements> ? pg::Access::kReadOnly : pg::Access::kReadWrite;

  void Begin(Frame frame, identity::Identity identity, std::string request_id) override {
    auto* call = new HandWrittenLaneCall(frame, environment(), std::move(identity), kAccess,
                                         std::move(request_id));
    call->Start(call->Prepare(prototype_, function_));
  }

  const Message& prototype_;
  const LaneFunction<Statements> function_;
};

}  // namespace

template <typename Transaction>
std::unique_ptr<Method> MakeInteractiveMethod(std::string path, Environment& environment,
                                              const Message& prototype,
                                              pg::InteractiveRunner& runner, WorkerPool& workers,
                                              InteractiveFunction<Transaction> function) {
  return std::make_unique<InteractiveMethod<Transaction>>(std::move(path), environment, prototype,
                                                          runner, workers, std::move(function));
}

template <typename Statements>
std::unique_ptr<Method> MakeLaneMethod(std::string path, Environment& environment,
                                       const Message& prototype,
                                       LaneFunction<Statements> function) {
  return std::make_unique<LaneMethod<Statements>>(std::move(path), environment, prototype,
                                                  std::move(function));
}

template std::unique_ptr<Method> MakeInteractiveMethod<pg::ReadTransaction>(
    std::string, Environment&, const Message&, pg::InteractiveRunner&, WorkerPool&,
    InteractiveFunction<pg::ReadTransaction>);
template std::unique_ptr<Method> MakeInteractiveMethod<pg::WriteTransaction>(
    std::string, Environment&, const Message&, pg::InteractiveRunner&, WorkerPool&,
    InteractiveFunction<pg::WriteTransaction>);
template std::unique_ptr<Method> MakeLaneMethod<ReadStatements>(std::string, Environment&,
                                                                const Message&,
                                                                LaneFunction<ReadStatements>);
template std::unique_ptr<Method> MakeLaneMethod<WriteStatements>(std::string, Environment&,
                                                                 const Message&,
                                                                 LaneFunction<WriteStatements>);

}  // namespace tenantry::call
