#include "server/dev/sample_calls.h"

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "server/dev/settings_file.h"

namespace tenantry::dev {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using nlohmann::ordered_json;

constexpr char kContactService[] = "saas.v1.ContactService";
constexpr auto kCallTimeMax = std::chrono::seconds(20);

struct Outcome {
  grpc::Status status;
  ordered_json reply;
  double milliseconds = 0;
};

class Caller {
 public:
  Caller(const std::string& address, const google::protobuf::DescriptorPool& pool)
      : pool_(pool),
        channel_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
        stub_(channel_),
        factory_(&pool) {}

  absl::StatusOr<Outcome> Call(const DemoTenant& tenant, const std::string& method_name,
                               const ordered_json& request_json) {
    const google::protobuf::ServiceDescriptor* service = pool_.FindServiceByName(kContactService);
    const MethodDescriptor* method =
        service == nullptr ? nullptr : service->FindMethodByName(method_name);
    if (method == nullptr) {
      return absl::NotFoundError(absl::StrCat("no method ", kContactService, ".", method_name));
    }
    std::unique_ptr<Message> request(factory_.GetPrototype(method->input_type())->New());
    auto parsed = google::protobuf::util::JsonStringToMessage(request_json.dump(), request.get());
    if (!parsed.ok()) return absl::InternalError(std::string(parsed.message()));
    return Send(tenant, *method, *request);
  }

 private:
  absl::StatusOr<Outcome> Send(const DemoTenant& tenant, const MethodDescriptor& method,
                               const Message& request) {
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant.id);
    context.AddMetadata("x-user-id", "dev");
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeMax);
    context.set_wait_for_ready(true);
    grpc::ByteBuffer sent, received;
    bool own_buffer = false;
    grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(request, &sent, &own_buffer);

    Outcome outcome;
    absl::Notification done;
    auto start = std::chrono::steady_clock::now();
    std::string path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
    stub_.UnaryCall(&context, path, {}, &sent, &received, [&](grpc::Status status) {
      outcome.status = std::move(status);
      done.Notify();
    });
    done.WaitForNotification();
    outcome.milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (!outcome.status.ok()) return outcome;

    std::unique_ptr<Message> reply(factory_.GetPrototype(method.output_type())->New());
    std::string json;
    grpc::Status decoded =
        grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(&received, reply.get());
    if (!decoded.ok() || !google::protobuf::util::MessageToJsonString(*reply, &json).ok()) {
      return absl::InternalError("a reply could not be decoded");
    }
    outcome.reply = ordered_json::parse(json);
    return outcome;
  }

  const google::protobuf::DescriptorPool& pool_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  google::protobuf::DynamicMessageFactory factory_;
};

const char* CodeName(grpc::StatusCode code) {
  return code == grpc::StatusCode::NOT_FOUND ? "NOT_FOUND" : "unexpected";
}

std::string Text(const ordered_json& object, const char* key) {
  return object.contains(key) ? object[key].get<std::string>() : "-";
}

void PrintContact(const ordered_json& contact) {
  std::printf("      %s  %-22s %-42s %s\n", Text(contact, "id").c_str(),
              Text(contact, "name").c_str(), Text(contact, "email").c_str(),
              absl::StrReplaceAll(Text(contact, "type"), {{"CONTACT_TYPE_", ""}}).c_str());
}

void Print(const DemoTenant& tenant, const std::string& method, const ordered_json& request,
           const Outcome& outcome) {
  std::printf("\n  %s> %s %s   (%.1f ms)\n", tenant.name, method.c_str(), request.dump().c_str(),
              outcome.milliseconds);
  if (!outcome.status.ok()) {
    std::printf("      %s: %s\n", CodeName(outcome.status.error_code()),
                outcome.status.error_message().c_str());
  } else if (outcome.reply.contains("contacts")) {
    for (const ordered_json& contact : outcome.reply["contacts"]) PrintContact(contact);
  } else if (outcome.reply.contains("id")) {
    PrintContact(outcome.reply);
  } else {
    std::puts("      nothing");
  }
}

// Makes calls and shows them. After the first that does not end as it must, it makes no more.
class Show {
 public:
  Show(const std::string& address, const google::protobuf::DescriptorPool& pool)
      : caller_(address, pool) {}

  void Call(const DemoTenant& tenant, const std::string& method, const ordered_json& request,
            grpc::StatusCode expected = grpc::StatusCode::OK) {
    if (!status_.ok()) return;
    absl::StatusOr<Outcome> outcome = caller_.Call(tenant, method, request);
    if (!outcome.ok()) {
      status_ = outcome.status();
      return;
    }
    Print(tenant, method, request, *outcome);
    reply_ = outcome->reply;
    if (outcome->status.error_code() == expected) return;
    Fail(absl::StrCat(method, " as ", tenant.name, " ended with code ",
                      outcome->status.error_code(), ": ", outcome->status.error_message()));
  }
  void Fail(const std::string& what) { status_ = absl::InternalError(what); }

  const absl::Status& status() const { return status_; }
  const ordered_json& reply() const { return reply_; }  // the last one

 private:
  Caller caller_;
  absl::Status status_;
  ordered_json reply_;
};

}  // namespace

absl::Status ShowSampleCalls(const std::string& address,
                             const google::protobuf::DescriptorPool& pool) {
  const DemoTenant& acme = kDemoTenants[0];
  const DemoTenant& globex = kDemoTenants[1];
  const std::string email = "robin.sample@acme.example.com";
  ordered_json contact = {{"name", "Robin Sample"}, {"email", email}};

  Show show(address, pool);
  show.Call(acme, "ListContacts", {{"pageSize", 3}});
  show.Call(globex, "ListContacts", {{"pageSize", 3}});
  show.Call(acme, "UpsertContact", {{"contact", contact}, {"conflictKey", "CONTACT_KEY_EMAIL"}});
  std::string id = Text(show.reply(), "id");
  show.Call(acme, "GetContact", {{"id", id}});
  // For the other tenant that row does not exist.
  show.Call(globex, "GetContact", {{"id", id}}, grpc::StatusCode::NOT_FOUND);
  show.Call(globex, "ListContacts", {{"filter", {{"email", {{"eq", email}}}}}});
  if (show.status().ok() && show.reply().contains("contacts")) {
    show.Fail("globex was shown a contact of acme's");
  }
  return show.status();
}

}  // namespace tenantry::dev
