#include "server/http/metrics_http.h"

#include <microhttpd.h>
#include <sys/socket.h>

#include <cstdarg>
#include <cstdio>
#include <iterator>
#include <list>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/base/log.h"
#include "server/net/acceptor.h"

namespace tenantry::http {
namespace {

constexpr char kPrometheusText[] = "text/plain; version=0.0.4; charset=utf-8";
constexpr char kPlainText[] = "text/plain; charset=utf-8";

// The request's head and the memory that MHD needs to read it.
constexpr std::size_t kHeadBytesMax = 16 * 1024;

// Connections that have been ended and that MHD has not closed yet.
constexpr unsigned kEndedMax = 512;

struct Answer {
  unsigned status;
  const char* type;
  std::string body;
};

void LogOfHttp(void*, const char* format, va_list arguments) {
  char line[256];
  std::vsnprintf(line, sizeof line, format, arguments);
  Log(LogLevel::kDebug, "http", {{"message", line}});
}

MHD_Result Send(MHD_Connection* connection, const Answer& answer) {
  MHD_Response* response = MHD_create_response_from_buffer(
      answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type);
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
  const MHD_Result queued = MHD_queue_response(connection, answer.status, response);
  MHD_destroy_response(response);
  return queued;
}

// The connections that are open, each with the time at which it must be over.
class Deadlines {
 public:
  Deadlines(absl::Duration time_max, int connections_max)
      : time_max_(time_max), connections_max_(static_cast<std::size_t>(connections_max)) {}

  void Opened(MHD_Connection* connection, int fd) {
    absl::MutexLock lock(&mutex_);
    if (open_.size() >= connections_max_) EndOldest();
    open_.push_back({connection, fd, absl::Now() + time_max_});
    places_[connection] = std::prev(open_.end());
  }

  // Called before its descriptor is closed.
  void Closed(MHD_Connection* connection) {
    absl::MutexLock lock(&mutex_);
    auto place = places_.find(connection);
    if (place == places_.end()) return;
    open_.erase(place->second);
    places_.erase(place);
  }

  // Ends what is overdue, until Stop.
  void Run() {
    absl::MutexLock lock(&mutex_);
    while (!mutex_.AwaitWithTimeout(absl::Condition(&stopping_), time_max_ / 10)) {
      while (!open_.empty() && open_.front().deadline <= absl::Now()) EndOldest();
    }
  }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }

 private:
  struct Open {
    MHD_Connection* connection;
    int fd;
    absl::Time deadline;
  };

  // MHD sees that it has ended and closes it.
  void EndOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    shutdown(open_.front().fd, SHUT_RDWR);
    places_.erase(open_.front().connection);
    open_.pop_front();
  }

  const absl::Duration time_max_;
  const std::size_t connections_max_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<Open> open_ ABSL_GUARDED_BY(mutex_);  // oldest first
  std::unordered_map<MHD_Connection*, std::list<Open>::iterator> places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

class MetricsHttp::Impl {
 public:
  Impl(MetricRegistry& metrics, Options options)
      : metrics_(metrics),
        options_(std::move(options)),
        deadlines_(options_.connection_time_max, options_.connections_max) {}

  ~Impl() {
    acceptor_.reset();
    if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
    deadlines_.Stop();
    if (sweeper_.joinable()) sweeper_.join();
  }

  bool Start(net::Listening listening) {
    daemon_ = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_USE_ERROR_LOG,
        0, nullptr, nullptr, &Impl::OnRequest, this,  //
        MHD_OPTION_EXTERNAL_LOGGER, &LogOfHttp, nullptr,
        // Ours is the smaller one. Those that it ends are open until MHD's thread has seen it, and
        // must not keep the newest out.
        MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(options_.connections_max) + kEndedMax,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, kHeadBytesMax,  //
        MHD_OPTION_NOTIFY_CONNECTION, &Impl::OnConnection, this, MHD_OPTION_END);
    if (daemon_ == nullptr) return false;
    sweeper_ = std::thread([this] { deadlines_.Run(); });
    std::vector<net::Acceptor::Source> sources;
    sources.push_back({std::move(listening), [this](int fd) { Take(fd); }});
    acceptor_ = std::make_unique<net::Acceptor>(
        std::move(sources),
        net::Acceptor::Options{
            .accepted = metrics_.counter("tenantry_http_connections_total", "HTTP connections."),
            .refused = metrics_.counter("tenantry_http_connections_refused_total",
                                        "HTTP connections that were closed at once.")});
    return true;
  }

 private:
  void Take(int fd) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size);
    MHD_add_connection(daemon_, fd, reinterpret_cast<sockaddr*>(&peer), size);  // closes it, or not
  }

  static void OnConnection(void* self, MHD_Connection* connection, void**,
                           MHD_ConnectionNotificationCode code) {
    Deadlines& deadlines = static_cast<Impl*>(self)->deadlines_;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) return deadlines.Closed(connection);
    const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    deadlines.Opened(connection, info->connect_fd);
  }

  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char*, const char*,
                              std::size_t* upload_size, void** seen) {
    const std::string_view verb(method);
    if (verb != MHD_HTTP_METHOD_GET && verb != MHD_HTTP_METHOD_HEAD) {
      return Send(connection, {MHD_HTTP_METHOD_NOT_ALLOWED, kPlainText, "only GET and HEAD\n"});
    }
    // The first time the head is there, the second time the rest.
    if (*seen == nullptr || *upload_size > 0) {
      *seen = self;
      *upload_size = 0;
      return MHD_YES;
    }
    return Send(connection, static_cast<Impl*>(self)->AnswerTo(url));
  }

  Answer AnswerTo(std::string_view url) const {
    if (url == "/metrics") return {MHD_HTTP_OK, kPrometheusText, metrics_.Render()};
    if (url == "/healthz") {
      const absl::Status alive = options_.alive();
      if (alive.ok()) return {MHD_HTTP_OK, kPlainText, "alive\n"};
      return {MHD_HTTP_SERVICE_UNAVAILABLE, kPlainText,
              absl::StrCat("not alive: ", alive.message(), "\n")};
    }
    if (url == "/readyz") {
      const std::string why_not = options_.why_not_ready();
      if (why_not.empty()) return {MHD_HTTP_OK, kPlainText, "ready\n"};
      return {MHD_HTTP_SERVICE_UNAVAILABLE, kPlainText, absl::StrCat(why_not, "\n")};
    }
    return {MHD_HTTP_NOT_FOUND, kPlainText, "there are /metrics, /healthz and /readyz\n"};
  }

  MetricRegistry& metrics_;
  const Options options_;
  Deadlines deadlines_;
  MHD_Daemon* daemon_ = nullptr;
  std::thread sweeper_;
  std::unique_ptr<net::Acceptor> acceptor_;
};

absl::StatusOr<std::unique_ptr<MetricsHttp>> MetricsHttp::Start(net::Listening listening,
                                                                MetricRegistry& metrics,
                                                                Options options) {
  std::unique_ptr<MetricsHttp> http(new MetricsHttp);
  http->address_ = listening.address;
  http->impl_ = std::make_unique<Impl>(metrics, std::move(options));
  if (!http->impl_->Start(std::move(listening))) {
    return absl::UnavailableError(absl::StrCat("cannot serve HTTP on ", http->address_));
  }
  return http;
}

MetricsHttp::~MetricsHttp() = default;

}  // namespace tenantry::http
