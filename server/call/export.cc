#include "server/call/export.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"
#include "server/base/status.h"

namespace tenantry::call {
namespace {

using google::protobuf::DynamicMessageFactory;
using google::protobuf::Message;

// One call. It lives until its end was sent.
class ExportCall {
 public:
  ExportCall(const Frame& frame, Environment& environment, DerivedEnvironment& derived,
             StreamEnvironment& streams, identity::Identity identity, std::string request_id)
      : frame_(frame),
        environment_(environment),
        derived_(derived),
        streams_(streams),
        identity_(std::move(identity)),
        request_id_(std::move(request_id)) {}

  absl::Status Prepare(const schema::Method& method, const Message& prototype) {
    absl::StatusOr<std::string_view> bytes = frame_.call().RequestBytes();
    if (!bytes.ok()) return bytes.status();
    request_.reset(prototype.New());
    absl::Status status = Decode(*bytes, environment_.violations_max, *request_);
    if (!status.ok()) return status;
    frame_.watch().Lap(environment_.stages.decode);
    absl::StatusOr<plan::Call> planned = derived_.planner.Prepare(method, *request_);
    if (!planned.ok()) return planned.status();
    planned_ = *std::move(planned);
    frame_.watch().Lap(environment_.stages.plan);
    statement_.text = planned_.plan->text;
    codec::BindParameters(planned_, planned_, identity_.tenant(), derived_.ids, statement_.params);
    frame_.watch().Lap(environment_.stages.bind);
    return TakePlace();
  }

  // On a worker.
  void Run() {
    IncomingCall& call = frame_.call();
    stream_.emplace(planned_, streams_.limits);
    absl::Status status = streams_.runner.Read(
        {.identity = identity_,
         .deadline = std::min(call.deadline(), absl::Now() + streams_.time_max),
         .request_id = request_id_,
         .cancelled = [&call] { return call.cancelled(); }},
        statement_, [this](const Rows& rows) { return Take(rows); });
    if (status.ok() && !stream_->empty()) status = Send();
    if (!left_out_.empty()) call.AddTrailer(kUnreadableTrailer, absl::StrJoin(left_out_, ","));
    place_.reset();  // who has heard of the end may begin the next one
    End(status);
  }

  void End(const absl::Status& status) {
    std::string nothing;
    frame_.End(status, nothing, request_id_, &identity_);
  }

 private:
  absl::Status TakePlace() {
    absl::StatusOr<StreamPlaces::Place> place = streams_.places.Take(identity_.tenant_text());
    if (!place.ok()) return place.status();
    place_.emplace(*std::move(place));
    return absl::OkStatus();
  }

  absl::Status Take(const Rows& rows) {
    for (int row = 0; row < rows.row_count(); ++row) {
      absl::Status status = TakeRow(rows, row);
      if (status.ok() && stream_->has_enough()) status = Send();
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status TakeRow(const Rows& rows, int row) {
    absl::StatusOr<codec::RowStream::Added> added = stream_->Add(rows, row, fields_);
    if (added.ok() && *added == codec::RowStream::Added::kFull) {
      if (absl::Status sent = Send(); !sent.ok()) return sent;
      added = stream_->Add(rows, row, fields_);
    }
    if (!added.ok()) return added.status();
    if (!fields_.empty()) Report(rows);
    return absl::OkStatus();
  }

  void Report(const Rows& rows) {
    const std::string names =
        derived_.left_out.Report(planned_, rows, fields_, identity_.tenant_text(), request_id_);
    for (absl::string_view name : absl::StrSplit(names, ',')) left_out_.emplace(name);
    fields_.clear();
  }

  absl::Status Send() { return frame_.call().replies()->Send(stream_->Take(), streams_.idle_max); }

  Frame frame_;
  Environment& environment_;
  DerivedEnvironment& derived_;
  StreamEnvironment& streams_;
  const identity::Identity identity_;
  const std::string request_id_;
  std::unique_ptr<Message> request_;
  plan::Call planned_;  // points into the request
  pg::Statement statement_;
  std::optional<StreamPlaces::Place> place_;
  std::optional<codec::RowStream> stream_;
  std::vector<codec::LeftOutField> fields_;  // of one row
  std::set<std::string> left_out_;           // `Contact.notes`
};

class ExportMethod final : public Method {
 public:
  ExportMethod(const schema::Method& method, std::shared_ptr<DynamicMessageFactory> factory,
               Environment& environment, DerivedEnvironment& derived, StreamEnvironment& streams)
      : Method(method.path, environment),
        method_(method),
        factory_(std::move(factory)),
        prototype_(*factory_->GetPrototype(method.descriptor->input_type())),
        derived_(derived),
        streams_(streams) {}

  Streams streams() const override { return Streams::kReply; }

 private:
  void Begin(Frame frame, identity::Identity identity, std::string request_id) override {
    auto call = std::make_shared<ExportCall>(frame, environment(), derived_, streams_,
                                             std::move(identity), std::move(request_id));
    absl::Status status = call->Prepare(method_, prototype_);
    if (status.ok() && !streams_.workers.TryRun([call] { call->Run(); })) {
      status = MakeError(absl::StatusCode::kUnavailable, "the server is shutting down",
                         {.reason = "SHUTTING_DOWN", .metadata = {}, .violations = {}});
    }
    if (!status.ok()) call->End(status);
  }

  const schema::Method& method_;
  const std::shared_ptr<DynamicMessageFactory> factory_;  // owns the prototype
  const Message& prototype_;
  DerivedEnvironment& derived_;
  StreamEnvironment& streams_;
};

}  // namespace

MethodList ExportMethods(const schema::Schema& schema, Environment& environment,
                         DerivedEnvironment& derived, StreamEnvironment& streams) {
  auto factory = std::make_shared<DynamicMessageFactory>(&schema.api());
  MethodList methods;
  for (const schema::Method& method : schema.methods()) {
    if (!method.descriptor->server_streaming()) continue;
    methods.push_back(
        std::make_unique<ExportMethod>(method, factory, environment, derived, streams));
  }
  return methods;
}

}  // namespace tenantry::call
