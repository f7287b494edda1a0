#include "server/rpc/metrics_http.h"

#include <httplib.h>

#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace tenantry::rpc {
namespace {

constexpr int kThreads = 2;
constexpr char kPrometheusText[] = "text/plain; version=0.0.4; charset=utf-8";

// Accepts `host:port` and `[v6]:port`.
bool SplitAddress(const std::string& address, std::string& host, int& port) {
  std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return false;
  host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 0 && port <= 65535;
}

}  // namespace

class MetricsHttp::Impl {
 public:
  Impl(const MetricRegistry& metrics, std::function<std::string()> why_not_ready) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_keep_alive_timeout(1);  // an idle keep-alive client holds a thread
    server_.set_read_timeout(5);
    server_.set_payload_max_length(1024);
    server_.Get("/metrics", [&metrics](const httplib::Request&, httplib::Response& response) {
      response.set_content(metrics.Render(), kPrometheusText);
    });
    server_.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("alive\n", "text/plain");
    });
    server_.Get("/readyz", [why_not_ready](const httplib::Request&, httplib::Response& response) {
      const std::string why_not = why_not_ready();
      response.status = why_not.empty() ? 200 : 503;
      response.set_content(why_not.empty() ? "ready\n" : absl::StrCat(why_not, "\n"), "text/plain");
    });
  }

  ~Impl() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  // The port taken, or -1.
  int Listen(const std::string& host, int port) {
    if (port == 0) {
      port = server_.bind_to_any_port(host);
    } else if (!server_.bind_to_port(host, port)) {
      port = -1;
    }
    if (port < 0) return -1;
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() before the loop runs would be forgotten.
    for (int i = 0; i < 1000 && !server_.is_running(); ++i) absl::SleepFor(absl::Milliseconds(1));
    return port;
  }

 private:
  httplib::Server server_;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<MetricsHttp>> MetricsHttp::Start(
    const std::string& address, const MetricRegistry& metrics,
    std::function<std::string()> why_not_ready) {
  std::string host;
  int port = 0;
  if (!SplitAddress(address, host, port)) {
    return absl::InvalidArgumentError(absl::StrCat("not a host:port: ", address));
  }
  std::unique_ptr<MetricsHttp> http(new MetricsHttp);
  http->impl_ = std::make_unique<Impl>(metrics, std::move(why_not_ready));
  port = http->impl_->Listen(host, port);
  if (port < 0) return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  http->address_ = absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
  return http;
}

MetricsHttp::~MetricsHttp() = default;

}  // namespace tenantry::rpc
