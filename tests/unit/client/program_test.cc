// The whole program against a server in this process, which it knows by reflection only.
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

TEST_F(ProgramTest, UpsertNamesItsKey) {
  server_.Answer("ContactService/UpsertContact", kAda);
  ASSERT_EQ(Run({"contact", "upsert", "--conflict-key", "email", "--email", "a@x", "--name", "Ada",
                 "--mask", "name"}),
            kDone)
      << err();
  EXPECT_EQ(request(), json::parse(R"({"contact": {"name": "Ada", "email": "a@x"},
      "conflict_key": "CONTACT_KEY_EMAIL", "update_mask": "name"})"));
}

// The server does it once, however often it has to be sent.
TEST_F(ProgramTest, AWriteHasAnIdOfItsOwn) {
  server_.Answer("ContactService/CreateContact", kAda);
  server_.Answer("ContactService/GetContact", kAda);
  Run({"contact", "create", "--name", "Ada"});
  const std::string first = sent()["request_id"];
  EXPECT_EQ(first.size(), 36u);
  Run({"contact", "create", "--name", "Ada"});
  EXPECT_NE(sent()["request_id"], first);
  Run({"contact", "create", "--name", "Ada", "--request-id", first});
  EXPECT_EQ(sent()["request_id"], first);
  Run({"contact", "get", "a1"});
  EXPECT_FALSE(sent().contains("request_id"));
}

TEST_F(ProgramTest, BatchGetTakesKeys) {
  server_.Answer("ContactService/BatchGetContacts", R"({"contacts": [{"id": "a1"}]})");
  ASSERT_EQ(Run({"contact", "batch-get", "a1", "a2"}), kDone) << err();
  EXPECT_EQ(request(), json::parse(R"({"ids": ["a1", "a2"]})"));
}

TEST_F(ProgramTest, SeveralKeysAreABatch) {
  server_.Answer("ContactService/BatchGetContacts", R"({"contacts": [{"id": "a1"}]})");
  ASSERT_EQ(Run({"contact", "get", "a1", "a2", "--select", "name"}), kDone) << err();
  EXPECT_EQ(request(), json::parse(R"({"ids": ["a1", "a2"], "select": {"name": true}})"));
  server_.Answer("ContactService/BatchDeleteContacts", R"({"contacts": [{"id": "a1"}]})");
  ASSERT_EQ(Run({"contact", "delete", "a1", "a2"}), kDone) << err();
  EXPECT_EQ(request(), json::parse(R"({"requests": [{"id": "a1"}, {"id": "a2"}]})"));
}

TEST_F(ProgramTest, WritesByFilterAndOnAnEtag) {
  server_.Answer("ContactService/UpdateManyContacts", R"({"affected": "2"})");
  ASSERT_EQ(Run({"contact", "update-many", "--where", "type=company", "--max-affected", "5",
                 "--phone", "1", "--clear", "notes"}),
            kDone)
      << err();
  EXPECT_EQ(request(), json::parse(R"({"filter": {"type": {"eq": "CONTACT_TYPE_COMPANY"}},
      "max_affected": "5", "contact": {"phone": "1"}, "update_mask": "phone,notes"})"));
  server_.Answer("ProductService/UpdateProduct", R"({"id": "p1"})");
  ASSERT_EQ(Run({"product", "update", "p1", "--stock", "5", "--if-etag", "7"}), kDone) << err();
  EXPECT_EQ(request(), json::parse(R"({"product": {"id": "p1", "stock": 5}, "etag": "7",
      "update_mask": "stock"})"));
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

TEST_F(ProgramTest, ABatchSelectsInAWord) {
  server_.Answer("ContactService/BatchCreateContacts", R"({"contacts": [{"id": "a1"}]})");
  ASSERT_EQ(Run({"contact", "batch-create", "--select", "name"}, "{\"name\": \"Ada\"}\n"), kDone)
      << err();
  EXPECT_EQ(request(), json::parse(R"({"requests": [{"contact": {"name": "Ada"}}],
      "select": {"name": true}})"));
}

TEST_F(ProgramTest, ATotalNeedsNoWordAndOtherFlagsDo) {
  server_.Answer("ContactService/ListContacts", R"({"contacts": []})");
  ASSERT_EQ(Run({"contact", "list", "--total", "--order", "-name"}), kDone) << err();
  EXPECT_EQ(request()["total"], "TOTAL_EXACT");
  ASSERT_EQ(Run({"contact", "list", "--total", "estimated"}), kDone) << err();
  EXPECT_EQ(request()["total"], "TOTAL_ESTIMATED");
  EXPECT_EQ(Run({"contact", "list", "--order", "--total"}), kUsage);
  EXPECT_THAT(err(), ::testing::HasSubstr("--order needs a value"));
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
      {{"contact", "update", "a1", "a2", "--name", "x"}, "unexpected argument \"a2\""},
      {{"contact", "undelete", "a1", "a2"}, "unexpected argument \"a2\""},
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
  EXPECT_EQ(Run({"contact", "create", "--data", "{\"metadata\": {\"a\": 8E335}}"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("--data: holds a number that is too large '8E335'"));
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
