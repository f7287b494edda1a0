#include "server/grpc/status_mapping.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/call/error_reply.h"

namespace tenantry::rpc {
namespace {

google::rpc::Status DetailsIn(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

google::rpc::ErrorInfo ErrorInfoIn(const grpc::Status& status) {
  google::rpc::ErrorInfo info;
  EXPECT_TRUE(DetailsIn(status).details(0).UnpackTo(&info));
  return info;
}

TEST(StatusMapping, OkHasNoDetails) {
  grpc::Status status = ToGrpcStatus(absl::OkStatus(), "r");
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.error_details(), "");
}

TEST(StatusMapping, CarriesReasonMetadataAndRequestId) {
  grpc::Status status = ToGrpcStatus(
      MakeError(absl::StatusCode::kAlreadyExists, "exists",
                {.reason = "ALREADY_EXISTS", .metadata = {{"table", "t"}}, .violations = {}}),
      "req-1");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(status.error_message(), "exists");
  EXPECT_EQ(DetailsIn(status).code(), 6);
  google::rpc::ErrorInfo info = ErrorInfoIn(status);
  EXPECT_EQ(info.reason(), "ALREADY_EXISTS");
  EXPECT_EQ(info.domain(), "tenantry");
  EXPECT_EQ(info.metadata().at("table"), "t");
  EXPECT_EQ(info.metadata().at("request_id"), "req-1");
}

TEST(StatusMapping, MessagesOfInternalErrorsStayInside) {
  for (const absl::Status& inside :
       {absl::InternalError("SELECT secret"), absl::UnknownError("secret")}) {
    grpc::Status status = ToGrpcStatus(inside, "req-1");
    EXPECT_EQ(status.error_message(), "internal error");
    EXPECT_EQ(status.error_details().find("secret"), std::string::npos);
    EXPECT_EQ(ErrorInfoIn(status).reason(), absl::StatusCodeToString(inside.code()));
  }
}

TEST(StatusMapping, ViolationsAreCutToWhatATrailerHolds) {
  std::vector<FieldViolation> violations;
  for (int i = 0; i < 50; ++i) {
    violations.push_back({"contact.field" + std::to_string(i), std::string(500, 'x')});
  }
  grpc::Status status = ToGrpcStatus(InvalidArgument(violations), "r");
  EXPECT_LE(status.error_details().size(), limits::kErrorDetailsBytesMax + 256);
  google::rpc::BadRequest bad;
  ASSERT_TRUE(DetailsIn(status).details(1).UnpackTo(&bad));
  EXPECT_GT(bad.field_violations_size(), 5);
  EXPECT_LT(bad.field_violations_size(), 50);
  EXPECT_EQ(bad.field_violations(0).field(), "contact.field0");
}

}  // namespace
}  // namespace tenantry::rpc
