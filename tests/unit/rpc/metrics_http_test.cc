#include "server/rpc/metrics_http.h"

#include <httplib.h>

#include <atomic>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tenantry::rpc {
namespace {

TEST(MetricsHttp, AnswersMachinesThatWatch) {
  MetricRegistry metrics;
  metrics.counter("things_total", "Things.").Add(3);
  std::atomic<bool> ready{false};
  auto http = MetricsHttp::Start("127.0.0.1:0", metrics, [&] {
    return std::string(ready ? "" : "unsafe: row-level security is disabled on a.b");
  });
  ASSERT_TRUE(http.ok()) << http.status();
  EXPECT_NE((*http)->address(), "127.0.0.1:0");

  httplib::Client client("http://" + (*http)->address());
  auto page = client.Get("/metrics");
  ASSERT_TRUE(page);
  EXPECT_THAT(page->body, ::testing::HasSubstr("things_total 3\n"));
  EXPECT_EQ(client.Get("/healthz")->status, 200);
  EXPECT_EQ(client.Get("/readyz")->status, 503);
  ready = true;
  EXPECT_EQ(client.Get("/readyz")->status, 200);
  EXPECT_EQ(client.Get("/nothing")->status, 404);
}

TEST(MetricsHttp, RefusesWhatIsNoAddressOrTaken) {
  MetricRegistry metrics;
  auto yes = [] { return std::string(); };
  EXPECT_FALSE(MetricsHttp::Start("nowhere", metrics, yes).ok());
  EXPECT_FALSE(MetricsHttp::Start("127.0.0.1:99999", metrics, yes).ok());
}

}  // namespace
}  // namespace tenantry::rpc
