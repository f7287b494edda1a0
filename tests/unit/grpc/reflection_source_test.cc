#include "server/grpc/reflection_source.h"

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "tests/support/saas_schema.h"

namespace tenantry::rpc {
namespace {

using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using ::testing::AllOf;
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

  ReflectionSource source_{
      tenantry::testing::SaasSchema().api(),
      {"saas.v1.ProductService", "saas.v1.ContactService", "grpc.health.v1.Health"}};
  std::set<std::string> sent_;
};

TEST_F(ReflectionSourceTest, ListsServicesInOrder) {
  ServerReflectionRequest question;
  question.set_list_services("");
  ServerReflectionResponse response = source_.Answer(question, sent_);
  ASSERT_EQ(response.list_services_response().service_size(), 3);
  EXPECT_EQ(response.list_services_response().service(0).name(), "grpc.health.v1.Health");
}

TEST_F(ReflectionSourceTest, SendsAFileAfterItsImports) {
  std::vector<std::string> files = Files(Symbol("saas.v1.ContactService.GetContact"));
  EXPECT_EQ(files.back(), "saas/v1/crm_service.proto");
  EXPECT_THAT(files, Contains("saas/v1/resources.proto"));
  EXPECT_THAT(files, Contains("google/protobuf/descriptor.proto"));
}

TEST_F(ReflectionSourceTest, SendsImportsOncePerStream) {
  Symbol("saas.v1.ContactService");
  EXPECT_THAT(Files(Symbol("saas.v1.ContactService")), ElementsAre("saas/v1/crm_service.proto"));
  EXPECT_THAT(Files(Symbol("saas.v1.ProductService")), Not(Contains("saas/v1/resources.proto")));
}

TEST_F(ReflectionSourceTest, KnowsSystemServices) {
  EXPECT_EQ(Files(Symbol("grpc.health.v1.Health")).back(), "grpc/health/v1/health.proto");
  ServerReflectionRequest question;
  question.set_file_by_filename("google/rpc/error_details.proto");
  EXPECT_THAT(Files(source_.Answer(question, sent_)), Not(IsEmpty()));
}

// Policies, defaults and hidden columns are in files that callers do not get, nor do they get what
// else the program has compiled in.
TEST_F(ReflectionSourceTest, KnowsNothingOfTheSchema) {
  for (const char* file :
       {"saas/crm.proto", "tenantry/v1/options.proto", "tenantry/migrate/v1/snapshot.proto"}) {
    ServerReflectionRequest question;
    question.set_file_by_filename(file);
    EXPECT_EQ(source_.Answer(question, sent_).error_response().error_code(), 5) << file;
  }
  for (const char* symbol : {"saas.Contact", "tenantry.v1.TableOptions", "tenantry.v1.table",
                             "tenantry.migrate.v1.Snapshot"}) {
    EXPECT_EQ(Symbol(symbol).error_response().error_code(), 5) << symbol;
  }
}

TEST_F(ReflectionSourceTest, FindsExtensions) {
  ServerReflectionRequest question;
  question.mutable_file_containing_extension()->set_containing_type(
      "google.protobuf.MethodOptions");
  question.mutable_file_containing_extension()->set_extension_number(51200);
  EXPECT_EQ(Files(source_.Answer(question, sent_)).back(), "tenantry/v1/api.proto");

  question.set_all_extension_numbers_of_type("google.protobuf.MessageOptions");
  ServerReflectionResponse response = source_.Answer(question, sent_);
  EXPECT_THAT(response.all_extension_numbers_response().extension_number(),
              AllOf(Contains(51201), Not(Contains(51200))));
}

TEST_F(ReflectionSourceTest, UnknownIsNotFoundAndTheStreamGoesOn) {
  EXPECT_EQ(Symbol("no.such.Thing").error_response().error_code(), 5);
  EXPECT_EQ(source_.Answer({}, sent_).error_response().error_code(), 3);
  EXPECT_TRUE(Symbol("saas.v1.Contact").has_file_descriptor_response());
}

}  // namespace
}  // namespace tenantry::rpc
