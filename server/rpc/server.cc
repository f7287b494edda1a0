#include "server/rpc/server.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/grpc.h"
#include "grpc/support/log.h"
#include "grpcpp/grpcpp.h"
#include "nlohmann/json.hpp"
#include "server/base/ids.h"
#include "server/base/log.h"
#include "server/pg/executor.h"
#include "server/pg/interactive.h"
#include "server/rpc/call.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/dynamic_service.h"
#include "server/rpc/health.h"
#include "server/rpc/metrics_http.h"
#include "server/rpc/options.h"
#include "server/rpc/reflection.h"
#include "server/rpc/session.h"
#include "server/rpc/tls.h"

namespace tenantry::rpc {
namespace {

// After the drain's end: the calls that are cut off then are told what became of them, before gRPC
// cancels what is left without a word of whether a write happened.
constexpr absl::Duration kTellTime = absl::Milliseconds(200);

// When every call that came to us has ended, connections get this long to end by themselves.
constexpr absl::Duration kStragglerTime = absl::Seconds(1);

// On top of the connect timeout, for the guard's questions.
constexpr absl::Duration kGuardTime = absl::Seconds(5);

std::vector<std::string> AllServices(const schema::Schema& schema) {
  std::vector<std::string> names = schema.service_names();
  for (const char* system : {kSession, kHealth, kReflectionV1, kReflectionV1Alpha}) {
    names.emplace_back(system);
  }
  return names;
}

// `127.0.0.1:0` -> `127.0.0.1:41233`.
std::string WithPort(const std::string& address, int port) {
  if (absl::StartsWith(address, "unix:")) return address;
  return absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
}

// Protobuf complains to stderr about text that is not UTF-8: hostile callers could fill the log,
// and they are told by the reply.
void LogOfProtobuf(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  Log(LogLevel::kDebug, "protobuf", {{"message", message}});
}

void LogOfGrpc(gpr_log_func_args* line) {
  LogLevel level = line->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarn : LogLevel::kDebug;
  Log(level, "grpc", {{"message", line->message}});
}

// Debian builds abseil without NDEBUG, where each absl::Mutex (gRPC's are such) is entered into a
// graph to look for deadlocks: a debugging aid that costs a few percent of a call.
void DoWithoutDeadlockDetection() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace

// Members are built top down and destroyed bottom up: what is used stands above its users.
class Server::Impl {
 public:
  Impl(const Config& config, std::unique_ptr<const schema::Schema> schema, Guard guard)
      : config_(config),
        schema_(std::move(schema)),
        authenticator_(AuthenticatorOptionsOf(config)),
        planner_(*schema_, PlannerOptionsOf(config), metrics_),
        health_(AllServices(*schema_)),
        readiness_(
            std::move(guard), [this](bool ready) { health_.SetServing(ready); }, metrics_),
        executor_(ExecutorOptionsOf(config), readiness_.hooks(), metrics_),
        runner_(pg::MakeInteractiveRunner(executor_)),
        environment_{.authenticator = authenticator_,
                     .planner = planner_,
                     .ids = ids_,
                     .submit = [this](pg::TenantTransaction* t) { executor_.Submit(t); },
                     .reply_limits = ReplyLimitsOf(config),
                     .left_out = LeftOutReport(metrics_),
                     .stages = StageMetrics(metrics_)},
        dynamic_(*schema_, environment_, metrics_),
        workers_(std::make_unique<WorkerPool>(static_cast<int>(config.interactive_connections_max),
                                              static_cast<int>(config.interactive_queue_max))),
        session_({authenticator_, *runner_, *workers_, metrics_}),
        reflection_(schema_->pool(), AllServices(*schema_), reflection_streams_) {}

  ~Impl() {
    if (grpc_) Stop(absl::ZeroDuration());
  }

  absl::Status CheckDatabase() {
    executor_.Warm();
    absl::Status first =
        readiness_.AwaitFirst(absl::Milliseconds(config_.connect_timeout_ms) + kGuardTime);
    return absl::IsUnavailable(first) ? absl::OkStatus() : first;
  }

  absl::Status Listen() {
    auto encrypted = ListenerCredentials(config_);
    if (!encrypted.ok()) return encrypted.status();
    grpc::ServerBuilder builder;
    TuneBuilder(config_, builder);
    for (int i = 0; i < ThreadsOf(config_); ++i) {
      loops_.push_back(std::make_unique<CompletionLoop>(builder));
    }
    std::vector<int> ports(config_.listen.size());
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const bool local = absl::StartsWith(config_.listen[i], "unix:");
      builder.AddListeningPort(config_.listen[i],
                               local ? grpc::InsecureServerCredentials() : *encrypted, &ports[i]);
    }
    const std::initializer_list<RawService*> services = {&dynamic_, &session_, &reflection_,
                                                         &health_};
    for (RawService* service : services) builder.RegisterService(service);
    grpc_ = builder.BuildAndStart();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      if (ports[i] == 0) {
        return absl::UnavailableError(absl::StrCat("cannot listen on ", config_.listen[i]));
      }
      addresses_.push_back(WithPort(config_.listen[i], ports[i]));
    }
    if (!grpc_) return absl::UnavailableError("cannot listen");
    for (const std::unique_ptr<CompletionLoop>& loop : loops_) {
      for (RawService* service : services) service->Accept(*loop);
      loop->Start();
    }
    return ListenForMetrics();
  }

  void Drain() {
    Log(LogLevel::kInfo, "draining", {{"delay_ms", config_.drain_delay_ms}});
    draining_ = true;
    health_.Shutdown();
    absl::SleepFor(absl::Milliseconds(config_.drain_delay_ms));
    Stop(absl::Milliseconds(config_.drain_ms_max));
    Log(LogLevel::kInfo, "drained");
  }

  // Calls end before the database connections do: a call in flight is not lost.
  void Stop(absl::Duration grace) {
    reflection_streams_.EndAll();
    health_.Shutdown();
    absl::Notification ended;
    // Calls whose transactions are stuck are cut off in the database's queue and pipelines.
    std::thread cutter([&] {
      if (!ended.WaitForNotificationWithTimeout(grace)) {
        Log(LogLevel::kWarn, "calls cut off at the end of the drain");
        executor_.Shutdown(absl::ZeroDuration());
      }
    });
    std::thread straggler([&] { CancelStragglers(ended); });
    grpc_->Shutdown(absl::ToChronoTime(absl::Now() + grace + kTellTime));
    workers_.reset();
    ended.Notify();
    cutter.join();
    straggler.join();
    executor_.Shutdown(grace);
    loops_.clear();
    grpc_.reset();
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
  // gRPC's Shutdown first cancels the calls that it has not handed over, then stops taking more.
  // One that comes in between waits, until the very end of the drain, for somebody to take it
  // (Server::ShutdownAndNotify and RealRequestMatcher in src/core/lib/surface/server.cc of 1.51).
  void CancelStragglers(const absl::Notification& ended) {
    for (const std::unique_ptr<CompletionLoop>& loop : loops_) loop->AwaitLastCall();
    if (ended.WaitForNotificationWithTimeout(kStragglerTime)) return;
    Log(LogLevel::kInfo, "cancelling calls that came while the server began to stop");
    grpc_server_cancel_all_calls(grpc_->c_server());
  }

  absl::Status ListenForMetrics() {
    if (config_.metrics_listen.empty()) return absl::OkStatus();
    auto http =
        MetricsHttp::Start(config_.metrics_listen, metrics_, [this] { return WhyNotReady(); });
    if (!http.ok()) return http.status();
    http_ = *std::move(http);
    return absl::OkStatus();
  }

  const Config config_;
  MetricRegistry metrics_;
  IdGenerator ids_;
  std::atomic<bool> draining_{false};
  std::unique_ptr<const schema::Schema> schema_;
  identity::MetadataAuthenticator authenticator_;
  plan::Planner planner_;
  HealthService health_;
  Readiness readiness_;
  pg::Executor executor_;
  std::unique_ptr<pg::InteractiveRunner> runner_;
  CallEnvironment environment_;
  DynamicService dynamic_;
  std::unique_ptr<WorkerPool> workers_;
  SessionService session_;
  StreamSet reflection_streams_;
  ReflectionService reflection_;
  std::vector<std::unique_ptr<CompletionLoop>> loops_;
  std::unique_ptr<grpc::Server> grpc_;
  std::unique_ptr<MetricsHttp> http_;
  std::vector<std::string> addresses_;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config,
                                                      std::unique_ptr<const schema::Schema> schema,
                                                      Guard guard) {
  DoWithoutDeadlockDetection();
  google::protobuf::SetLogHandler(LogOfProtobuf);
  gpr_set_log_function(LogOfGrpc);
  auto impl = std::make_unique<Impl>(config, std::move(schema), std::move(guard));
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

}  // namespace tenantry::rpc
