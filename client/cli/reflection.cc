#include "client/cli/reflection.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace tenantry::cli {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;

// The reflection call: one stream for all questions, asked one at a time. Both versions have the
// same messages on the wire and differ in the method's name only.
class ReflectionDatabase::Stream {
 public:
  Stream(const std::shared_ptr<grpc::Channel>& channel, std::chrono::milliseconds timeout,
         bool alpha)
      : stub_(channel) {
    context_.set_deadline(std::chrono::system_clock::now() + timeout);
    const char* version = alpha ? "v1alpha" : "v1";
    call_ = stub_.PrepareCall(
        &context_,
        absl::StrCat("/grpc.reflection.", version, ".ServerReflection/ServerReflectionInfo"),
        &queue_);
    call_->StartCall(nullptr);
    good_ = Wait();
  }

  ~Stream() {
    context_.TryCancel();
    Finish();
    queue_.Shutdown();
    while (Wait()) {
    }
  }

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool Ask(const Request& request, Response& response) {
    if (!good_) return false;
    call_->Write(request, nullptr);
    good_ = Wait();
    if (!good_) return false;
    call_->Read(&response, nullptr);
    good_ = Wait();
    return good_;
  }

  // Why the stream broke.
  grpc::Status Finish() {
    if (!finished_) {
      finished_ = true;
      good_ = false;
      call_->Finish(&status_, nullptr);
      Wait();
    }
    return status_;
  }

 private:
  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::TemplatedGenericStub<Request, Response> stub_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<Request, Response>> call_;
  grpc::Status status_;
  bool good_ = false;
  bool finished_ = false;
};

ReflectionDatabase::ReflectionDatabase(std::shared_ptr<grpc::Channel> channel,
                                       std::chrono::milliseconds timeout)
    : channel_(std::move(channel)), timeout_(timeout) {}

ReflectionDatabase::~ReflectionDatabase() = default;

absl::StatusOr<ReflectionDatabase::Response> ReflectionDatabase::Ask(const Request& request) {
  while (true) {
    if (stream_ == nullptr) stream_ = std::make_unique<Stream>(channel_, timeout_, alpha_);
    Response response;
    if (stream_->Ask(request, response)) return response;
    const grpc::Status status = stream_->Finish();
    stream_.reset();
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED && !alpha_) {
      alpha_ = true;
      continue;
    }
    return absl::Status(
        static_cast<absl::StatusCode>(status.error_code()),
        status.ok() ? "the server ended the reflection stream" : status.error_message());
  }
}

absl::StatusOr<std::vector<std::string>> ReflectionDatabase::ListServices() {
  Request request;
  request.set_list_services("*");
  absl::StatusOr<Response> response = Ask(request);
  if (!response.ok()) return response.status();
  if (response->has_error_response()) {
    return absl::InternalError(response->error_response().error_message());
  }
  std::vector<std::string> names;
  for (const auto& service : response->list_services_response().service()) {
    names.push_back(service.name());
  }
  return names;
}

bool ReflectionDatabase::Fetch(const Request& request) {
  const std::string key = request.SerializeAsString();
  if (missing_.contains(key)) return false;
  absl::StatusOr<Response> response = Ask(request);
  if (!response.ok() || !response->has_file_descriptor_response()) {
    missing_.insert(key);
    return false;
  }
  for (const std::string& bytes : response->file_descriptor_response().file_descriptor_proto()) {
    FileDescriptorProto file;
    if (!file.ParseFromString(bytes)) return false;
    // Servers answer with what a file imports as well, again and again.
    if (names_.insert(file.name()).second) files_.Add(file);
  }
  return true;
}

bool ReflectionDatabase::FindFileByName(const std::string& name, FileDescriptorProto* output) {
  if (files_.FindFileByName(name, output)) return true;
  Request request;
  request.set_file_by_filename(name);
  if (Fetch(request) && files_.FindFileByName(name, output)) return true;
  const auto* own = DescriptorPool::generated_pool()->FindFileByName(name);
  if (own == nullptr) return false;
  own->CopyTo(output);
  return true;
}

bool ReflectionDatabase::FindFileContainingSymbol(const std::string& symbol,
                                                  FileDescriptorProto* output) {
  if (files_.FindFileContainingSymbol(symbol, output)) return true;
  Request request;
  request.set_file_containing_symbol(symbol);
  return Fetch(request) && files_.FindFileContainingSymbol(symbol, output);
}

bool ReflectionDatabase::FindFileContainingExtension(const std::string& type, int number,
                                                     FileDescriptorProto* output) {
  if (files_.FindFileContainingExtension(type, number, output)) return true;
  Request request;
  request.mutable_file_containing_extension()->set_containing_type(type);
  request.mutable_file_containing_extension()->set_extension_number(number);
  return Fetch(request) && files_.FindFileContainingExtension(type, number, output);
}

}  // namespace tenantry::cli
