// The engine against a server in this process: what it counts, and that a stall is not hidden.
#include "client/load/worker.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "client/cpp/channel.h"
#include "client/load/dataset.h"
#include "client/load/report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "saas/v1/crm_service.pb.h"
#include "tests/unit/client/fake_server.h"

namespace tenantry::load {
namespace {

using client::testing::FakeServer;
using std::chrono::milliseconds;

constexpr char kTenant[] = "01920000-0000-7000-8000-00000000ac3e";

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() {
    options_.targets = {server_.address()};
    options_.tenants = {kTenant};
    options_.mix = *Mix::Parse("get");
    options_.rows = 5;
    options_.connections = 1;
    options_.streams = 4;
    options_.quiet = true;
    options_.warm_up = milliseconds(50);
    options_.duration = milliseconds(300);
    client::ChannelOptions channel;
    channel.addresses = options_.targets;
    channel.retry.attempts_max = 1;
    channel_ = *client::MakeChannel(channel);
    server_.Answer("ContactService/GetContact", R"({"id": "1", "name": "Ada"})");
    server_.Answer("ContactService/ListContacts", R"({"contacts": [{"id": "1"}, {"id": "2"}]})");
    server_.Answer("ContactService/BatchCreateContacts",
                   R"({"contacts": [{"id": "3"}, {"id": "4"}, {"id": "5"}]})");
  }

  Outcome Run(Worker::Share share) {
    auto dataset = PrepareDataset(options_, channel_);
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    Timeline timeline;
    timeline.begin = Clock::now();
    timeline.measure_from = timeline.begin + options_.warm_up;
    timeline.measure_to = timeline.measure_from + options_.duration;
    timeline.give_up = timeline.measure_to + options_.deadline;
    Worker worker(options_, *dataset, timeline, share, {channel_});
    worker.Start();
    worker.Join();
    Outcome outcome;
    outcome.stats.Merge(worker.stats());
    outcome.seconds = std::chrono::duration<double>(options_.duration).count();
    return outcome;
  }

  static const MethodStats& StatsOf(const Outcome& outcome, Method method) {
    return outcome.stats.methods[static_cast<std::size_t>(method)];
  }

  FakeServer server_;
  Options options_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(WorkerTest, SetUpListsRowsAndMakesTheMissing) {
  const auto dataset = PrepareDataset(options_, channel_);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(dataset->front().ids, ::testing::ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_EQ(server_.calls().front().metadata.find("x-tenant-id")->second, kTenant);
}

TEST_F(WorkerTest, ClosedLoopCountsCallsAndStopsAtTheLimit) {
  options_.warm_up = milliseconds(0);
  options_.duration = milliseconds(20'000);
  const Outcome outcome = Run({.calls_max = 100});
  EXPECT_EQ(StatsOf(outcome, Method::kGet).latency.count(), 100u);
  EXPECT_EQ(StatsOf(outcome, Method::kGet).rows, 100u);
  EXPECT_EQ(FailedCalls(outcome.stats), 0u);
}

TEST_F(WorkerTest, TreesAndOrdersAreAskedFor) {
  options_.mix = *Mix::Parse("tree,order");
  const Outcome outcome = Run({});
  EXPECT_GT(StatsOf(outcome, Method::kTree).latency.count(), 0u);
  EXPECT_GT(StatsOf(outcome, Method::kOrder).latency.count(), 0u);
  int trees = 0, orders = 0;
  for (const FakeServer::Call& call : server_.calls()) {
    const auto request = nlohmann::json::parse(call.request);
    if (call.path.ends_with("GetContact")) {
      const auto& order = request["select"]["orders"]["select"];
      EXPECT_EQ(order["items"]["select"]["product"]["name"], true) << call.request;
      ++trees;
    } else if (request.contains("order_by")) {
      EXPECT_EQ(request["total"], "TOTAL_EXACT");
      EXPECT_EQ(request["order_by"].size(), 2u);
      ++orders;
    }
  }
  EXPECT_GT(trees, 0);
  EXPECT_GT(orders, 0);
}

TEST_F(WorkerTest, SearchesAskForWordsOfProductsThatAreThere) {
  options_.mix = *Mix::Parse("search");
  options_.rows = 3;
  server_.Answer("ProductService/ListProducts",
                 R"({"products": [{"id": "1"}], "total_size": "1"})");
  server_.Answer("ProductService/BatchCreateProducts", "{}");
  const Outcome outcome = Run({});
  EXPECT_GT(StatsOf(outcome, Method::kSearch).rows, 0u);
  int made = 0, searches = 0;
  for (const FakeServer::Call& call : server_.calls()) {
    const auto request = nlohmann::json::parse(call.request);
    if (call.path.ends_with("BatchCreateProducts")) {
      made += static_cast<int>(request["requests"].size());
    } else if (request.contains("search")) {
      EXPECT_THAT(request["search"].get<std::string>(), ::testing::HasSubstr(" "));
      ++searches;
    }
  }
  EXPECT_EQ(made, 2);
  EXPECT_GT(searches, 0);
}

TEST_F(WorkerTest, ATransactIsThreeWritesThatReferToEachOther) {
  options_.mix = *Mix::Parse("transact");
  options_.request_ids = true;
  server_.Answer("/tenantry.v1.TransactService/Transact", R"({"results": [{}, {}, {}]})");
  const Outcome outcome = Run({});
  EXPECT_GT(StatsOf(outcome, Method::kTransact).rows, 2u);
  std::set<std::string> ids;
  for (const FakeServer::Call& call : server_.calls()) {
    if (!call.path.ends_with("/Transact")) continue;
    const auto request = nlohmann::json::parse(call.request);
    ASSERT_EQ(request["steps"].size(), 3u) << call.request;
    EXPECT_EQ(request["steps"][1]["references"][0]["field"], "order.contact_id");
    EXPECT_TRUE(ids.insert(request["request_id"]).second) << "each call is one of its own";
  }
  EXPECT_FALSE(ids.empty());
}

TEST_F(WorkerTest, PagesAreWalkedByTheirTokens) {
  options_.mix = *Mix::Parse("page");
  options_.streams = 1;
  options_.rows = 2;
  // Three pages: "", "p1", "p2".
  server_.On("ContactService/ListContacts", [](const auto& request, auto& reply,
                                               grpc::GenericCallbackServerContext&) {
    const auto* token = request.GetDescriptor()->FindFieldByName("page_token");
    const auto* next = reply.GetDescriptor()->FindFieldByName("next_page_token");
    const std::string at = request.GetReflection()->GetString(request, token);
    const std::string on = at.empty() ? "p1" : at == "p1" ? "p2" : "";
    reply.GetReflection()->SetString(&reply, next, on);
    // The rows that the set-up looks for.
    const auto* rows = reply.GetDescriptor()->FindFieldByName("contacts");
    for (const char* id : {"a1", "a2"}) {
      auto* row = reply.GetReflection()->AddMessage(&reply, rows);
      row->GetReflection()->SetString(row, row->GetDescriptor()->FindFieldByName("id"), id);
    }
    return grpc::Status::OK;
  });
  Run({});
  std::string expected;
  bool walks = false;
  for (const FakeServer::Call& call : server_.calls()) {
    if (!call.path.ends_with("ListContacts")) continue;
    const auto request = nlohmann::json::parse(call.request);
    if (request["page_size"] != options_.page_size) continue;  // of the set-up
    const std::string token = request.value("page_token", "");
    if (walks) {
      EXPECT_EQ(token, expected);
    }
    walks = true;
    expected = token.empty() ? "p1" : token == "p1" ? "p2" : "";
  }
  EXPECT_TRUE(walks);
}

TEST_F(WorkerTest, FixedRateKeepsItsTimetable) {
  const Outcome outcome = Run({.rate = 500});
  // 300 ms at 500 a second.
  EXPECT_NEAR(StatsOf(outcome, Method::kGet).latency.count(), 150, 1);
}

TEST_F(WorkerTest, AStallShowsInEveryCallItHeldUp) {
  std::atomic<int> calls = 0;
  server_.On("ContactService/GetContact",
             [&](const auto&, auto&, grpc::GenericCallbackServerContext&) {
               // One call in the measured time blocks the only stream for 200 ms.
               if (++calls == 30) std::this_thread::sleep_for(milliseconds(200));
               return grpc::Status::OK;
             });
  options_.streams = 1;
  const Outcome outcome = Run({.rate = 200});
  const Histogram& latency = StatsOf(outcome, Method::kGet).latency;
  EXPECT_NEAR(latency.count(), 60, 1) << "no call is left out";
  // About 40 calls were meant to start during the stall; each waited for its end.
  EXPECT_GT(latency.At(0.75), milliseconds(40));
  EXPECT_GT(latency.max(), milliseconds(195));
}

TEST_F(WorkerTest, FailuresAreCountedByCodeAndReason) {
  google::rpc::ErrorInfo info;
  info.set_reason("QUEUE_FULL");
  server_.Refuse("ContactService/GetContact",
                 client::testing::StatusWith(grpc::StatusCode::RESOURCE_EXHAUSTED, "full", info));
  const Outcome outcome = Run({.calls_max = 20});
  const MethodStats& stats = StatsOf(outcome, Method::kGet);
  EXPECT_EQ(stats.latency.count(), 0u);
  ASSERT_EQ(stats.errors.size(), 1u);
  EXPECT_EQ(stats.errors.begin()->first, "RESOURCE_EXHAUSTED QUEUE_FULL");
  EXPECT_EQ(stats.failed.count(), stats.errors.begin()->second);
  EXPECT_THAT(TextReport(options_, outcome), ::testing::HasSubstr("RESOURCE_EXHAUSTED QUEUE_FULL"));
  const auto json = nlohmann::json::parse(JsonReport(options_, outcome));
  EXPECT_EQ(json["methods"]["get"]["errors"]["RESOURCE_EXHAUSTED QUEUE_FULL"],
            stats.failed.count());
}

TEST_F(WorkerTest, ADeleteTakesARowThatTheRunMade) {
  server_.Answer("ContactService/CreateContact", R"({"id": "made"})");
  server_.Answer("ContactService/DeleteContact", "{}");
  options_.mix = *Mix::Parse("delete");
  Run({.calls_max = 20});
  bool deleted = false;
  for (const auto& call : server_.calls()) {
    if (!call.path.ends_with("DeleteContact")) continue;
    deleted = true;
    EXPECT_EQ(call.request, R"({"id":"made"})");
  }
  EXPECT_TRUE(deleted);
}

}  // namespace
}  // namespace tenantry::load
