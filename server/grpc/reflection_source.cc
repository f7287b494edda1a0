#include "server/grpc/reflection_source.h"

#include <algorithm>

#include "google/protobuf/descriptor.pb.h"
#include "grpcpp/support/status.h"

namespace tenantry::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

// A file comes after the files that it imports, as in protoc's descriptor sets.
void AddWithImports(const FileDescriptor* file, std::set<std::string>& sent,
                    ServerReflectionResponse& response) {
  if (!sent.insert(file->name()).second) return;
  for (int i = 0; i < file->dependency_count(); ++i) {
    AddWithImports(file->dependency(i), sent, response);
  }
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  response.mutable_file_descriptor_response()->add_file_descriptor_proto(proto.SerializeAsString());
}

void AnswerNotFound(const std::string& what, ServerReflectionResponse& response) {
  auto* error = response.mutable_error_response();
  error->set_error_code(grpc::StatusCode::NOT_FOUND);
  error->set_error_message("unknown: " + what);
}

}  // namespace

ReflectionSource::ReflectionSource(const google::protobuf::DescriptorPool& api,
                                   std::vector<std::string> services)
    : pools_{&api, google::protobuf::DescriptorPool::generated_pool()},
      services_(std::move(services)) {
  std::sort(services_.begin(), services_.end());
  for (const std::string& service : services_) {
    for (const auto* pool : pools_) {
      const auto* found = pool->FindServiceByName(service);
      if (found != nullptr) Serve(*found->file());
    }
  }
  // What the details of errors are made of.
  for (const char* name : {"google/rpc/status.proto", "google/rpc/error_details.proto"}) {
    if (const FileDescriptor* file = pools_[1]->FindFileByName(name)) Serve(*file);
  }
}

void ReflectionSource::Serve(const FileDescriptor& file) {
  if (!served_.insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) Serve(*file.dependency(i));
}

bool ReflectionSource::Serves(const FileDescriptor* file) const {
  return file != nullptr && served_.contains(file->name());
}

const FileDescriptor* ReflectionSource::FindFile(const std::string& name) const {
  for (const auto* pool : pools_) {
    if (const auto* file = pool->FindFileByName(name); Serves(file)) return file;
  }
  return nullptr;
}

const FileDescriptor* ReflectionSource::FindFileOfSymbol(const std::string& symbol) const {
  for (const auto* pool : pools_) {
    if (const auto* file = pool->FindFileContainingSymbol(symbol); Serves(file)) return file;
  }
  return nullptr;
}

const Descriptor* ReflectionSource::FindMessage(const std::string& name) const {
  for (const auto* pool : pools_) {
    const auto* message = pool->FindMessageTypeByName(name);
    if (message != nullptr && Serves(message->file())) return message;
  }
  return nullptr;
}

const FileDescriptor* ReflectionSource::FindFileOfExtension(const std::string& type,
                                                            int number) const {
  for (const auto* pool : pools_) {
    const Descriptor* message = pool->FindMessageTypeByName(type);
    if (message == nullptr) continue;
    const FieldDescriptor* extension = pool->FindExtensionByNumber(message, number);
    if (extension != nullptr && Serves(extension->file())) return extension->file();
  }
  return nullptr;
}

void ReflectionSource::AnswerWithFile(const File* file, const std::string& what,
                                      std::set<std::string>& sent, Response& response) const {
  if (file == nullptr) return AnswerNotFound(what, response);
  // A file that is asked for again is sent again. Its imports are not.
  sent.erase(file->name());
  AddWithImports(file, sent, response);
}

void ReflectionSource::AnswerWithExtensionNumbers(const std::string& type,
                                                  Response& response) const {
  if (FindMessage(type) == nullptr) return AnswerNotFound(type, response);
  std::set<int> numbers;
  for (const auto* pool : pools_) {
    const Descriptor* message = pool->FindMessageTypeByName(type);
    if (message == nullptr) continue;
    std::vector<const FieldDescriptor*> extensions;
    pool->FindAllExtensions(message, &extensions);
    for (const FieldDescriptor* extension : extensions) {
      if (Serves(extension->file())) numbers.insert(extension->number());
    }
  }
  auto* answer = response.mutable_all_extension_numbers_response();
  answer->set_base_type_name(type);
  for (int number : numbers) answer->add_extension_number(number);
}

ServerReflectionResponse ReflectionSource::Answer(const ServerReflectionRequest& question,
                                                  std::set<std::string>& sent) const {
  ServerReflectionResponse response;
  response.set_valid_host(question.host());
  *response.mutable_original_request() = question;
  switch (question.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename: {
      const std::string& name = question.file_by_filename();
      AnswerWithFile(FindFile(name), name, sent, response);
      break;
    }
    case ServerReflectionRequest::kFileContainingSymbol: {
      const std::string& symbol = question.file_containing_symbol();
      AnswerWithFile(FindFileOfSymbol(symbol), symbol, sent, response);
      break;
    }
    case ServerReflectionRequest::kFileContainingExtension: {
      const auto& extension = question.file_containing_extension();
      AnswerWithFile(FindFileOfExtension(extension.containing_type(), extension.extension_number()),
                     extension.containing_type(), sent, response);
      break;
    }
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      AnswerWithExtensionNumbers(question.all_extension_numbers_of_type(), response);
      break;
    case ServerReflectionRequest::kListServices:
      for (const std::string& name : services_) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      break;
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      response.mutable_error_response()->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
      response.mutable_error_response()->set_error_message("the question is empty");
      break;
  }
  return response;
}

}  // namespace tenantry::rpc
