#include "server/call/export.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"

namespace tenantry::call {
namespace {

using google::protobuf::DynamicMessageFactory;
using google::protobuf::Message;

class ExportCall final : public StreamedCall {
 public:
  using StreamedCall::StreamedCall;

  absl::Status Prepare(const schema::Method& method, const Message& prototype) {
    absl::StatusOr<std::string_view> bytes = call().RequestBytes();
    if (!bytes.ok()) return bytes.status();
    request_.reset(prototype.New());
    absl::Status status = Decode(*bytes, environment().violations_max, *request_);
    if (!status.ok()) return status;
    watch().Lap(environment().stages.decode);
    absl::StatusOr<plan::Call> planned = derived().planner.Prepare(method, *request_);
    if (!planned.ok()) return planned.status();
    planned_ = *std::move(planned);
    watch().Lap(environment().stages.plan);
    statement_ = Bind(planned_);
    watch().Lap(environment().stages.bind);
    return absl::OkStatus();
  }

 private:
  void Run() override {
    stream_.emplace(planned_, streams().limits);
    absl::Status status =
        streams().runner.Read(Terms(), statement_, [this](const Rows& rows) { return Take(rows); });
    if (status.ok() && !stream_->empty()) status = Send();
    if (!unreadable_.empty()) call().AddTrailer(kUnreadableTrailer, unreadable_.ToString());
    End(status);
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
    derived().left_out.Report(planned_, rows, fields_, identity().tenant_text(), request_id(),
                              unreadable_);
    fields_.clear();
  }

  absl::Status Send() { return call().replies()->Send(stream_->Take(), streams().idle_max); }

  std::unique_ptr<Message> request_;
  plan::Call planned_;  // points into the request
  pg::Statement statement_;
  std::optional<codec::RowStream> stream_;
  std::vector<codec::LeftOutField> fields_;  // of one row
  UnreadableNames unreadable_;
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
    const absl::Status status = call->Prepare(method_, prototype_);
    status.ok() ? StreamedCall::Start(call) : call->End(status);
  }

  const schema::Method& method_;
  const std::shared_ptr<DynamicMessageFactory> factory_;  // owns the prototype
  const Message& prototype_;
  DerivedEnvironment& derived_;
  StreamEnvironment& streams_;
};

}  // namespace

std::unique_ptr<Method> MakeExportMethod(const schema::Method& method,
                                         std::shared_ptr<DynamicMessageFactory> factory,
                                         Environment& environment, DerivedEnvironment& derived,
                                         StreamEnvironment& streams) {
  return std::make_unique<ExportMethod>(method, std::move(factory), environment, derived, streams);
}

}  // namespace tenantry::call
