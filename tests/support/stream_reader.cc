#include "tests/support/stream_reader.h"

#include "grpcpp/support/proto_buffer_reader.h"
#include "tests/support/saas_schema.h"

namespace tenantry::test {

StreamReader::StreamReader(const std::shared_ptr<grpc::Channel>& channel,
                           const schema::Method& method, const google::protobuf::Message& request,
                           const CallOptions& options)
    : stub_(channel), reply_(testing::NewMessage(*method.descriptor->output_type())) {
  for (const auto& [name, value] : options.headers) context_.AddMetadata(name, value);
  context_.set_deadline(std::chrono::system_clock::now() +
                        absl::ToChronoNanoseconds(options.timeout));
  call_ = stub_.PrepareCall(&context_, method.path, &queue_);
  call_->StartCall(nullptr);
  open_ = Done();
  if (!open_) return;
  const grpc::Slice bytes(request.SerializeAsString());
  call_->WriteLast(grpc::ByteBuffer(&bytes, 1), {}, nullptr);
  open_ = Done();
}

StreamReader::~StreamReader() {
  if (!finished_) {
    Cancel();
    End();
  }
}

bool StreamReader::Done() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

const google::protobuf::Message* StreamReader::Next() {
  if (!open_) return nullptr;
  grpc::ByteBuffer bytes;
  call_->Read(&bytes, nullptr);
  open_ = Done();
  if (!open_) return nullptr;
  grpc::ProtoBufferReader reader(&bytes);
  return reply_->ParseFromZeroCopyStream(&reader) ? reply_.get() : nullptr;
}

client::Error StreamReader::End() {
  while (Next() != nullptr) {
  }
  grpc::Status status;
  call_->Finish(&status, nullptr);
  Done();
  finished_ = true;
  return client::DecodeError(status);
}

}  // namespace tenantry::test
