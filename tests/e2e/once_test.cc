// Writes with a request_id: done once, and answered alike however often they are sent.

#include <cstdlib>
#include <optional>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/strings.h"
#include "tests/e2e/servers.h"
#include "tests/pg/lanes/gate.h"

namespace tenantry::e2e {
namespace {

using grpc::StatusCode;
using test::TestServer;

std::string NewId() { return test::NewTenantId(); }

class OnceTest : public ::testing::Test {
 protected:
  // A call with the request_id behind the request's other fields.
  CallResult Call(std::string_view rpc, std::string_view text, const std::string& id,
                  TestServer& server = Saas(), const std::string& user = "") {
    return server.client().Call(rpc, absl::StrCat(ToAbsl(text), " request_id: '", id, "'"),
                                As(tenant_, "", user));
  }
  // What is done a first and a second time is answered with the same bytes. Returns the second.
  CallResult Twice(std::string_view rpc, const std::string& text) {
    const std::string id = NewId();
    const CallResult first = Call(rpc, text, id);
    EXPECT_THAT(first, IsOk()) << rpc;
    CallResult second = Call(rpc, text, id);
    EXPECT_THAT(second, IsOk()) << rpc;
    EXPECT_EQ(first.bytes, second.bytes) << rpc;
    return second;
  }
  std::string Create(const std::string& name) {
    const CallResult made = Saas().client().Call(
        "CreateContact", absl::StrCat("contact { name: '", name, "' }"), As(tenant_));
    EXPECT_THAT(made, IsOk());
    return Value(*made.reply, "id");
  }
  std::string Count(const std::string& name) {
    const CallResult listed = Saas().client().Call(
        "ListContacts", absl::StrCat("filter { name { eq: '", name, "' } } show_deleted: true"),
        As(tenant_));
    return Value(*listed.reply, "contacts");
  }
  void Admin(const std::string& sql) { Saas().database().Execute(sql); }
  // The request's rows go into the table of the day before.
  void GrowOlder(const std::string& id) {
    pqxx::connection connection(Saas().database().superuser_url());
    pqxx::work work(connection);
    const int day = work.query_value<int>(
        absl::StrCat("SELECT day FROM tenantry.requests WHERE request_id = '", id, "' LIMIT 1"));
    work.exec(absl::StrCat(
        "WITH moved AS (DELETE FROM tenantry.requests_", day, " WHERE request_id = '", id,
        "' RETURNING *) INSERT INTO tenantry.requests_", (day + 2) % 3, " SELECT * FROM moved"));
    work.commit();
  }

  const std::string tenant_ = Saas().NewTenant();
};

TEST_F(OnceTest, EveryKindOfWriteIsDoneOnce) {
  Twice("CreateContact", "contact { name: 'Ada' }");
  EXPECT_EQ(Count("Ada"), "1");
  Twice("BatchCreateContacts",
        "requests { contact { name: 'Ben' } } requests { contact { name: 'Ben' } }");
  EXPECT_EQ(Count("Ben"), "2");
  Twice("UpsertContact",
        "contact { name: 'Cora' email: 'cora@example.com' } conflict_key: CONTACT_KEY_EMAIL");
  EXPECT_EQ(Count("Cora"), "1");
  const std::string gone = Create("Dan");
  Twice("DeleteContact", absl::StrCat("id: '", gone, "'"));

  const CallResult product =
      Twice("CreateProduct", "product { slug: 'lamp' name: 'Lamp' price_cents: 500 stock: 10 }");
  const std::string id = Value(*product.reply, "id");
  const CallResult taken =
      Twice("UpdateProduct", absl::StrCat("product { id: '", id, "' } increment { stock: -3 }"));
  EXPECT_EQ(Value(*taken.reply, "stock"), "7");
  const std::string with_etag = absl::StrCat("etag: '", Value(*taken.reply, "etag"), "'");
  Twice("UpdateProduct", absl::StrCat("product { id: '", id, "' stock: 6 } ", with_etag));
  // A row that really goes: the reply is empty.
  Twice("DeleteProduct", absl::StrCat("id: '", id, "'"));
}

TEST_F(OnceTest, SoIsEveryWriteOfManyRows) {
  const std::string id = Create("Eli");
  Twice("DeleteContact", absl::StrCat("id: '", id, "'"));
  Twice("UndeleteContact", absl::StrCat("id: '", id, "'"));

  const CallResult made = Twice("BatchUpsertProducts",
                                "requests { product { slug: 'pen' name: 'Pen' price_cents: 1 "
                                "stock: 9 } conflict_key: PRODUCT_KEY_SLUG }");
  EXPECT_EQ(Value(*made.reply, "products"), "1");
  const std::string pen = Value(*Saas()
                                     .client()
                                     .Call("UpsertProduct",
                                           "product { slug: 'pen' name: 'Pen' price_cents: 1 } "
                                           "conflict_key: PRODUCT_KEY_SLUG "
                                           "update_mask { paths: 'name' }",
                                           As(tenant_))
                                     .reply,
                                "id");
  const std::string entry =
      absl::StrCat("requests { product { id: '", pen, "' } increment { stock: -2 } }");
  Twice("BatchUpdateProducts", entry);
  const std::string filter = absl::StrCat("filter { id { eq: '", pen, "' } } max_affected: 1 ");
  const CallResult taken = Twice("UpdateManyProducts", filter + "increment { stock: -3 }");
  EXPECT_EQ(Value(*taken.reply, "affected"), "1");
  const CallResult left =
      Saas().client().Call("GetProduct", absl::StrCat("id: '", pen, "'"), As(tenant_));
  EXPECT_EQ(Value(*left.reply, "stock"), "4");
  EXPECT_EQ(Value(*Twice("DeleteManyProducts", filter).reply, "affected"), "1");
  Twice("BatchDeleteContacts", absl::StrCat("requests { id: '", id, "' }"));
}

// The reply is that of the first time, whatever became of the row.
TEST_F(OnceTest, TheReplyIsOfTheFirstTime) {
  const std::string id = Create("Eve"), request = NewId();
  const std::string rename = absl::StrCat("contact { id: '", id, "' name: 'Eva' }");
  const CallResult first = Call("UpdateContact", rename, request);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(
      Call("UpdateContact", absl::StrCat("contact { id: '", id, "' name: 'Ewa' }"), NewId()),
      IsOk());
  EXPECT_EQ(Call("UpdateContact", rename, request).bytes, first.bytes);
  EXPECT_EQ(Count("Ewa"), "1");
  ASSERT_THAT(Call("DeleteContact", absl::StrCat("id: '", id, "'"), NewId()), IsOk());
  EXPECT_EQ(Call("UpdateContact", rename, request).bytes, first.bytes);
}

TEST_F(OnceTest, WhatARequestSelectsIsKeptToo) {
  const std::string contact = Create("Fay");
  const CallResult order =
      Twice("CreateOrder", absl::StrCat("order { contact_id: '", contact,
                                        "' } select { id: true contact { name: true } "
                                        "items { select { quantity: true } } }"));
  if (order.ok()) {
    EXPECT_EQ(Value(*order.reply, "contact.name"), "Fay");
  }
}

TEST_F(OnceTest, AnotherServerTellsTheSame) {
  const std::string id = NewId();
  const CallResult first = Call("CreateContact", "contact { name: 'Gil' }", id);
  ASSERT_THAT(first, IsOk());
  const std::shared_ptr<test::Database> same(&Saas().database(), [](test::Database*) {});
  TestServer other({.database = same});
  EXPECT_EQ(Call("CreateContact", "contact { name: 'Gil' }", id, other).bytes, first.bytes);
  EXPECT_EQ(Count("Gil"), "1");
}

TEST_F(OnceTest, AnotherRequestMayNotHaveTheId) {
  const std::string id = NewId();
  ASSERT_THAT(Call("CreateContact", "contact { name: 'Hal' }", id), IsOk());
  const auto reused = FailsBecause(StatusCode::INVALID_ARGUMENT, "REQUEST_ID_REUSED");
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Hall' }", id), reused);
  EXPECT_THAT(Call("CreateProduct", "product { slug: 'hal' name: 'Hal' }", id), reused);
  // Nor may another user read what somebody else was told.
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Hal' }", id, Saas(), "someone"), reused);
  EXPECT_EQ(Count("Hall"), "0");
  // Another tenant has ids of its own.
  const CallResult theirs = Saas().client().Call(
      "CreateContact", absl::StrCat("contact { name: 'Hal' } request_id: '", id, "'"),
      As(Saas().NewTenant()));
  ASSERT_THAT(theirs, IsOk());
  EXPECT_EQ(Value(*theirs.reply, "name"), "Hal");
  EXPECT_NE(theirs.bytes, Call("CreateContact", "contact { name: 'Hal' }", id).bytes);
}

TEST_F(OnceTest, WhatFailedMayBeTriedAgain) {
  const std::string id = NewId(), row = NewId();
  const std::string remove = absl::StrCat("id: '", row, "'");
  EXPECT_THAT(Call("DeleteContact", remove, id), Fails(StatusCode::NOT_FOUND));
  ASSERT_THAT(
      Saas().client().Call("CreateContact", absl::StrCat("contact { id: '", row, "' name: 'Ida' }"),
                           As(tenant_)),
      IsOk());
  EXPECT_THAT(Call("DeleteContact", remove, id), IsOk());
  EXPECT_THAT(Call("DeleteContact", remove, id), IsOk());
  EXPECT_THAT(Call("DeleteContact", remove, NewId()), Fails(StatusCode::NOT_FOUND));
}

TEST_F(OnceTest, WhatIsOnlyTriedTakesNoId) {
  const std::string id = NewId();
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Jan' } validate_only: true", id), IsOk());
  EXPECT_EQ(Count("Jan"), "0");
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Jana' }", id), IsOk());
  EXPECT_EQ(Count("Jana"), "1");
}

TEST_F(OnceTest, TheIdIsAUuidBesideTheEntries) {
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Kim' }", "once"),
              Violates(Fields{"request_id"}));
  const CallResult within = Saas().client().Call(
      "BatchCreateContacts",
      absl::StrCat("requests { contact { name: 'Kim' } request_id: '", NewId(), "' }"),
      As(tenant_));
  EXPECT_THAT(within, Violates(Fields{"requests[0].request_id"}));
  EXPECT_EQ(Count("Kim"), "0");
}

TEST_F(OnceTest, ManyAtOnceDoItOnce) {
  const std::string id = NewId();
  std::vector<std::string> replies(16);
  std::vector<std::thread> callers;
  for (std::string& reply : replies) {
    callers.emplace_back([&] {
      const CallResult called = Call("CreateContact", "contact { name: 'Lea' }", id);
      reply = called.ok() ? called.bytes : called.ToString();
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(std::set<std::string>(replies.begin(), replies.end()).size(), 1u) << replies[0];
  EXPECT_EQ(Count("Lea"), "1");
}

// A server of another schema made the reply, of other cells.
TEST_F(OnceTest, AReplyOfAnotherLayoutIsNotGuessedAt) {
  const std::string id = NewId();
  ASSERT_THAT(Call("CreateContact", "contact { name: 'Max' }", id), IsOk());
  for (int day = 0; day < 3; ++day) {
    Admin(absl::StrCat("UPDATE tenantry.requests_", day,
                       " SET layout = layout + 1 WHERE request_id = '", id, "'"));
  }
  EXPECT_THAT(Call("CreateContact", "contact { name: 'Max' }", id),
              FailsBecause(StatusCode::FAILED_PRECONDITION, "REQUEST_DONE"));
  EXPECT_EQ(Count("Max"), "1");
}

// Kept for a day at least. Rows that move to the table of another day stand for time that passes.
TEST_F(OnceTest, YesterdaysRequestsAreKnownAndOlderOnesGo) {
  const std::string id = NewId();
  const auto again = [&] { return Call("CreateContact", "contact { name: 'Nia' }", id); };
  ASSERT_THAT(again(), IsOk());
  GrowOlder(id);
  ASSERT_THAT(again(), IsOk());
  EXPECT_EQ(Count("Nia"), "1");
  Admin("SET ROLE authenticated; SELECT tenantry.clear_requests()");
  ASSERT_THAT(again(), IsOk());
  EXPECT_EQ(Count("Nia"), "1");
  GrowOlder(id);
  Admin("SET ROLE authenticated; SELECT tenantry.clear_requests()");
  ASSERT_THAT(again(), IsOk());
  EXPECT_EQ(Count("Nia"), "2");
}

// A tenant's role sees nothing of the table, not even its own tenant's rows.
TEST_F(OnceTest, OnlyItsFunctionsReadTheTable) {
  pqxx::connection connection(Saas().database().app_url());
  pqxx::work work(connection);
  work.exec("SET LOCAL ROLE authenticated");
  for (const char* table : {"requests", "requests_0", "requests_1", "requests_2"}) {
    pqxx::subtransaction attempt(work);
    EXPECT_THROW(attempt.exec(absl::StrCat("SELECT * FROM tenantry.", table)),
                 pqxx::insufficient_privilege);
  }
}

// The connection to the database breaks behind each byte, from the first of the write to the last
// of its answer. Whatever the caller is told, it asks again until it has the reply, and the write
// has happened once. TENANTRY_CUTS: how many bytes apart; 1 tries all.
TEST_F(OnceTest, CutAtAnyByteItHappensOnce) {
  const char* apart = std::getenv("TENANTRY_CUTS");
  const int step = apart == nullptr ? 13 : std::max(1, std::atoi(apart));
  const std::shared_ptr<test::Database> same(&Saas().database(), [](test::Database*) {});
  test::Gate gate(test::Postgres().socket_path());
  TestServer server({.database = same, .configure = [&](Config& config) {
                       config.database_url = gate.Url("tenantry_app", same->name());
                       config.reconnect_backoff_ms_min = 1;
                       config.reconnect_backoff_ms_max = 5;
                     }});
  std::set<std::string> told;
  int cuts = 0;
  for (int bytes = 1;; bytes += step, ++cuts) {
    const std::string id = NewId(), name = absl::StrCat("cut at ", bytes);
    // A first call opens the connections.
    ASSERT_THAT(Call("CreateContact", "contact { name: 'warm' }", NewId(), server), IsOk());
    gate.CutAfter(bytes);
    CallResult result;
    for (int tries = 0; tries < 200; ++tries) {
      result = Call("CreateContact", absl::StrCat("contact { name: '", name, "' }"), id, server);
      told.insert(result.ok() ? "OK" : result.error.reason);
      if (result.ok()) break;
      absl::SleepFor(absl::Milliseconds(5));
    }
    ASSERT_THAT(result, IsOk()) << bytes;
    ASSERT_EQ(Count(name), "1") << bytes;
    if (gate.to_be_cut()) break;
  }
  EXPECT_GT(cuts, 10);
  EXPECT_TRUE(told.contains("OUTCOME_UNKNOWN"));
  std::printf("%d cuts, callers were told", cuts);
  for (const std::string& reason : told) std::printf(" %s", reason.c_str());
  std::printf("\n");
}

}  // namespace
}  // namespace tenantry::e2e
