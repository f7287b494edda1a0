// JSON that the program takes and prints.
#include <algorithm>
#include <limits>
#include <map>

#include "client/cli/failure.h"
#include "google/protobuf/util/json_util.h"
#include "saas/v1/commerce_service.pb.h"
#include "saas/v1/crm_service.pb.h"
#include "tests/unit/client/program_fixture.h"

namespace tenantry::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Nested objects or lists, the outermost object counted.
google::protobuf::Struct Deep(int depth, bool lists) {
  google::protobuf::Value value;
  value.set_number_value(1);
  for (int i = 1; i < depth; ++i) {
    google::protobuf::Value outer;
    if (lists) {
      outer.mutable_list_value()->add_values()->Swap(&value);
    } else {
      (*outer.mutable_struct_value()->mutable_fields())["a"].Swap(&value);
    }
    value.Swap(&outer);
  }
  google::protobuf::Struct object;
  (*object.mutable_fields())["a"] = value;
  return object;
}

std::string DeepJson(int depth, bool lists) {
  std::string open = "{\"a\":", close;
  for (int i = 1; i < depth; ++i) {
    open += lists ? "[" : "{\"a\":";
    close += lists ? "]" : "}";
  }
  return open + "1" + close + "}";
}

TEST_F(ProgramTest, JsonIsPrintedAsDeepAsItMayBe) {
  for (const bool lists : {false, true}) {
    const auto answer = [lists](const auto&, auto& reply, grpc::GenericCallbackServerContext&) {
      saas::v1::ListContactsResponse page;
      page.add_contacts()->set_name("Ada");
      *page.add_contacts()->mutable_metadata() = Deep(32, lists);
      reply.ParseFromString(page.SerializeAsString());
      return grpc::Status::OK;
    };
    server_.On("ContactService/ListContacts", answer);
    for (const char* format : {"json", "ndjson", "table"}) {
      ASSERT_EQ(Run({"contact", "list", "-o", format}), kDone) << err();
      std::string printed = out();
      std::erase_if(printed, [](char c) { return c == ' ' || c == '\n'; });
      EXPECT_THAT(printed, HasSubstr("Ada"));
      EXPECT_THAT(printed, HasSubstr(DeepJson(32, lists))) << format;
    }
  }
}

TEST_F(ProgramTest, WhatCannotBePrintedIsAnErrorWithItsName) {
  server_.On("ContactService/ListContacts",
             [](const auto&, auto& reply, grpc::GenericCallbackServerContext&) {
               saas::v1::ListContactsResponse page;
               page.add_contacts()->set_name("Ada");
               auto& fields = *page.add_contacts()->mutable_metadata()->mutable_fields();
               fields["n"].set_number_value(std::numeric_limits<double>::infinity());
               reply.ParseFromString(page.SerializeAsString());
               return grpc::Status::OK;
             });
  for (const char* format : {"json", "ndjson", "table"}) {
    EXPECT_NE(Run({"contact", "list", "-o", format}), kDone) << format;
    EXPECT_THAT(err(), HasSubstr("contacts[1].metadata.n cannot be printed")) << format;
    EXPECT_THAT(out(), Not(HasSubstr("{}"))) << format;
  }
}

TEST_F(ProgramTest, AReplyThatDoesNotParseIsAnError) {
  server_.On("ContactService/GetContact",
             [](const auto&, auto& reply, grpc::GenericCallbackServerContext&) {
               saas::v1::Contact contact;
               *contact.mutable_metadata() = Deep(32, false);
               google::protobuf::Value& inner = *new google::protobuf::Value;
               *inner.mutable_struct_value() = Deep(32, false);
               google::protobuf::Struct* deepest = contact.mutable_metadata();
               while ((*deepest->mutable_fields())["a"].has_struct_value()) {
                 deepest = (*deepest->mutable_fields())["a"].mutable_struct_value();
               }
               (*deepest->mutable_fields())["a"].Swap(&inner);
               delete &inner;
               reply.GetReflection()->Swap(&reply, &contact);
               return grpc::Status::OK;
             });
  EXPECT_NE(Run({"contact", "get", "a1", "-o", "json"}), kDone);
  EXPECT_EQ(out(), "");
}

TEST_F(ProgramTest, JsonThatIsTooDeepIsRefusedWithItsPath) {
  server_.Answer("ContactService/CreateContact", kAda);
  server_.Answer("ContactService/BatchCreateContacts", R"({"contacts": [{"id": "a1"}]})");
  for (const bool lists : {false, true}) {
    ASSERT_EQ(Run({"contact", "create", "--metadata", DeepJson(32, lists)}), kDone) << err();
    EXPECT_EQ(Run({"contact", "create", "--metadata", DeepJson(33, lists)}), kUsage);
    EXPECT_THAT(err(), HasSubstr("metadata must not be nested deeper than 32"));
    const std::string row = "{\"name\": \"Ada\", \"metadata\": " + DeepJson(33, lists) + "}";
    EXPECT_EQ(Run({"contact", "batch-create"}, "{\"name\": \"Eve\"}\n" + row), kUsage);
    EXPECT_THAT(err(), HasSubstr("row 2: metadata must not be nested deeper"));
    EXPECT_EQ(Run({"contact", "create", "--data", row}), kUsage);
    EXPECT_EQ(Run({"contact", "create", "--data", DeepJson(200'000, lists)}), kUsage);
    EXPECT_EQ(Run({"contact", "create", "--metadata", DeepJson(200'000, lists)}), kUsage);
  }
}

TEST_F(ProgramTest, ValuesThatTheServerCannotSayAreNamed) {
  server_.On("ContactService/GetContact",
             [](const auto&, auto&, grpc::GenericCallbackServerContext& context) {
               context.AddTrailingMetadata("tenantry-unreadable", "Contact.metadata");
               return grpc::Status::OK;
             });
  ASSERT_EQ(Run({"contact", "get", "a1"}), kDone);
  EXPECT_THAT(err(), HasSubstr("warning"));
  EXPECT_THAT(err(), HasSubstr("Contact.metadata"));
}

TEST_F(ProgramTest, JsonHasEveryTypeInItsOwnForm) {
  server_.Answer("ContactService/GetContact",
                 R"({"id": "a1", "is_active": false, "created_at": "2025-01-31T12:00:00.5Z",
                     "metadata": {"n": 3, "x": 0.1, "s": "\u00e4\n", "l": [null, true, {}]}})");
  ASSERT_EQ(Run({"contact", "get", "a1", "-o", "ndjson"}), kDone) << err();
  EXPECT_EQ(json::parse(out()),
            json::parse(R"({"id": "a1", "name": "", "type": "CONTACT_TYPE_UNSPECIFIED",
                "is_active": false, "created_at": "2025-01-31T12:00:00.500Z",
                "metadata": {"n": 3, "x": 0.1, "s": "\u00e4\n", "l": [null, true, {}]}})"));
}

}  // namespace
}  // namespace tenantry::cli
