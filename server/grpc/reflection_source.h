// The answers of server reflection, for both versions of its protocol.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace tenantry::rpc {

class ReflectionSource {
 public:
  // Files are looked up in `api` first, then among those compiled in (the system services). Only
  // the files of `services`, those that they import, and those of errors are known to callers.
  ReflectionSource(const google::protobuf::DescriptorPool& api, std::vector<std::string> services);

  // Answers one question of a stream. `sent` holds the names of the files that the stream has sent
  // already; those of this answer are added.
  grpc::reflection::v1::ServerReflectionResponse Answer(
      const grpc::reflection::v1::ServerReflectionRequest& question,
      std::set<std::string>& sent) const;

 private:
  using Response = grpc::reflection::v1::ServerReflectionResponse;
  using File = google::protobuf::FileDescriptor;

  void Serve(const File& file);
  bool Serves(const File* file) const;
  const File* FindFile(const std::string& name) const;
  const File* FindFileOfSymbol(const std::string& symbol) const;
  const File* FindFileOfExtension(const std::string& type, int number) const;
  const google::protobuf::Descriptor* FindMessage(const std::string& name) const;
  void AnswerWithFile(const File* file, const std::string& what, std::set<std::string>& sent,
                      Response& response) const;
  void AnswerWithExtensionNumbers(const std::string& type, Response& response) const;

  const google::protobuf::DescriptorPool* pools_[2];
  std::vector<std::string> services_;
  std::set<std::string> served_;  // names of files
};

}  // namespace tenantry::rpc
