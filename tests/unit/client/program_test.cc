// The whole program against a server in this process, which it knows by reflection only.
#include "client/cli/program.h"

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>

#include "client/cli/failure.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "saas/v1/commerce_service.pb.h"
#include "saas/v1/crm_service.pb.h"
#include "tests/unit/client/fake_server.h"

namespace tenantry::cli {
namespace {

using client::testing::FakeServer;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAcme[] = "01920000-0000-7000-8000-00000000ac3e";
constexpr char kAda[] =
    R"({"id": "a1", "name": "Ada", "type": "CONTACT_TYPE_COMPANY", "is_active": true,
                            "created_at": "2025-01-31T12:00:00.123456Z"})";

class ProgramTest : public ::testing::Test {
 protected:
  int Run(std::vector<std::string> words, const std::string& stdin_text = "") {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), {"--server", server_.address(), "--tenant", kAcme});
    Surroundings surroundings{
        .out = out_,
        .err = err_,
        .input = {[stdin_text] { return absl::StatusOr<std::string>(stdin_text); },
                  stdin_text.empty()},
        .environment = [](const std::string&) { return std::nullopt; },
        .folder = "/",
        .terminal_width = width_,
    };
    return RunProgram(words, surroundings);
  }

  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }
  json request() const { return json::parse(server_.last_call().request); }

  FakeServer server_;
  std::size_t width_ = 0;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ProgramTest, GetPrintsFields) {
  server_.Answer("ContactService/GetContact", kAda);
  ASSERT_EQ(Run({"contact", "get", "a1"}), kDone) << err();
  EXPECT_EQ(request(), json::parse(R"({"id": "a1"})"));
  EXPECT_EQ(server_.last_call().metadata.find("x-tenant-id")->second, kAcme);
  EXPECT_EQ(out(),
            "id          a1\n"
            "name        Ada\n"
            "type        company\n"
            "is_active   true\n"
            "created_at  2025-01-31T12:00:00Z\n");
}

TEST_F(ProgramTest, JsonIsTheReplyWithItsOwnNames) {
  server_.Answer("ContactService/GetContact", kAda);
  ASSERT_EQ(Run({"contacts", "get", "a1", "-o", "json"}), kDone) << err();
  const json reply = json::parse(out());
  EXPECT_EQ(reply["created_at"], "2025-01-31T12:00:00.123456Z");
  EXPECT_EQ(reply["type"], "CONTACT_TYPE_COMPANY");
}

TEST_F(ProgramTest, ListPrintsATableAndSaysHowToGoOn) {
  server_.Answer("ContactService/ListContacts",
                 R"({"contacts": [{"id": "a1", "name": "Ada"}, {"id": "a2", "name": "Grace"}],
                     "next_page_token": "t1"})");
  ASSERT_EQ(Run({"contact", "list", "--page-size", "2", "--where", "email=ada@x", "--where",
                 "type=company", "--order", "-created-at", "--show-deleted"}),
            kDone)
      << err();
  EXPECT_EQ(request(), json::parse(R"({"page_size": 2, "show_deleted": true,
      "filter": {"email": {"eq": "ada@x"}, "type": {"eq": "CONTACT_TYPE_COMPANY"}},
      "order_by": [{"field": "CONTACT_FIELD_CREATED_AT", "direction": "DIRECTION_DESC"}]})"));
  EXPECT_EQ(out(), "id  name\na1  Ada\na2  Grace\n");
  EXPECT_EQ(err(), "more: --page-token t1  or --all\n");
}

constexpr char kOrders[] = R"({"orders": [
    {"id": "o1", "total_cents": 3055, "contact": {"id": "c1", "name": "Ada"},
     "items": [{"id": "i1", "quantity": 2, "product": {"id": "p1", "name": "Hand saw"}},
               {"id": "i2", "quantity": 13, "product": {"id": "p2", "name": "Claw hammer"}}]},
    {"id": "o2", "total_cents": 9},
    {"id": "o3", "total_cents": 12, "contact": {"id": "c1", "name": "Grace"},
     "items": [{"id": "i3", "quantity": 1}]}]})";

TEST_F(ProgramTest, RowsOfRelationsStandBesideTheirRow) {
  server_.Answer("OrderService/ListOrders", kOrders);
  const std::vector<std::string> list = {"order", "list", "--select",
                                         "total_cents,contact.name,items.quantity,"
                                         "items.product.name"};
  ASSERT_EQ(Run(list), kDone) << err();
  EXPECT_EQ(out(),
            "id  total_cents  contact.name  items.quantity  items.product.name\n"
            "o1         3055  Ada                        2  Hand saw\n"
            "                                           13  Claw hammer\n"
            "o2            9                                \n"
            "o3           12  Grace                      1  \n");

  width_ = 40;
  ASSERT_EQ(Run({"order", "list", "--select", "total_cents,contact.name,items.product.name"}),
            kDone);
  EXPECT_EQ(out(),
            "total_cents  contact.name  \xe2\x80\xa6product.name\n"
            "       3055  Ada           Hand saw\n"
            "                           Claw hammer\n"
            "          9                \n"
            "         12  Grace         \n"
            "(too narrow for id; choose with --columns, or -o json)\n");
  width_ = 26;  // no room for the products, nor for the lines that only they are on
  ASSERT_EQ(Run({"order", "list", "--select", "total_cents,contact.name,items.product.name"}),
            kDone);
  EXPECT_EQ(out(),
            "total_cents  contact.name\n"
            "       3055  Ada\n"
            "          9  \n"
            "         12  Grace\n"
            "(too narrow for items.product.name, id; choose with --columns, or -o json)\n");
}

TEST_F(ProgramTest, RelationsWithinRelations) {
  server_.Answer("ContactService/ListContacts",
                 R"({"contacts": [{"id": "c1", "name": "Ada",
      "addresses": [{"id": "a1", "city": "Hull"}, {"id": "a2", "city": "Cork"}, {"city": "Lyon"}],
      "orders": [{"id": "o1", "total_cents": 5,
                  "items": [{"product": {"name": "Saw"}}, {"product": {"name": "Nail"}}]},
                 {"id": "o2", "total_cents": 6}]},
      {"id": "c2", "name": "Eve", "orders": [{"id": "o3", "total_cents": 7}]}]})");
  ASSERT_EQ(Run({"contact", "list", "--select",
                 "name,addresses.city,orders.total_cents,orders.items.product.name"}),
            kDone)
      << err();
  EXPECT_EQ(out(),
            "id  name  addresses.city  orders.total_cents  orders.items.product.name\n"
            "c1  Ada   Hull                             5  Saw\n"
            "          Cork                                Nail\n"
            "          Lyon                             6  \n"
            "c2  Eve                                    7  \n");
  ASSERT_EQ(Run({"contact", "list", "--select", "name,orders.items.product.name", "--columns",
                 "name,orders.items"}),
            kDone)
      << err();
  EXPECT_THAT(out(), HasSubstr("name  orders.items.product.name\nAda   Saw\n      Nail\n"));
  EXPECT_EQ(Run({"contact", "list", "--columns", "orders.nmae"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("no field nmae"));
  EXPECT_EQ(Run({"contact", "list", "--columns", "name.x"}), kUsage);
}

TEST_F(ProgramTest, OneRowHasATableForEachRelation) {
  server_.Answer("OrderService/GetOrder", R"({"id": "o1", "total_cents": 3055,
      "contact": {"id": "c1", "name": "Ada", "addresses": [{"city": "Hull"}]},
      "items": [{"id": "i1", "quantity": 2, "product": {"name": "Hand saw"}},
                {"id": "i2", "quantity": 13, "product": {"name": "Nail\n"}}]})");
  const std::string select =
      "total_cents,contact.name,contact.addresses.city,contact.orders.id,items.quantity,"
      "items.product.name";
  ASSERT_EQ(Run({"order", "get", "o1", "--select", select}), kDone) << err();
  EXPECT_EQ(out(),
            "id            o1\n"
            "total_cents   3055\n"
            "contact.name  Ada\n"
            "\n"
            "contact.addresses\n"
            "  city\n"
            "  Hull\n"
            "\n"
            "contact.orders\n"
            "  (no rows)\n"
            "\n"
            "items\n"
            "  quantity  product.name\n"
            "         2  Hand saw\n"
            "        13  Nail\\n\n");
  ASSERT_EQ(Run({"order", "get", "o1", "--select", "items,contact", "-o", "json"}), kDone);
  EXPECT_EQ(request()["select"]["items"]["select"]["quantity"], true) << "all of its columns";
  EXPECT_EQ(json::parse(out())["items"][1]["quantity"], 13);
}

TEST_F(ProgramTest, AllFollowsPageTokens) {
  server_.On("ContactService/ListContacts",
             [](const auto& request, auto& reply, grpc::GenericCallbackServerContext&) {
               const std::string text = request.ShortDebugString();
               const bool second = text.find("t1") != std::string::npos;
               const std::string json =
                   second ? R"({"contacts": [{"id": "a2"}]})" : R"({"contacts": [{"id": "a1"}],
                                                     "next_page_token": "t1"})";
               (void)google::protobuf::util::JsonStringToMessage(json, &reply);
               return grpc::Status::OK;
             });
  ASSERT_EQ(Run({"contact", "list", "--all"}), kDone) << err();
  EXPECT_EQ(out(), "id\na1\na2\n");
  ASSERT_EQ(Run({"contact", "list", "--all", "-o", "json"}), kDone);
  EXPECT_EQ(json::parse(out())["contacts"].size(), 2u);
  ASSERT_EQ(Run({"contact", "list", "--all", "-o", "ndjson"}), kDone);
  EXPECT_THAT(out(), HasSubstr("\"id\":\"a1\""));
  const std::string lines = out();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
}

TEST_F(ProgramTest, ColumnsAreChosen) {
  server_.Answer("ContactService/ListContacts", R"({"contacts": [{"id": "a1", "name": "Ada"}]})");
  ASSERT_EQ(Run({"contact", "list", "--columns", "name,email"}), kDone);
  EXPECT_EQ(out(), "name\nAda\n");
  EXPECT_EQ(Run({"contact", "list", "--columns", "nmae"}), kUsage);
  EXPECT_EQ(err(), "error: --columns: no field nmae; did you mean name?\n");
}

TEST_F(ProgramTest, CreateTakesFlagsAndJson) {
  server_.Answer("ContactService/CreateContact", kAda);
  const json wanted = json::parse(R"({"contact": {"name": "Ada", "type": "CONTACT_TYPE_COMPANY",
      "is_active": false, "metadata": {"vip": true}}})");
  ASSERT_EQ(Run({"contact", "create", "--name", "Ada", "--type", "company", "--is-active=false",
                 "--metadata", R"({"vip": true})"}),
            kDone)
      << err();
  EXPECT_EQ(request(), wanted);
  const std::string data =
      R"({"name": "Eve", "type": "company", "isActive": false, "metadata": {"vip": true}})";
  ASSERT_EQ(Run({"contact", "create", "--data", data, "--contact.name=Ada"}), kDone) << err();
  EXPECT_EQ(request(), wanted);
  ASSERT_EQ(Run({"contact", "create", "--data", "-", "--set", "name=Ada"}, data), kDone) << err();
  EXPECT_EQ(request(), wanted);
}

TEST_F(ProgramTest, UpdateWritesWhatIsGivenAndNothingElse) {
  server_.Answer("ContactService/UpdateContact", kAda);
  ASSERT_EQ(Run({"contact", "update", "a1", "--set", "name=Ada", "--is-active", "false", "--clear",
                 "notes"}),
            kDone)
      << err();
  EXPECT_EQ(request(), json::parse(R"({"contact": {"id": "a1", "name": "Ada", "is_active": false},
                                       "update_mask": "name,isActive,notes"})"));
  ASSERT_EQ(Run({"contact", "update", "--data",
                 R"({"id": "a1", "phone": null, "created_at": "2025-01-31T12:00:00Z"})"}),
            kDone)
      << err();
  EXPECT_EQ(request()["update_mask"], "phone") << "not the key, nor what only the server writes";
  EXPECT_EQ(Run({"contact", "update", "a1", "--name", "Ada", "--require", "type=company",
                 "--require", "orders.total_cents>5", "--validate-only"}),
            kDone)
      << err();
  EXPECT_EQ(request()["require"], json::parse(R"({"type": {"eq": "CONTACT_TYPE_COMPANY"},
      "orders": {"some": {"total_cents": {"gt": 5}}}})"));
  EXPECT_EQ(request()["validate_only"], true);
  EXPECT_EQ(Run({"contact", "update", "a1", "--require", "emial=x"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("--require: no field emial; did you mean email?"));
  EXPECT_EQ(Run({"contact", "update", "a1"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("nothing to update"));
}

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

TEST_F(ProgramTest, UpsertNamesItsKey) {
  server_.Answer("ContactService/UpsertContact", kAda);
  ASSERT_EQ(Run({"contact", "upsert", "--conflict-key", "email", "--email", "a@x", "--name", "Ada",
                 "--mask", "name"}),
            kDone)
      << err();
  EXPECT_EQ(request(), json::parse(R"({"contact": {"name": "Ada", "email": "a@x"},
      "conflict_key": "CONTACT_KEY_EMAIL", "update_mask": "name"})"));
}

TEST_F(ProgramTest, BatchGetTakesKeys) {
  server_.Answer("ContactService/BatchGetContacts", R"({"contacts": [{"id": "a1"}]})");
  ASSERT_EQ(Run({"contact", "batch-get", "a1", "a2"}), kDone) << err();
  EXPECT_EQ(request(), json::parse(R"({"ids": ["a1", "a2"]})"));
}

TEST_F(ProgramTest, BatchCreateReadsAnArrayOrLines) {
  server_.Answer("ContactService/BatchCreateContacts", R"({"contacts": [{"id": "a1"}]})");
  const json wanted = json::parse(R"({"requests": [{"contact": {"name": "Ada"}},
      {"contact": {"name": "Eve", "type": "CONTACT_TYPE_PARTNER"}}]})");
  ASSERT_EQ(Run({"contact", "batch-create"},
                "{\"name\": \"Ada\"}\n\n{\"name\": \"Eve\", \"type\": \"partner\"}\n"),
            kDone)
      << err();
  EXPECT_EQ(request(), wanted);
  ASSERT_EQ(Run({"contact", "batch-create", "--data",
                 R"([{"name": "Ada"}, {"name": "Eve", "type": "partner"}])"}),
            kDone)
      << err();
  EXPECT_EQ(request(), wanted);
  EXPECT_EQ(Run({"contact", "batch-create"}, "{\"name\": \"Ada\"}\n{\"nmae\": 1}\n"), kUsage);
  EXPECT_EQ(err(), "error: --data, row 2: no field nmae; did you mean name?\n");
}

TEST_F(ProgramTest, DeleteOfARowThatIsKeptPrintsIt) {
  server_.Answer("ContactService/DeleteContact", R"({"id": "a1"})");
  ASSERT_EQ(Run({"contact", "delete", "a1"}), kDone);
  EXPECT_EQ(out(), "id  a1\n");
}

TEST_F(ProgramTest, DeleteThatRemovesSaysDone) {
  server_.Answer("AddressService/DeleteAddress", "{}");
  ASSERT_EQ(Run({"address", "delete", "b1"}), kDone) << err();
  EXPECT_EQ(out(), "done\n");
}

TEST_F(ProgramTest, ViolationsNameTheFlagThatSetsTheField) {
  google::rpc::ErrorInfo info;
  info.set_reason("INVALID_ARGUMENT");
  (*info.mutable_metadata())["request_id"] = "r1";
  google::rpc::BadRequest bad_request;
  const std::map<std::string, std::string> violations = {
      {"contact.email", "must be at most 255 characters"}, {"contact.name", "is required"}};
  for (const auto& [field, description] : violations) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  server_.Refuse("ContactService/CreateContact",
                 client::testing::StatusWith(grpc::StatusCode::INVALID_ARGUMENT,
                                             "the request is not valid", info, bad_request));
  EXPECT_EQ(Run({"contact", "create", "--email", "x"}), kRefused);
  EXPECT_EQ(err(),
            "error: INVALID_ARGUMENT: the request is not valid\n"
            "  contact.email  must be at most 255 characters  (--email)\n"
            "  contact.name   is required  (--name)\n"
            "  request r1\n");
  EXPECT_EQ(out(), "");
}

TEST_F(ProgramTest, ViolationsOfABatchNameTheRow) {
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field("requests[1].contact.name");
  violation->set_description("is required");
  server_.Refuse(
      "ContactService/BatchCreateContacts",
      client::testing::StatusWith(grpc::StatusCode::INVALID_ARGUMENT,
                                  "requests[1].contact.name: is required", {}, bad_request));
  EXPECT_EQ(Run({"contact", "batch-create", "--data", "[{}, {}]"}), kRefused);
  EXPECT_EQ(err(),
            "error: INVALID_ARGUMENT\n"
            "  requests[1].contact.name  is required  (row 2 of --data)\n");
}

TEST_F(ProgramTest, RefusalsShowReasonAndConstraint) {
  google::rpc::ErrorInfo info;
  info.set_reason("UNIQUE_VIOLATION");
  (*info.mutable_metadata())["constraint"] = "contacts_email_key";
  server_.Refuse("ContactService/CreateContact",
                 client::testing::StatusWith(grpc::StatusCode::ALREADY_EXISTS, "taken", info));
  EXPECT_EQ(Run({"contact", "create", "--email", "x"}), kRefused);
  EXPECT_EQ(err(),
            "error: ALREADY_EXISTS UNIQUE_VIOLATION: taken\n  constraint: contacts_email_key\n");
}

TEST_F(ProgramTest, MistypedNamesAreSuggested) {
  const std::map<std::vector<std::string>, std::string> cases = {
      {{"contct", "list"}, "the server has no resource \"contct\"; did you mean contact?"},
      {{"--outptu", "json", "contact", "list"}, "unknown flag --outptu; did you mean --output?"},
      {{"contact", "--page-size", "5", "list"},
       "unknown flag --page-size; flags of a method come after resource and method"},
      {{"contact", "lst"}, "contact has no method \"lst\"; did you mean list?"},
      {{"contact", "create", "--emial", "x"}, "unknown flag --emial; did you mean --email?"},
      {{"contact", "list", "--where", "emial=x"}, "--where: no field emial; did you mean email?"},
      {{"contact", "create", "--type", "firm"},
       "--type must be one of individual, company, partner"},
      {{"contact", "list", "--page-size", "many"}, "--page-size must be a whole number of 32 bits"},
      {{"contact", "list", "--where", "created_at=noon"},
       "--where created_at must be a time such as 2025-01-31T12:00:00Z, or a date"},
      {{"contact", "get"}, "which Contact? Give its id"},
      {{"contact", "get", "a1", "a2"}, "unexpected argument \"a2\""},
      {{"contact", "create", "--data", "{\"emial\": 1}"},
       "--data: no field emial; did you mean email?"},
      {{"contact", "create", "--data", "@/no/such/file"}, "--data: cannot read /no/such/file"}};
  for (const auto& [words, message] : cases) {
    EXPECT_EQ(Run(words), kUsage);
    EXPECT_EQ(err(), "error: " + message + "\n");
    EXPECT_TRUE(server_.calls().empty());
  }
}

TEST_F(ProgramTest, DataThatIsNotJsonSaysWhere) {
  EXPECT_EQ(Run({"contact", "create", "--data", "{name: 1}"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("--data: not JSON, at line 1, column 3"));
}

TEST_F(ProgramTest, HelpIsWrittenFromReflection) {
  ASSERT_EQ(Run({"--help"}), kDone);
  EXPECT_THAT(out(), HasSubstr("order-item"));
  ASSERT_EQ(Run({"contact", "--help"}), kDone);
  EXPECT_THAT(out(), HasSubstr("get <id>"));
  ASSERT_EQ(Run({"contact", "create", "--help"}), kDone);
  EXPECT_THAT(out(), HasSubstr("--type individual|company|partner"));
  EXPECT_THAT(out(), HasSubstr("has a default"));
  EXPECT_THAT(out(), HasSubstr("required, at most 255 characters"));
  EXPECT_THAT(out(), Not(HasSubstr("--created-at")));
  ASSERT_EQ(Run({"describe", "contact"}), kDone);
  EXPECT_THAT(out(), HasSubstr("unique"));
  EXPECT_THAT(out(), HasSubstr("many Order(contact_id)"));
  ASSERT_EQ(Run({"methods"}), kDone);
  EXPECT_THAT(out(), HasSubstr("saas.v1.OrderItemService/ListOrderItems"));
}

TEST_F(ProgramTest, CallTakesTheRequestAsItIs) {
  server_.Answer("ContactService/CreateContact", kAda);
  ASSERT_EQ(Run({"call", "saas.v1.ContactService/CreateContact", "--data",
                 R"({"contact": {"name": "Ada"}})"}),
            kDone)
      << err();
  EXPECT_EQ(request(), json::parse(R"({"contact": {"name": "Ada"}})"));
  EXPECT_EQ(Run({"call", "saas.v1.ContactService/Nothing"}), kUsage);
}

TEST(ProgramServerTest, OlderReflectionDoesAsWell) {
  FakeServer server(FakeServer::Reflection::kV1Alpha);
  server.Answer("ContactService/GetContact", kAda);
  std::ostringstream out;
  std::ostringstream err;
  const Surroundings surroundings{.out = out,
                                  .err = err,
                                  .input = {},
                                  .environment = [](const std::string&) { return std::nullopt; },
                                  .folder = "/"};
  EXPECT_EQ(RunProgram({"-s", server.address(), "contact", "get", "a1"}, surroundings), kDone)
      << err.str();
  EXPECT_THAT(out.str(), HasSubstr("Ada"));
}

TEST(ProgramServerTest, FailsClearlyWithoutReflectionOrServer) {
  std::ostringstream out;
  std::ostringstream err;
  const Surroundings surroundings{.out = out,
                                  .err = err,
                                  .input = {},
                                  .environment = [](const std::string&) { return std::nullopt; },
                                  .folder = "/"};
  FakeServer server(FakeServer::Reflection::kNone);
  EXPECT_EQ(RunProgram({"-s", server.address(), "contact", "list"}, surroundings), kRefused);
  EXPECT_THAT(err.str(), HasSubstr("has no reflection service"));
  err.str("");
  EXPECT_EQ(RunProgram({"-s", "127.0.0.1:1", "contact", "list"}, surroundings), kUnreachable);
  EXPECT_THAT(err.str(), HasSubstr("cannot reach 127.0.0.1:1: UNAVAILABLE"));
}

}  // namespace
}  // namespace tenantry::cli
