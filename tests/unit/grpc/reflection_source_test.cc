#include "server/grpc/reflection_source.h"

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "tests/support/saas_schema.h"

namespace tenantry::rpc {
namespace {

using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class ReflectionSourceTest : public ::testing::Test {
 protected:
  ServerReflectionResponse Symbol(const std::string& symbol) {
    ServerReflectionRequest question;
    question.set_file_containing_symbol(symbol);
    return source_.Answer(question, sent_);
  }

  static std::vector<std::string> Files(const ServerReflectionResponse& response) {
    std::vector<std::string> names;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  ReflectionSource source_{tenantry::testing::SaasSchema().pool(), {"b.Service", "a.Service"}};
  std::set<std::string> sent_;
};

TEST_F(ReflectionSourceTest, ListsServicesInOrder) {
  ServerReflectionRequest question;
  question.set_list_services("");
  ServerReflectionResponse response = source_.Answer(question, sent_);
  ASSERT_EQ(response.list_services_response().service_size(), 2);
  EXPECT_EQ(response.list_services_response().service(0).name(), "a.Service");
}

TEST_F(ReflectionSourceTest, SendsAFileAfterItsImports) {
  std::vector<std::string> files = Files(Symbol("saas.crm.v1.ContactService.GetContact"));
  EXPECT_EQ(files.back(), "saas/crm/v1/crm_service.proto");
  EXPECT_THAT(files, Contains("saas/crm/v1/crm.proto"));
  EXPECT_THAT(files, Contains("google/protobuf/descriptor.proto"));
}

TEST_F(ReflectionSourceTest, SendsImportsOncePerStream) {
  Symbol("saas.crm.v1.ContactService");
  EXPECT_THAT(Files(Symbol("saas.crm.v1.ContactService")),
              ElementsAre("saas/crm/v1/crm_service.proto"));
  EXPECT_THAT(Files(Symbol("saas.catalog.v1.Product")), Not(Contains("saas/crm/v1/crm.proto")));
}

TEST_F(ReflectionSourceTest, KnowsSystemServices) {
  EXPECT_EQ(Files(Symbol("grpc.health.v1.Health")).back(), "grpc/health/v1/health.proto");
  ServerReflectionRequest question;
  question.set_file_by_filename("grpc/reflection/v1alpha/reflection.proto");
  EXPECT_THAT(Files(source_.Answer(question, sent_)), Not(IsEmpty()));
}

TEST_F(ReflectionSourceTest, FindsExtensions) {
  ServerReflectionRequest question;
  question.mutable_file_containing_extension()->set_containing_type(
      "google.protobuf.MessageOptions");
  question.mutable_file_containing_extension()->set_extension_number(51200);
  EXPECT_EQ(Files(source_.Answer(question, sent_)).back(), "tenantry/v1/options.proto");

  question.set_all_extension_numbers_of_type("google.protobuf.MessageOptions");
  ServerReflectionResponse response = source_.Answer(question, sent_);
  EXPECT_THAT(response.all_extension_numbers_response().extension_number(), Contains(51200));
}

TEST_F(ReflectionSourceTest, UnknownIsNotFoundAndTheStreamGoesOn) {
  EXPECT_EQ(Symbol("no.such.Thing").error_response().error_code(), 5);
  EXPECT_EQ(source_.Answer({}, sent_).error_response().error_code(), 3);
  EXPECT_TRUE(Symbol("saas.crm.v1.Contact").has_file_descriptor_response());
}

}  // namespace
}  // namespace tenantry::rpc
