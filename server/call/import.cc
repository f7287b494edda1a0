#include "server/call/import.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/call/failed_row.h"
#include "server/schema/methods.h"
#include "tenantry/v1/import.pb.h"

namespace tenantry::call {
namespace {

using google::protobuf::DynamicMessageFactory;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
namespace number = schema::field_number;

// That one reply tells.
constexpr std::size_t kRejectedRowsMax = 1000;

absl::Status BrokenOff() {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   "the stream ended without a message that says `last`: it was broken off",
                   {.reason = "IMPORT_BROKEN_OFF", .metadata = {}, .violations = {}});
}

// A method and what its messages have, which is the same for all its calls.
struct Shape {
  Shape(const schema::Method& method, DynamicMessageFactory& factory)
      : method(method),
        request(*factory.GetPrototype(method.descriptor->input_type())),
        reply(*factory.GetPrototype(method.descriptor->output_type())),
        rows(Field(number::kImportRows)),
        mode(Field(number::kImportMode)),
        last(Field(number::kImportLast)),
        validate_only(Field(number::kValidateOnly)) {}

  const FieldDescriptor* Field(int field) const {
    return method.descriptor->input_type()->FindFieldByNumber(field);
  }

  const schema::Method& method;
  const Message& request;
  const Message& reply;
  const FieldDescriptor* const rows;
  const FieldDescriptor* const mode;
  const FieldDescriptor* const last;
  const FieldDescriptor* const validate_only;
};

// `contacts[2].email` of a message becomes `contacts[1002].email` of the stream.
std::string InStream(const std::string& field, const std::string& rows, std::int64_t before) {
  const std::string begin = rows + "[";
  const auto end = field.find(']');
  std::int64_t index = 0;
  if (!absl::StartsWith(field, begin) || end == std::string::npos ||
      !absl::SimpleAtoi(field.substr(begin.size(), end - begin.size()), &index)) {
    return field;
  }
  return absl::StrCat(begin, before + index, field.substr(end));
}

absl::Status InStream(const absl::Status& status, const std::string& rows, std::int64_t before) {
  ErrorDetails details = DetailsOf(status);
  std::string message(status.message());
  for (FieldViolation& violation : details.violations) {
    violation.field = InStream(violation.field, rows, before);
  }
  for (auto& [key, value] : details.metadata) {
    if (key != "field") continue;
    const std::string moved = InStream(value, rows, before);
    if (absl::StartsWith(message, value)) message = moved + message.substr(value.size());
    value = moved;
  }
  return details.reason.empty() ? status : MakeError(status.code(), message, details);
}

class ImportCall final : public StreamedCall {
 public:
  ImportCall(const Frame& frame, Environment& environment, DerivedEnvironment& derived,
             StreamEnvironment& streams, const Shape& shape, identity::Identity identity,
             std::string request_id)
      : StreamedCall(frame, environment, derived, streams, std::move(identity),
                     std::move(request_id)),
        shape_(shape),
        message_(shape.request.New()),
        reply_(shape.reply.New()) {}

 private:
  void Run() override {
    const absl::Status status = streams().runner.Write(
        Terms(), [this](pg::WriteStream& database) { return Take(database); });
    if (!status.ok()) return End(status);
    Set(number::kImported, imported_);
    Set(number::kRejected, rejected_);
    End(status, reply_->SerializeAsString());
  }

  absl::Status Take(pg::WriteStream& database) {
    for (bool last = false; !last;) {
      if (absl::Status status = Receive(); !status.ok()) return status;
      const google::protobuf::Reflection& reflection = *message_->GetReflection();
      last = reflection.GetBool(*message_, shape_.last);
      const int count = reflection.FieldSize(*message_, shape_.rows);
      absl::Status status;
      if (count > 0) status = batches_ ? Batch(database, *message_, 0) : Whole(database);
      if (!status.ok()) return status;
      before_ += count;
    }
    return EndTransaction(database);
  }

  absl::Status EndTransaction(pg::WriteStream& database) const {
    return database.End(validate_only_ ? pg::WriteStream::How::kRollBack
                                       : pg::WriteStream::How::kCommit);
  }

  // The next message, or the error that ends the stream.
  absl::Status Receive() {
    absl::StatusOr<std::optional<std::string_view>> bytes =
        call().requests()->Receive(streams().idle_max);
    if (!bytes.ok()) return bytes.status();
    if (!bytes->has_value()) return BrokenOff();
    message_->Clear();
    absl::Status status = Decode(**bytes, environment().violations_max, *message_);
    if (!status.ok() || !std::exchange(first_, false)) return status;
    const google::protobuf::Reflection& reflection = *message_->GetReflection();
    batches_ = reflection.GetEnumValue(*message_, shape_.mode) == v1::IMPORT_MODE_BATCHES;
    validate_only_ = reflection.GetBool(*message_, shape_.validate_only);
    return absl::OkStatus();
  }

  // The rows of the message, in the one transaction of the stream.
  absl::Status Whole(pg::WriteStream& database) {
    return InStream(Insert(database, *message_), shape_.rows->name(), before_);
  }

  // The rows of a message, in a transaction of their own. When they cannot be made, each half of
  // them is tried, down to the rows that are at fault. `first`: of the first row, in the message
  // that was received.
  absl::Status Batch(pg::WriteStream& database, const Message& message, std::int64_t first) {
    const std::int64_t imported = imported_;
    absl::Status status = Insert(database, message);
    if (status.ok()) status = EndTransaction(database);
    if (status.ok() || !IsOfRows(status)) return status;
    imported_ = imported;
    if (absl::Status back = database.End(pg::WriteStream::How::kRollBack); !back.ok()) return back;
    const int count = message.GetReflection()->FieldSize(message, shape_.rows);
    if (count == 1) {
      Reject(before_ + first, status);
      return absl::OkStatus();
    }
    const int half = count / 2;
    status = Batch(database, *Part(message, 0, half), first);
    return status.ok() ? Batch(database, *Part(message, half, count), first + half) : status;
  }

  // Whether other rows may fare better.
  static bool IsOfRows(const absl::Status& status) {
    switch (status.code()) {
      case absl::StatusCode::kInvalidArgument:
      case absl::StatusCode::kAlreadyExists:
      case absl::StatusCode::kFailedPrecondition:
      case absl::StatusCode::kNotFound:
      case absl::StatusCode::kPermissionDenied:
        return true;
      default:
        return false;
    }
  }

  std::unique_ptr<Message> Part(const Message& message, int begin, int end) const {
    std::unique_ptr<Message> part(message.New());
    for (int i = begin; i < end; ++i) {
      part->GetReflection()
          ->AddMessage(part.get(), shape_.rows)
          ->CopyFrom(message.GetReflection()->GetRepeatedMessage(message, shape_.rows, i));
    }
    return part;
  }

  absl::Status Insert(pg::WriteStream& database, const Message& message) {
    absl::StatusOr<plan::Call> planned = derived().planner.Prepare(shape_.method, message);
    if (!planned.ok()) return planned.status();
    const pg::Statement statement = Bind(*planned);
    absl::Status status =
        codec::CheckWrittenSize(*planned, statement.params.size_in_bytes(), derived().reply_limits);
    if (!status.ok()) return status;
    const absl::StatusOr<pg::ResultRows> made = database.Run(statement);
    if (!made.ok()) return NameFailedRow(*planned, made.status());
    imported_ += made->affected();
    return absl::OkStatus();
  }

  void Reject(std::int64_t row, const absl::Status& why) {
    ++rejected_;
    const FieldDescriptor* field = ReplyField(number::kRejectedRows);
    const google::protobuf::Reflection& reflection = *reply_->GetReflection();
    if (static_cast<std::size_t>(reflection.FieldSize(*reply_, field)) >= kRejectedRowsMax) return;
    const ErrorDetails details = DetailsOf(why);
    v1::RejectedRow rejected;
    rejected.set_row(row);
    rejected.set_reason(details.reason);
    rejected.set_message(std::string(why.message()));
    for (const FieldViolation& violation : details.violations) {
      v1::RejectedRow::Violation& told = *rejected.add_violations();
      const auto dot = violation.field.find("].");
      told.set_field(dot == std::string::npos ? violation.field : violation.field.substr(dot + 2));
      told.set_description(violation.description);
    }
    // The type is the same; the message's class is not.
    reflection.AddMessage(reply_.get(), field)->ParseFromString(rejected.SerializeAsString());
  }

  const FieldDescriptor* ReplyField(int field) const {
    return reply_->GetDescriptor()->FindFieldByNumber(field);
  }
  void Set(int field, std::int64_t value) {
    reply_->GetReflection()->SetInt64(reply_.get(), ReplyField(field), value);
  }

  const Shape& shape_;
  const std::unique_ptr<Message> message_;
  const std::unique_ptr<Message> reply_;
  bool first_ = true;
  bool batches_ = false;
  bool validate_only_ = false;
  std::int64_t before_ = 0;  // rows of the messages before
  std::int64_t imported_ = 0;
  std::int64_t rejected_ = 0;
};

class ImportMethod final : public Method {
 public:
  ImportMethod(const schema::Method& method, std::shared_ptr<DynamicMessageFactory> factory,
               Environment& environment, DerivedEnvironment& derived, StreamEnvironment& streams)
      : Method(method.path, environment),
        factory_(std::move(factory)),
        shape_(method, *factory_),
        derived_(derived),
        streams_(streams) {}

  Streams streams() const override { return Streams::kRequest; }

 private:
  void Begin(Frame frame, identity::Identity identity, std::string request_id) override {
    StreamedCall::Start(std::make_shared<ImportCall>(frame, environment(), derived_, streams_,
                                                     shape_, std::move(identity),
                                                     std::move(request_id)));
  }

  const std::shared_ptr<DynamicMessageFactory> factory_;  // owns the prototypes
  const Shape shape_;
  DerivedEnvironment& derived_;
  StreamEnvironment& streams_;
};

}  // namespace

std::unique_ptr<Method> MakeImportMethod(const schema::Method& method,
                                         std::shared_ptr<DynamicMessageFactory> factory,
                                         Environment& environment, DerivedEnvironment& derived,
                                         StreamEnvironment& streams) {
  return std::make_unique<ImportMethod>(method, std::move(factory), environment, derived, streams);
}

}  // namespace tenantry::call
