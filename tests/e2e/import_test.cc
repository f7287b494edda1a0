// Import: new rows as a stream, all or none, or by message.

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/servers.h"
#include "tests/support/stream_writer.h"

namespace tenantry::e2e {
namespace {

using grpc::StatusCode;
using test::Eventually;
using test::StreamWriter;
using test::TestServer;

class ImportTest : public ::testing::Test {
 protected:
  static TestServer& Server() {
    static auto& server = *new TestServer(
        {.configure = [](Config& config) { config.stream_message_rows_max = 1000; }});
    return server;
  }

  const schema::Method& Method() const {
    return testing::MethodNamed(Server().schema(), "ImportContacts");
  }
  MessagePtr Request(std::string_view text) const { return testing::MakeRequest(Method(), text); }
  // Contacts named `first` and so on, with an email each.
  MessagePtr Rows(int count, int first, std::string_view more = "") const {
    std::string text(more);
    for (int i = first; i < first + count; ++i) {
      absl::StrAppend(&text, " contacts { name: '", i, "' email: '", i, "@x.example' }");
    }
    return Request(text);
  }
  std::unique_ptr<StreamWriter> Open() {
    return std::make_unique<StreamWriter>(Server().NewChannel(), Method(),
                                          test::CallOptions{.headers = As(tenant_)});
  }
  // One message, which is the whole stream.
  CallResult Import(absl::string_view text) {
    auto writer = Open();
    writer->Write(*Request(absl::StrCat(text, " last: true")));
    return writer->End();
  }
  int Count() {
    pqxx::connection connection(Server().database().superuser_url());
    return pqxx::nontransaction(connection)
        .query_value<int>(
            absl::StrCat("SELECT count(*) FROM saas.contacts WHERE tenant_id = '", tenant_, "'"));
  }

  const std::string tenant_ = Server().NewTenant();
};

TEST_F(ImportTest, MakesTheRowsOfAllMessages) {
  auto writer = Open();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(writer->Write(*Rows(1000, 1000 * i)));
  ASSERT_TRUE(writer->Write(*Request("last: true")));
  const CallResult result = writer->End();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(Value(*result.reply, "imported"), "5000");
  EXPECT_EQ(Count(), 5000);
  const CallResult list =
      Server().client().Call("ListContacts", "filter { name { eq: '4321' } }", As(tenant_));
  EXPECT_EQ(Value(*list.reply, "contacts"), "1");
}

TEST_F(ImportTest, OneWrongRowStopsAllAndIsNamedByItsPlaceInTheStream) {
  auto writer = Open();
  ASSERT_TRUE(writer->Write(*Rows(10, 0)));
  writer->Write(*Request("contacts { name: 'Ada' } contacts { } last: true"));
  const CallResult result = writer->End();
  EXPECT_THAT(result, Violates(Fields{"contacts[11].name"}));
  EXPECT_EQ(Count(), 0);
}

TEST_F(ImportTest, AKeyThatIsTakenStopsAll) {
  ASSERT_THAT(Import("contacts { name: 'Ada' email: 'a@x' }"), IsOk());
  auto writer = Open();
  writer->Write(*Rows(10, 0));
  writer->Write(*Request("contacts { name: 'Eva' email: 'a@x' } last: true"));
  EXPECT_THAT(writer->End(), Fails(StatusCode::ALREADY_EXISTS));
  EXPECT_EQ(Count(), 1);
}

TEST_F(ImportTest, AStreamThatBreaksOffMakesNothing) {
  for (const bool closed : {true, false}) {
    auto writer = Open();
    ASSERT_TRUE(writer->Write(*Rows(100, 0)));
    if (closed) {
      writer->Close();
      EXPECT_THAT(writer->End(), FailsBecause(StatusCode::INVALID_ARGUMENT, "IMPORT_BROKEN_OFF"));
    } else {
      writer->Cancel();
      EXPECT_THAT(writer->End(), Fails(StatusCode::CANCELLED));
    }
    absl::SleepFor(absl::Milliseconds(100));
    EXPECT_EQ(Count(), 0);
  }
}

TEST_F(ImportTest, ByMessageRowsThatCannotBeMadeAreLeftOutAndTold) {
  ASSERT_THAT(Import("contacts { name: 'Ada' email: '3@x.example' }"), IsOk());
  auto writer = Open();
  ASSERT_TRUE(writer->Write(*Rows(10, 0, "mode: IMPORT_MODE_BATCHES")));
  ASSERT_TRUE(writer->Write(*Request("contacts { name: 'Ben' } contacts { email: 'no name' }")));
  ASSERT_TRUE(writer->Write(*Request("last: true")));
  const CallResult result = writer->End();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(Value(*result.reply, "imported"), "10");
  EXPECT_EQ(Value(*result.reply, "rejected"), "2");
  const std::string told = result.reply->ShortDebugString();
  EXPECT_THAT(told, ::testing::HasSubstr("row: 3 reason: \"ALREADY_EXISTS\""));
  EXPECT_THAT(told, ::testing::HasSubstr("row: 11 reason: \"INVALID_ARGUMENT\""));
  EXPECT_THAT(told, ::testing::HasSubstr("field: \"name\""));
  EXPECT_EQ(Count(), 11);
}

TEST_F(ImportTest, IsTriedWithoutAnyWrite) {
  const CallResult result = Import("validate_only: true contacts { name: 'Ada' }");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(Value(*result.reply, "imported"), "1");
  EXPECT_EQ(Count(), 0);
  EXPECT_THAT(Import("validate_only: true contacts { }"), Violates(Fields{"contacts[0].name"}));
}

TEST_F(ImportTest, AMessageHasAtMostSoManyRows) {
  auto writer = Open();
  writer->Write(*Rows(1001, 0, "last: true"));
  EXPECT_THAT(writer->End(), Violates(Fields{"contacts"}));
}

TEST_F(ImportTest, UndecodableBytesAreRefused) {
  CallResult result = Server().client().CallBytes(Method(), "\xff", {.headers = As(tenant_)});
  EXPECT_THAT(result, Fails(StatusCode::INVALID_ARGUMENT));
  EXPECT_EQ(Count(), 0);
}

TEST_F(ImportTest, NobodyWithoutATenantImports) {
  StreamWriter writer(Server().NewChannel(), Method(), {.headers = {}});
  writer.Write(*Rows(10, 0));
  EXPECT_THAT(writer.End(), FailsBecause(StatusCode::UNAUTHENTICATED, "TENANT_MISSING"));
}

TEST_F(ImportTest, ACallerThatSendsNothingIsLeft) {
  TestServer server({.database = nullptr, .configure = [](Config& config) {
                       config.stream_connections_max = 1;
                       config.stream_idle_ms_max = 300;
                     }});
  StreamWriter idle(server.NewChannel(), Method(), {.headers = As(server.NewTenant())});
  EXPECT_THAT(idle.End(), FailsBecause(StatusCode::DEADLINE_EXCEEDED, "STREAM_IDLE"));
}

TEST_F(ImportTest, ADatabaseThatIsLostIsToldAndNothingIsMade) {
  auto writer = Open();
  ASSERT_TRUE(writer->Write(*Rows(100, 0)));
  ASSERT_TRUE(Eventually([&] {
    pqxx::connection connection(Server().database().superuser_url());
    return pqxx::nontransaction(connection)
               .query_value<int>(
                   "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
                   " usename = 'tenantry_app' AND datname = current_database()"
                   " AND state = 'idle in transaction'") == 1;
  }));
  writer->Write(*Rows(100, 100, "last: true"));
  EXPECT_THAT(writer->End(), FailsBecause(StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE"));
  EXPECT_EQ(Count(), 0);
}

}  // namespace
}  // namespace tenantry::e2e
