#include "server/grpc/health.h"

#include <memory>

#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/sync_stream.h"
#include "gtest/gtest.h"
#include "tests/unit/grpc/in_process.h"

namespace tenantry::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class HealthTest : public ::testing::Test {
 protected:
  // The status, or the error's code as a negative number.
  int Check(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    grpc::ClientContext context;
    std::string reply;
    grpc::Status status =
        server_.Call("/grpc.health.v1.Health/Check", context, request.SerializeAsString(), &reply);
    if (!status.ok()) return -status.error_code();
    HealthCheckResponse response;
    EXPECT_TRUE(response.ParseFromString(reply));
    return response.status();
  }

  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> Watch(const std::string& service,
                                                                 grpc::ClientContext& context) {
    HealthCheckRequest request;
    request.set_service(service);
    grpc::internal::RpcMethod method("/grpc.health.v1.Health/Watch",
                                     grpc::internal::RpcMethod::SERVER_STREAMING,
                                     server_.channel());
    return std::unique_ptr<grpc::ClientReader<HealthCheckResponse>>(
        grpc::internal::ClientReaderFactory<HealthCheckResponse>::Create(
            server_.channel().get(), method, &context, request));
  }

  static int Next(grpc::ClientReader<HealthCheckResponse>& reader) {
    HealthCheckResponse response;
    return reader.Read(&response) ? static_cast<int>(response.status()) : -1;
  }

  HealthTest() { health_.SetServices({"x.Service"}); }

  HealthService health_;
  InProcessServer server_{{&health_}};
};

TEST_F(HealthTest, AllServicesFollowTheDatabase) {
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
  health_.SetServing(true);
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("x.Service"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("y.Service"), -grpc::StatusCode::NOT_FOUND);
}

TEST_F(HealthTest, WatchTellsChanges) {
  grpc::ClientContext context;
  auto reader = Watch("x.Service", context);
  EXPECT_EQ(Next(*reader), HealthCheckResponse::NOT_SERVING);
  health_.SetServing(true);
  EXPECT_EQ(Next(*reader), HealthCheckResponse::SERVING);
  health_.SetServing(false);
  EXPECT_EQ(Next(*reader), HealthCheckResponse::NOT_SERVING);
  context.TryCancel();
  EXPECT_EQ(Next(*reader), -1);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(HealthTest, WatchOfAnUnknownServiceStaysOpen) {
  grpc::ClientContext context;
  auto reader = Watch("y.Service", context);
  EXPECT_EQ(Next(*reader), HealthCheckResponse::SERVICE_UNKNOWN);
  health_.Shutdown();
  EXPECT_EQ(Next(*reader), -1);
}

TEST_F(HealthTest, ShutdownEndsAWatchThatHasNotSaidOfWhat) {
  grpc::ClientContext context;
  grpc::internal::RpcMethod method("/grpc.health.v1.Health/Watch",
                                   grpc::internal::RpcMethod::BIDI_STREAMING, server_.channel());
  using Stream = grpc::ClientReaderWriter<HealthCheckRequest, HealthCheckResponse>;
  std::unique_ptr<Stream> silent(
      grpc::internal::ClientReaderWriterFactory<HealthCheckRequest, HealthCheckResponse>::Create(
          server_.channel().get(), method, &context));
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);  // the stream is open by now
  health_.SetServing(true);                                // not its business yet
  health_.Shutdown();
  HealthCheckResponse response;
  EXPECT_FALSE(silent->Read(&response));
  EXPECT_EQ(silent->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(HealthTest, ShutdownEndsWatchesAndStaysDown) {
  health_.SetServing(true);
  grpc::ClientContext context;
  auto reader = Watch("", context);
  EXPECT_EQ(Next(*reader), HealthCheckResponse::SERVING);
  health_.Shutdown();
  EXPECT_EQ(Next(*reader), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Next(*reader), -1);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  health_.SetServing(true);
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace tenantry::rpc
