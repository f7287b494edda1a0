#include "tests/unit/client/fake_server.h"

#include <chrono>
#include <set>
#include <utility>

#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/status.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/server_builder.h"
#include "saas/v1/catalog_service.pb.h"
#include "saas/v1/commerce_service.pb.h"
#include "saas/v1/crm_service.pb.h"

namespace tenantry::client::testing {
namespace {

namespace pb = google::protobuf;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

const char* const kServices[] = {"saas.v1.ContactService", "saas.v1.AddressService",
                                 "saas.v1.OrderService", "saas.v1.OrderItemService",
                                 "saas.v1.ProductService"};

std::string FullPath(const std::string& method) {
  return method.starts_with("/") ? method : "/saas.v1." + method;
}

const pb::MethodDescriptor* MethodOf(const std::string& path) {
  return pb::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrReplaceAll(path.substr(1), {{"/", "."}}));
}

std::unique_ptr<pb::Message> New(const pb::Descriptor* type) {
  return std::unique_ptr<pb::Message>(
      pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

grpc::ByteBuffer ToBytes(const pb::Message& message) {
  grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

std::string FromBytes(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  bytes.Dump(&slices);
  std::string out;
  for (const grpc::Slice& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

std::string JsonOf(const pb::Message& message) {
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string out;
  (void)pb::util::MessageToJsonString(message, &out, options);
  return out;
}

void AddFile(const pb::FileDescriptor& file, ServerReflectionResponse& response) {
  pb::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response.mutable_file_descriptor_response()->add_file_descriptor_proto(proto.SerializeAsString());
}

ServerReflectionResponse Reflect(const ServerReflectionRequest& request) {
  const auto& pool = *pb::DescriptorPool::generated_pool();
  ServerReflectionResponse response;
  const pb::FileDescriptor* file = nullptr;
  if (request.has_list_services()) {
    for (const char* name : kServices) {
      response.mutable_list_services_response()->add_service()->set_name(name);
    }
    return response;
  }
  if (request.has_file_by_filename()) file = pool.FindFileByName(request.file_by_filename());
  if (request.has_file_containing_symbol()) {
    file = pool.FindFileContainingSymbol(request.file_containing_symbol());
  }
  if (file != nullptr) {
    AddFile(*file, response);
  } else {
    response.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
  }
  return response;
}

}  // namespace

// One unary call.
class FakeServer::CallReactor : public grpc::ServerGenericBidiReactor {
 public:
  CallReactor(FakeServer& server, grpc::GenericCallbackServerContext* context)
      : server_(server), context_(context) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    const std::string path = context_->method();
    const pb::MethodDescriptor* method = MethodOf(path);
    if (!ok || method == nullptr) return Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""));
    const auto request = New(method->input_type());
    request->ParseFromString(FromBytes(request_));
    Call call{path, JsonOf(*request), {}, false};
    for (const auto& [key, value] : context_->client_metadata()) {
      call.metadata.emplace(std::string(key.data(), key.size()),
                            std::string(value.data(), value.size()));
    }
    call.has_deadline =
        context_->deadline() < std::chrono::system_clock::now() + std::chrono::hours(1);
    const Handler handler = server_.Take(call);
    if (!handler) return Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method"));
    const auto reply = New(method->output_type());
    const grpc::Status status = handler(*request, *reply, *context_);
    if (!status.ok()) return Finish(status);
    reply_ = ToBytes(*reply);
    StartWriteAndFinish(&reply_, grpc::WriteOptions(), status);
  }

  void OnDone() override { delete this; }

 private:
  FakeServer& server_;
  grpc::GenericCallbackServerContext* const context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer reply_;
};

class FakeServer::ReflectionReactor : public grpc::ServerGenericBidiReactor {
 public:
  ReflectionReactor() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    ServerReflectionRequest request;
    request.ParseFromString(FromBytes(request_));
    reply_ = ToBytes(Reflect(request));
    StartWrite(&reply_);
  }
  void OnWriteDone(bool) override { StartRead(&request_); }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer request_;
  grpc::ByteBuffer reply_;
};

FakeServer::FakeServer(Reflection reflection) : reflection_(reflection) {
  // So that the linker keeps them.
  pb::LinkMessageReflection<saas::v1::GetContactRequest>();
  pb::LinkMessageReflection<saas::v1::GetOrderRequest>();
  pb::LinkMessageReflection<saas::v1::GetProductRequest>();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(this);
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

FakeServer::~FakeServer() {
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  server_->Wait();
}

grpc::ServerGenericBidiReactor* FakeServer::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  const std::string version = reflection_ == Reflection::kV1        ? ".v1."
                              : reflection_ == Reflection::kV1Alpha ? ".v1alpha."
                                                                    : "none";
  if (context->method().find("/grpc.reflection" + version) == 0) return new ReflectionReactor();
  return new CallReactor(*this, context);
}

FakeServer::Handler FakeServer::Take(const Call& call) {
  std::lock_guard lock(mutex_);
  const auto found = handlers_.find(call.path);
  if (found == handlers_.end()) return nullptr;
  calls_.push_back(call);
  return found->second;
}

std::vector<FakeServer::Call> FakeServer::calls() const {
  std::lock_guard lock(mutex_);
  return calls_;
}

void FakeServer::On(const std::string& method, Handler handler) {
  std::lock_guard lock(mutex_);
  handlers_[FullPath(method)] = std::move(handler);
}

void FakeServer::Answer(const std::string& method, const std::string& json) {
  On(method, [json](const pb::Message&, pb::Message& reply, grpc::GenericCallbackServerContext&) {
    const auto status = pb::util::JsonStringToMessage(json, &reply);
    return status.ok() ? grpc::Status::OK
                       : grpc::Status(grpc::StatusCode::INTERNAL, "the test's JSON does not fit");
  });
}

void FakeServer::Refuse(const std::string& method, const grpc::Status& status) {
  On(method, [status](const pb::Message&, pb::Message&, grpc::GenericCallbackServerContext&) {
    return status;
  });
}

grpc::Status StatusWith(grpc::StatusCode code, const std::string& message,
                        const google::rpc::ErrorInfo& info,
                        const google::rpc::BadRequest& bad_request) {
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  details.add_details()->PackFrom(info);
  if (bad_request.field_violations_size() > 0) details.add_details()->PackFrom(bad_request);
  return {code, message, details.SerializeAsString()};
}

}  // namespace tenantry::client::testing
