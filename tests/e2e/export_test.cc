// Export: all rows as a stream, and what becomes of its connection when it ends early.

#include <algorithm>
#include <pqxx/pqxx>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tenantry/v1/transact.grpc.pb.h"
#include "tests/e2e/servers.h"
#include "tests/support/rows.h"
#include "tests/support/stream_reader.h"

namespace tenantry::e2e {
namespace {

using google::protobuf::Message;
using grpc::StatusCode;
using test::Eventually;
using test::StreamReader;
using test::TestServer;

// Rows that fill more than what a connection and gRPC take on their way.
constexpr int kRows = 20'000;

class ExportTest : public ::testing::Test {
 protected:
  // A server whose streams are few and whose messages are small.
  static TestServer& Server() {
    static auto& server = *new TestServer({.configure = [](Config& config) {
      config.stream_connections_max = 2;
      config.stream_message_bytes = 16 << 10;
    }});
    return server;
  }

  // Contacts of the tenant: their names are numbers, their notes long.
  void Fill(int count, int first = 1) {
    Server().database().Execute(
        absl::StrCat("INSERT INTO saas.contacts (tenant_id, id, name, notes) SELECT '", tenant_,
                     "', gen_random_uuid(), n::text, repeat('x', 1000) FROM generate_series(",
                     first, ", ", first + count - 1, ") AS n"));
  }

  const schema::Method& Method() const {
    return testing::MethodNamed(Server().schema(), "ExportContacts");
  }
  StreamReader Open(std::string_view text = "") {
    return StreamReader(Server().NewChannel(), Method(), *testing::MakeRequest(Method(), text),
                        {.headers = As(tenant_)});
  }
  CallResult Export(std::string_view text = "") {
    return Server().client().Call("ExportContacts", text, As(tenant_));
  }
  static std::string Name(const Message& row) {
    return row.GetReflection()->GetString(row, row.GetDescriptor()->FindFieldByName("name"));
  }
  static std::vector<std::string> Names(const Message& reply) {
    std::vector<std::string> names;
    for (const Message* row : test::RowsOf(reply)) names.push_back(Name(*row));
    return names;
  }
  // Connections of the server that hold a transaction.
  int Busy() {
    pqxx::connection connection(Server().database().superuser_url());
    return pqxx::nontransaction(connection)
        .query_value<int>(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantry_app'"
            " AND datname = current_database() AND state <> 'idle'");
  }

  const std::string tenant_ = Server().NewTenant();
};

TEST_F(ExportTest, TellsAllRowsInSeveralMessages) {
  Fill(500);
  std::multiset<std::string> names;
  int messages = 0;
  StreamReader reader = Open();
  while (const Message* message = reader.Next()) {
    ++messages;
    for (std::string& name : Names(*message)) names.insert(std::move(name));
  }
  EXPECT_EQ(reader.End().code, StatusCode::OK);
  EXPECT_GT(messages, 10);
  EXPECT_EQ(names.size(), 500u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 500u);
}

TEST_F(ExportTest, ARowIsAsListTellsIt) {
  Fill(30);
  const CallResult all = Export("select { id: true name: true orders {} }");
  const CallResult list = Server().client().Call(
      "ListContacts", "page_size: 100 select { id: true name: true orders {} }", As(tenant_));
  ASSERT_THAT(all, IsOk());
  ASSERT_THAT(list, IsOk());
  const auto rows = test::RowsOf(*all.reply), listed = test::RowsOf(*list.reply);
  ASSERT_EQ(rows.size(), listed.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]->SerializeAsString(), listed[i]->SerializeAsString());
  }
}

TEST_F(ExportTest, TakesFilterAndDeletedRowsAsAListDoes) {
  Fill(20);
  Server().database().Execute(
      absl::StrCat("UPDATE saas.contacts SET deleted_at = now() WHERE name = '7' AND tenant_id = '",
                   tenant_, "'"));
  EXPECT_EQ(Names(*Export("filter { name { eq: '8' } }").reply), std::vector<std::string>({"8"}));
  EXPECT_TRUE(Names(*Export("filter { name { eq: '7' } }").reply).empty());
  EXPECT_EQ(Names(*Export("filter { name { eq: '7' } } show_deleted: true").reply),
            std::vector<std::string>({"7"}));
}

TEST_F(ExportTest, GoesOnBehindAnyMessage) {
  Fill(300);
  const std::vector<std::string> whole = Names(*Export().reply);
  ASSERT_EQ(whole.size(), 300u);
  std::vector<std::pair<std::size_t, std::string>> tokens;  // by the rows before
  std::size_t seen = 0;
  StreamReader reader = Open();
  while (const Message* message = reader.Next()) {
    seen += test::RowsOf(*message).size();
    tokens.emplace_back(seen, test::ResumeToken(*message));
  }
  ASSERT_EQ(reader.End().code, StatusCode::OK);
  for (const auto& [before, token] : tokens) {
    const CallResult rest = Export(absl::StrCat("resume_token: '", token, "'"));
    ASSERT_THAT(rest, IsOk());
    EXPECT_EQ(
        Names(*rest.reply),
        std::vector<std::string>(whole.begin() + static_cast<std::ptrdiff_t>(before), whole.end()));
  }
}

TEST_F(ExportTest, ATokenBelongsToItsFilter) {
  Fill(3);
  const std::string token = test::ResumeToken(*Export().reply);
  const CallResult other =
      Export(absl::StrCat("filter { name { eq: '1' } } resume_token: '", token, "'"));
  EXPECT_EQ(other.error.code, StatusCode::INVALID_ARGUMENT);
  ASSERT_EQ(other.error.violations.size(), 1u);
  EXPECT_EQ(other.error.violations[0].field, "resume_token");
  EXPECT_EQ(Export("resume_token: 'nonsense'").error.code, StatusCode::INVALID_ARGUMENT);
}

TEST_F(ExportTest, RowsAreAsTheyWereAtOneMoment) {
  Fill(kRows);
  StreamReader reader = Open();
  const Message* message = reader.Next();
  ASSERT_NE(message, nullptr);
  std::size_t rows = test::RowsOf(*message).size();
  Server().database().Execute(
      absl::StrCat("DELETE FROM saas.contacts WHERE tenant_id = '", tenant_, "'"));
  Fill(100, kRows + 1);
  while ((message = reader.Next()) != nullptr) {
    for (const std::string& name : Names(*message)) EXPECT_LE(std::stoi(name), kRows);
    rows += test::RowsOf(*message).size();
  }
  EXPECT_EQ(reader.End().code, StatusCode::OK);
  EXPECT_EQ(rows, static_cast<std::size_t>(kRows));
}

TEST_F(ExportTest, ACancelledStreamFreesItsConnection) {
  Fill(kRows);
  for (int i = 0; i < 3; ++i) {
    StreamReader reader = Open();
    ASSERT_NE(reader.Next(), nullptr);
    EXPECT_GE(Busy(), 1);
    reader.Cancel();
    EXPECT_EQ(reader.End().code, StatusCode::CANCELLED);
    EXPECT_TRUE(Eventually([&] { return Busy() == 0; }));
  }
  EXPECT_TRUE(Eventually([&] { return Export("filter { name { eq: '1' } }").ok(); }));
}

// One tenant has three quarters of two places, which is one.
TEST_F(ExportTest, OneTooManyIsRefusedAtOnce) {
  Fill(kRows);
  StreamReader first = Open();
  ASSERT_NE(first.Next(), nullptr);
  StreamReader second = Open();
  EXPECT_EQ(second.Next(), nullptr);
  const client::Error refused = second.End();
  EXPECT_EQ(refused.code, StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.reason, "STREAMS_FULL");
  const CallResult other = Server().client().Call("ExportContacts", "", As(Server().NewTenant()));
  EXPECT_THAT(other, IsOk()) << "another tenant has a place";
  first.Cancel();
  first.End();
  EXPECT_TRUE(Eventually([&] { return Export("filter { name { eq: '1' } }").ok(); }));
}

TEST_F(ExportTest, ADeadlineEndsIt) {
  Fill(kRows);
  StreamReader reader(Server().NewChannel(), Method(), *testing::MakeRequest(Method(), ""),
                      {.headers = As(tenant_), .timeout = absl::Milliseconds(500)});
  ASSERT_NE(reader.Next(), nullptr);
  absl::SleepFor(absl::Milliseconds(600));
  EXPECT_EQ(reader.End().code, StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] { return Busy() == 0; }));
}

TEST_F(ExportTest, GoesOnAfterTheDatabaseWasLost) {
  Fill(kRows);
  StreamReader reader = Open();
  const Message* message = reader.Next();
  ASSERT_NE(message, nullptr);
  Server().database().Execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_app'"
      " AND datname = current_database() AND state <> 'idle'");
  std::multiset<std::string> names;
  std::string token;
  do {
    for (std::string& name : Names(*message)) names.insert(std::move(name));
    token = test::ResumeToken(*message);
  } while ((message = reader.Next()) != nullptr);
  const client::Error lost = reader.End();
  EXPECT_EQ(lost.code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(lost.reason, "DATABASE_UNAVAILABLE");
  EXPECT_LT(names.size(), static_cast<std::size_t>(kRows));
  CallResult rest;
  ASSERT_TRUE(Eventually([&] {
    rest = Export(absl::StrCat("resume_token: '", token, "'"));
    return rest.ok();
  })) << rest.ToString();
  for (std::string& name : Names(*rest.reply)) names.insert(std::move(name));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST_F(ExportTest, ACallerThatTakesNothingIsLeft) {
  TestServer server({.database = nullptr, .configure = [](Config& config) {
                       config.stream_connections_max = 1;
                       config.stream_idle_ms_max = 300;
                     }});
  const std::string tenant = server.NewTenant();
  server.database().Execute(
      absl::StrCat("INSERT INTO saas.contacts (tenant_id, id, name, notes) SELECT '", tenant,
                   "', gen_random_uuid(), n::text, repeat('x', 1000) FROM generate_series(1, ",
                   kRows, ") AS n"));
  StreamReader idle(server.NewChannel(), Method(), *testing::MakeRequest(Method(), ""),
                    {.headers = As(tenant)});
  EXPECT_TRUE(Eventually([&] {
    return server.client().Call("ExportContacts", "filter { name { eq: '1' } }", As(tenant)).ok();
  }));
  EXPECT_NE(idle.End().code, StatusCode::OK);
}

TEST_F(ExportTest, IsNoStepOfATransaction) {
  v1::TransactRequest transact;
  transact.add_steps()->mutable_request()->set_type_url(
      absl::StrCat("type.googleapis.com/", Method().descriptor->input_type()->full_name()));
  grpc::ClientContext context;
  context.AddMetadata("x-tenant-id", tenant_);
  v1::TransactResponse response;
  const grpc::Status status =
      v1::TransactService::NewStub(Server().NewChannel())->Transact(&context, transact, &response);
  const client::Error error = client::DecodeError(status);
  EXPECT_EQ(error.code, StatusCode::INVALID_ARGUMENT);
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(error.violations[0].field, "steps[0].request");
}

}  // namespace
}  // namespace tenantry::e2e
