#include "tests/isolation/ways.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "tenantry/v1/transact.grpc.pb.h"
#include "tests/support/rows.h"
#include "tests/support/saas_schema.h"

namespace tenantry::isolation {
namespace {

using google::protobuf::Message;
using test::CallResult;

void Fail(const grpc::Status& status, CallResult& result) {
  result.status = status;
  result.error = client::DecodeError(status);
  // Which step it was is the same for all.
  result.error.metadata.erase("step");
}

// The reply of a method, or what a read in a transaction that was done is answered with instead.
void Unpack(const google::protobuf::Any& packed, const schema::Method& method, CallResult& result) {
  google::rpc::Status refused;
  if (packed.UnpackTo(&refused)) {
    return Fail({static_cast<grpc::StatusCode>(refused.code()), refused.message(),
                 refused.SerializeAsString()},
                result);
  }
  result.bytes = packed.value();
  result.reply = testing::NewMessage(*method.descriptor->output_type());
  if (!result.reply->ParseFromString(result.bytes)) result.reply.reset();
}

CallResult Transact(const test::DynamicClient& client, const schema::Method& method,
                    const Message& request, const test::CallOptions& options) {
  v1::TransactRequest transact;
  auto& step = *transact.add_steps()->mutable_request();
  step.set_type_url(
      absl::StrCat("type.googleapis.com/", method.descriptor->input_type()->full_name()));
  step.set_value(request.SerializePartialAsString());
  grpc::ClientContext context;
  for (const auto& [name, value] : options.headers) context.AddMetadata(name, value);
  context.set_deadline(std::chrono::system_clock::now() +
                       absl::ToChronoNanoseconds(options.timeout));
  v1::TransactResponse response;
  CallResult result;
  const grpc::Status status =
      v1::TransactService::NewStub(client.channel())->Transact(&context, transact, &response);
  if (!status.ok()) {
    Fail(status, result);
  } else if (response.results_size() == 1) {
    Unpack(response.results(0), method, result);
  }
  return result;
}

}  // namespace

CallResult CallBy(Way way, const test::DynamicClient& client, const schema::Method& method,
                  const Message& request, const test::CallOptions& options,
                  const std::function<std::string()>& new_id) {
  const bool streams =
      method.descriptor->server_streaming() || method.descriptor->client_streaming();
  if (way == Way::kTransact && !streams) return Transact(client, method, request, options);
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (way == Way::kPlain || method.read_only || field == nullptr) {
    return client.Call(method, request, options);
  }
  const test::MessagePtr named = test::Copy(request);
  named->GetReflection()->SetString(named.get(), field, new_id());
  return client.Call(method, *named, options);
}

}  // namespace tenantry::isolation
