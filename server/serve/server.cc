#include "server/serve/server.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "nlohmann/json.hpp"
#include "server/base/ids.h"
#include "server/base/log.h"
#include "server/call/derived.h"
#include "server/call/explain.h"
#include "server/call/handlers.h"
#include "server/call/session.h"
#include "server/call/stream_methods.h"
#include "server/call/transact.h"
#include "server/call/worker_pool.h"
#include "server/grpc/endpoint.h"
#include "server/http/metrics_http.h"
#include "server/net/listen_socket.h"
#include "server/pg/executor.h"
#include "server/pg/interactive.h"
#include "server/pg/stream.h"
#include "server/serve/liveness.h"
#include "server/serve/options.h"
#include "server/serve/shapes.h"

namespace tenantry::serve {
namespace {

// At the end of the drain, the calls that are left get this long to be told what became of them.
// Then gRPC cancels what is left, and does not say whether a write has happened.
constexpr absl::Duration kTellTime = absl::Milliseconds(200);

// The guard's queries may take this long, in addition to the connect timeout.
constexpr absl::Duration kGuardTime = absl::Seconds(5);

// Says which setting an address that cannot be listened on came from.
absl::Status Named(const char* setting, const absl::Status& status) {
  return {status.code(), absl::StrCat(setting, ": ", status.message())};
}

}  // namespace

// Members are made from the top and destroyed from the bottom: each stands above those that use it.
class Server::Impl {
 public:
  Impl(const Config& config, std::unique_ptr<const schema::Schema> schema, plan::ShapeRules shapes,
       Guard guard, const AddMethods& add_methods)
      : config_(config),
        schema_(std::move(schema)),
        authenticator_(AuthenticatorOptionsOf(config)),
        planner_(*schema_, PlannerOptionsOf(config), metrics_, std::move(shapes)),
        endpoint_(config_, metrics_),
        readiness_(
            std::move(guard), [this](bool ready) { endpoint_.SetServing(ready); }, metrics_),
        executor_(ExecutorOptionsOf(config), readiness_.hooks(), metrics_),
        runner_(pg::MakeInteractiveRunner(executor_)),
        environment_{.authenticator = authenticator_,
                     .submit = [this](pg::TenantTransaction* t) { executor_.Submit(t); },
                     .violations_max = static_cast<std::size_t>(config.violations_max),
                     .reply_bytes_max = ReplyLimitsOf(config).bytes_max,
                     .metrics = metrics_},
        plan_costs_(config.plan_cost_max, environment_),
        derived_environment_{.planner = planner_,
                             .ids = ids_,
                             .reply_limits = ReplyLimitsOf(config),
                             .left_out = call::LeftOutReport(metrics_),
                             .costs = config.plan_cost_max.empty() ? nullptr : &plan_costs_},
        workers_(
            std::make_unique<call::WorkerPool>(static_cast<int>(config.interactive_connections_max),
                                               static_cast<int>(config.interactive_queue_max))),
        stream_runner_(pg::MakeStreamRunner(executor_)),
        stream_places_(static_cast<int>(config.stream_connections_max)),
        stream_workers_(
            std::make_unique<call::WorkerPool>(static_cast<int>(config.stream_connections_max),
                                               static_cast<int>(config.stream_connections_max))),
        stream_environment_(StreamEnvironmentOf(config)),
        handlers_(environment_, *runner_, *workers_),
        methods_(Methods(add_methods)) {}

  ~Impl() {
    if (serves_) Stop(absl::ZeroDuration());
  }

  absl::Status CheckDatabase() {
    executor_.Warm();
    absl::Status first =
        readiness_.AwaitFirst(absl::Milliseconds(config_.connect_timeout_ms) + kGuardTime);
    return absl::IsUnavailable(first) ? absl::OkStatus() : first;
  }

  absl::Status Listen() {
    std::vector<net::Listening> listening;
    for (const std::string& address : config_.listen) {
      auto one = net::Listen(address);
      if (!one.ok()) return Named("--listen", one.status());
      addresses_.push_back(one->address);
      listening.push_back(*std::move(one));
    }
    absl::StatusOr<net::Listening> http;
    if (!config_.metrics_listen.empty()) {
      http = net::Listen(config_.metrics_listen);
      if (!http.ok()) return Named("--metrics-listen", http.status());
    }
    absl::Status status = endpoint_.Serve(
        std::move(listening),
        {.methods = methods_, .services = Services(), .descriptors = schema_->api()});
    if (!status.ok()) return status;
    serves_ = true;
    liveness_ = std::make_unique<Liveness>(endpoint_.Probes());
    return http.ok() ? ServeHttp(*std::move(http)) : absl::OkStatus();
  }

  void Drain() {
    Log(LogLevel::kInfo, "draining", {{"delay_ms", config_.drain_delay_ms}});
    draining_ = true;
    endpoint_.AnnounceEnd();
    absl::SleepFor(absl::Milliseconds(config_.drain_delay_ms));
    Stop(absl::Milliseconds(config_.drain_ms_max));
    Log(LogLevel::kInfo, "drained");
  }

  // Calls end before the database connections do, so that no call in flight is lost.
  void Stop(absl::Duration grace) {
    serves_ = false;
    liveness_->Stop();
    absl::Notification ended;
    // Ends the transactions that are still in the queue or on a connection after that time.
    std::thread cutter([&] {
      if (!ended.WaitForNotificationWithTimeout(grace)) {
        Log(LogLevel::kWarn, "calls cut off at the end of the drain");
        executor_.Shutdown(absl::ZeroDuration());
      }
    });
    endpoint_.Drain(absl::Now() + grace + kTellTime);
    workers_.reset();
    stream_workers_.reset();
    ended.Notify();
    cutter.join();
    executor_.Shutdown(grace);
    endpoint_.Close();
  }

  std::string ReadyLine() const {
    nlohmann::ordered_json line;
    line["listening"] = addresses_;
    line["metrics"] = metrics_address();
    line["pid"] = getpid();
    line["ready"] = ready();
    return line.dump();
  }

  const std::vector<std::string>& addresses() const { return addresses_; }
  std::string metrics_address() const { return http_ ? http_->address() : std::string(); }
  bool ready() const { return readiness_.ready() && !draining_; }
  std::string WhyNotReady() const {
    return draining_ ? "draining: the server is about to end" : readiness_.WhyNot();
  }
  MetricRegistry& metrics() { return metrics_; }

 private:
  // The derived ones and those that are written by hand.
  call::MethodList Methods(const AddMethods& add_methods) {
    call::MethodList methods = call::DerivedMethods(*schema_, environment_, derived_environment_);
    for (auto& method :
         call::StreamMethods(*schema_, environment_, derived_environment_, stream_environment_)) {
      methods.push_back(std::move(method));
    }
    methods.push_back(call::MakeExplainMethod(*schema_, environment_, derived_environment_,
                                              config_.explain_roles));
    methods.push_back(call::MakeTransactMethod(*schema_, environment_, derived_environment_,
                                               static_cast<int>(config_.transact_steps_max)));
    call::AddSessionService(handlers_);
    if (add_methods) add_methods(handlers_);
    for (auto& method : handlers_.Take()) methods.push_back(std::move(method));
    return methods;
  }

  call::StreamEnvironment StreamEnvironmentOf(const Config& config) {
    return {.runner = *stream_runner_,
            .workers = *stream_workers_,
            .places = stream_places_,
            .limits = StreamLimitsOf(config),
            .time_max = absl::Milliseconds(config.stream_ms_max),
            .idle_max = absl::Milliseconds(config.stream_idle_ms_max)};
  }

  std::vector<std::string> Services() const {
    std::vector<std::string> names = schema_->service_names();
    names.push_back(call::kExplainService);
    names.push_back(call::kTransactService);
    for (std::string& name : handlers_.service_names()) names.push_back(std::move(name));
    return names;
  }

  absl::Status ServeHttp(net::Listening listening) {
    auto http = http::MetricsHttp::Start(std::move(listening), metrics_,
                                         {.why_not_ready = [this] { return WhyNotReady(); },
                                          .alive = [this] { return liveness_->Check(); }});
    if (!http.ok()) return http.status();
    http_ = *std::move(http);
    return absl::OkStatus();
  }

  const Config config_;
  MetricRegistry metrics_;
  IdGenerator ids_;
  std::atomic<bool> draining_{false};
  bool serves_ = false;  // from Listen to Stop
  std::unique_ptr<const schema::Schema> schema_;
  identity::MetadataAuthenticator authenticator_;
  methods::Planner planner_;
  rpc::Endpoint endpoint_;
  Readiness readiness_;
  pg::Executor executor_;
  std::unique_ptr<pg::InteractiveRunner> runner_;
  call::Environment environment_;
  call::PlanCosts plan_costs_;
  call::DerivedEnvironment derived_environment_;
  std::unique_ptr<call::WorkerPool> workers_;
  std::unique_ptr<pg::StreamRunner> stream_runner_;
  call::StreamPlaces stream_places_;
  std::unique_ptr<call::WorkerPool> stream_workers_;
  call::StreamEnvironment stream_environment_;
  call::Handlers handlers_;
  call::MethodList methods_;
  std::unique_ptr<Liveness> liveness_;  // asks the endpoint
  std::unique_ptr<http::MetricsHttp> http_;
  std::vector<std::string> addresses_;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config,
                                                      std::unique_ptr<const schema::Schema> schema,
                                                      Guard guard, const AddMethods& add_methods) {
  absl::StatusOr<plan::ShapeRules> shapes = ShapeRulesOf(config);
  if (!shapes.ok()) return shapes.status();
  auto impl = std::make_unique<Impl>(config, std::move(schema), *std::move(shapes),
                                     std::move(guard), add_methods);
  absl::Status status = impl->CheckDatabase();
  if (status.ok()) status = impl->Listen();
  if (!status.ok()) return status;
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

const std::vector<std::string>& Server::addresses() const { return impl_->addresses(); }
std::string Server::metrics_address() const { return impl_->metrics_address(); }
bool Server::ready() const { return impl_->ready(); }
MetricRegistry& Server::metrics() { return impl_->metrics(); }
std::string Server::ReadyLine() const { return impl_->ReadyLine(); }
void Server::Drain() { impl_->Drain(); }

absl::Status WriteReadyFile(const std::string& path, const std::string& line) {
  std::string unfinished = absl::StrCat(path, ".", getpid(), ".tmp");
  {
    std::ofstream out(unfinished, std::ios::trunc);
    out << line << '\n';
    out.close();
    if (!out) return absl::UnavailableError(absl::StrCat("cannot write ", unfinished));
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

}  // namespace tenantry::serve
