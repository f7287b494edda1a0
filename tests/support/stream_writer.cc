#include "tests/support/stream_writer.h"

#include <chrono>
#include <utility>

#include "grpcpp/support/proto_buffer_reader.h"
#include "tests/support/saas_schema.h"

namespace tenantry::test {

StreamWriter::StreamWriter(const std::shared_ptr<grpc::Channel>& channel,
                           const schema::Method& method, const CallOptions& options)
    : stub_(channel), reply_(testing::NewMessage(*method.descriptor->output_type())) {
  for (const auto& [name, value] : options.headers) context_.AddMetadata(name, value);
  context_.set_deadline(std::chrono::system_clock::now() +
                        absl::ToChronoNanoseconds(options.timeout));
  call_ = stub_.PrepareCall(&context_, method.path, &queue_);
  call_->StartCall(nullptr);
  open_ = Done();
}

StreamWriter::~StreamWriter() {
  if (finished_) return;
  Cancel();
  End();
}

bool StreamWriter::Done() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

bool StreamWriter::Write(const google::protobuf::Message& message) {
  if (!open_) return false;
  const grpc::Slice bytes(message.SerializeAsString());
  call_->Write(grpc::ByteBuffer(&bytes, 1), nullptr);
  open_ = Done();
  return open_;
}

void StreamWriter::Close() {
  if (!open_ || std::exchange(closed_, true)) return;
  call_->WritesDone(nullptr);
  Done();
}

CallResult StreamWriter::End() {
  CallResult result;
  grpc::ByteBuffer bytes;
  call_->Read(&bytes, nullptr);
  if (Done()) {
    grpc::ProtoBufferReader reader(&bytes);
    if (reply_->ParseFromZeroCopyStream(&reader)) result.reply = std::move(reply_);
  }
  call_->Finish(&result.status, nullptr);
  Done();
  finished_ = true;
  if (!result.status.ok()) {
    result.reply.reset();
    result.error = client::DecodeError(result.status);
  }
  return result;
}

}  // namespace tenantry::test
