#include "server/serve/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
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
#include "server/base/open_files.h"
#include "server/call/derived.h"
#include "server/call/handlers.h"
#include "server/call/session.h"
#include "server/call/worker_pool.h"
#include "server/grpc/completion_loop.h"
#include "server/grpc/health.h"
#include "server/grpc/method_service.h"
#include "server/grpc/reflection.h"
#include "server/grpc/tls.h"
#include "server/http/metrics_http.h"
#include "server/net/acceptor.h"
#include "server/net/listen_socket.h"
#include "server/pg/executor.h"
#include "server/pg/interactive.h"
#include "server/serve/liveness.h"
#include "server/serve/options.h"

namespace tenantry::serve {
namespace {

// At the end of the drain, the calls that are left get this long to be told what became of them.
// Then gRPC cancels what is left, and does not say whether a write has happened.
constexpr absl::Duration kTellTime = absl::Milliseconds(200);

// After the last call that gRPC has handed to us, connections get this long to end by themselves.
constexpr absl::Duration kStragglerTime = absl::Seconds(1);

// The guard's queries may take this long, in addition to the connect timeout.
constexpr absl::Duration kGuardTime = absl::Seconds(5);

std::vector<std::string> AllServices(const schema::Schema& schema, const call::Handlers& handlers) {
  std::vector<std::string> names = schema.service_names();
  for (std::string& name : handlers.service_names()) names.push_back(std::move(name));
  for (const char* system : {rpc::kHealth, rpc::kReflectionV1, rpc::kReflectionV1Alpha}) {
    names.emplace_back(system);
  }
  return names;
}

bool IsUnixSocket(const std::string& address) { return absl::StartsWith(address, "unix:"); }

// Says which setting an address that cannot be listened on came from.
absl::Status Named(const char* setting, const absl::Status& status) {
  return {status.code(), absl::StrCat(setting, ": ", status.message())};
}

// Protobuf writes a line to stderr for each text that is not UTF-8. The caller learns it from the
// reply, and hostile callers could fill the log.
void LogOfProtobuf(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  Log(LogLevel::kDebug, "protobuf", {{"message", message}});
}

void LogOfGrpc(gpr_log_func_args* line) {
  LogLevel level = line->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarn : LogLevel::kDebug;
  Log(level, "grpc", {{"message", line->message}});
}

// Debian builds abseil without NDEBUG. Then abseil enters each absl::Mutex, and so each of gRPC's,
// into a graph in which it looks for deadlocks, which costs a few percent of each call.
void DoWithoutDeadlockDetection() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

// A peer may close its connection while something is written to it. That is an error of the write
// (EPIPE). Without this it would also be a signal that ends the process: OpenSSL, with which the
// listener is probed, writes without MSG_NOSIGNAL.
void DoWithoutSignalsOfPipes() { signal(SIGPIPE, SIG_IGN); }

}  // namespace

// Members are made from the top and destroyed from the bottom: each stands above those that use it.
class Server::Impl {
 public:
  Impl(const Config& config, std::unique_ptr<const schema::Schema> schema, Guard guard,
       const AddMethods& add_methods)
      : config_(config),
        schema_(std::move(schema)),
        authenticator_(AuthenticatorOptionsOf(config)),
        planner_(*schema_, PlannerOptionsOf(config), metrics_),
        readiness_(
            std::move(guard), [this](bool ready) { health_.SetServing(ready); }, metrics_),
        executor_(ExecutorOptionsOf(config), readiness_.hooks(), metrics_),
        runner_(pg::MakeInteractiveRunner(executor_)),
        environment_{.authenticator = authenticator_,
                     .submit = [this](pg::TenantTransaction* t) { executor_.Submit(t); },
                     .violations_max = static_cast<std::size_t>(config.violations_max),
                     .reply_bytes_max = ReplyLimitsOf(config).bytes_max,
                     .metrics = metrics_},
        derived_environment_{.planner = planner_,
                             .ids = ids_,
                             .reply_limits = ReplyLimitsOf(config),
                             .left_out = call::LeftOutReport(metrics_)},
        workers_(
            std::make_unique<call::WorkerPool>(static_cast<int>(config.interactive_connections_max),
                                               static_cast<int>(config.interactive_queue_max))),
        handlers_(environment_, *runner_, *workers_),
        methods_(Methods(add_methods)),
        method_service_(methods_),
        reflection_(schema_->api(), AllServices(*schema_, handlers_), reflection_streams_) {
    health_.SetServices(AllServices(*schema_, handlers_));
  }

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
    auto encrypted = rpc::ListenerCredentials(config_);
    if (!encrypted.ok()) return encrypted.status();
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
    if (absl::Status status = Serve(std::move(listening), *encrypted); !status.ok()) return status;
    return http.ok() ? ServeHttp(*std::move(http)) : absl::OkStatus();
  }

  void Drain() {
    Log(LogLevel::kInfo, "draining", {{"delay_ms", config_.drain_delay_ms}});
    draining_ = true;
    health_.Shutdown();
    absl::SleepFor(absl::Milliseconds(config_.drain_delay_ms));
    Stop(absl::Milliseconds(config_.drain_ms_max));
    Log(LogLevel::kInfo, "drained");
  }

  // Calls end before the database connections do, so that no call in flight is lost.
  void Stop(absl::Duration grace) {
    liveness_->Stop();
    acceptor_.reset();
    reflection_streams_.EndAll();
    health_.Shutdown();
    absl::Notification ended;
    // Ends the transactions that are still in the queue or on a connection after that time.
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
  // The derived ones and those that are written by hand.
  call::MethodList Methods(const AddMethods& add_methods) {
    call::MethodList methods = call::DerivedMethods(*schema_, environment_, derived_environment_);
    call::AddSessionService(handlers_);
    if (add_methods) add_methods(handlers_);
    for (auto& method : handlers_.Take()) methods.push_back(std::move(method));
    return methods;
  }

  // gRPC's Shutdown first cancels the calls that it has not handed over, and then takes no more
  // calls. A call that comes in between waits until the end of the drain, since nobody takes it
  // (Server::ShutdownAndNotify and RealRequestMatcher in src/core/lib/surface/server.cc of 1.51).
  void CancelStragglers(const absl::Notification& ended) {
    for (const std::unique_ptr<rpc::CompletionLoop>& loop : loops_) loop->AwaitLastCall();
    if (ended.WaitForNotificationWithTimeout(kStragglerTime)) return;
    Log(LogLevel::kInfo, "cancelling calls that came while the server began to stop");
    grpc_server_cancel_all_calls(grpc_->c_server());
  }

  // gRPC takes the connections from us: see acceptor.h.
  absl::Status Serve(std::vector<net::Listening> listening,
                     const std::shared_ptr<grpc::ServerCredentials>& encrypted) {
    grpc::ServerBuilder builder;
    TuneBuilder(config_, builder);
    for (int i = 0; i < ThreadsOf(config_); ++i) {
      loops_.push_back(std::make_unique<rpc::CompletionLoop>(builder));
    }
    std::vector<net::Acceptor::Source> sources;
    for (net::Listening& one : listening) {
      const bool local = IsUnixSocket(one.address);
      std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> door =
          builder.experimental().AddExternalConnectionAcceptor(
              grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
              local ? grpc::InsecureServerCredentials() : encrypted);
      sources.push_back({std::move(one), [this, door](int fd) { HandOver(fd, *door); }});
    }
    const std::initializer_list<rpc::RawService*> services = {&method_service_, &reflection_,
                                                              &health_};
    for (rpc::RawService* service : services) builder.RegisterService(service);
    grpc_ = builder.BuildAndStart();
    if (!grpc_) return absl::InternalError("gRPC did not start; its reason is in the log");
    for (const std::unique_ptr<rpc::CompletionLoop>& loop : loops_) {
      for (rpc::RawService* service : services) service->Accept(*loop);
      loop->Start();
    }
    acceptor_ = std::make_unique<net::Acceptor>(
        std::move(sources),
        net::Acceptor::Options{
            .descriptor_max = DescriptorMax(config_, RaiseOpenFileLimit(), CountOpenFiles()),
            .accepted = metrics_.counter("tenantry_connections_total", "Client connections."),
            .refused = refused_connections_});
    liveness_ = std::make_unique<Liveness>(Probes());
    return absl::OkStatus();
  }

  void HandOver(int fd, grpc::experimental::ExternalConnectionAcceptor& door) {
    // As gRPC does for its own listeners: what a client does not acknowledge for as long as a
    // keepalive ping may take is lost with it.
    const int ms = static_cast<int>(config_.keepalive_timeout_ms);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = fd;
    door.HandleNewConnection(&connection);
  }

  std::vector<Liveness::Probe> Probes() {
    std::vector<Liveness::Probe> probes;
    const bool encrypted = !config_.tls_certificate_file.empty();
    for (const net::Acceptor::Source& source : acceptor_->sources()) {
      const bool tls = encrypted && !IsUnixSocket(source.listening.address);
      for (const net::ListenSocket& socket : source.listening.sockets) {
        probes.push_back([this, &socket, tls](absl::Time deadline) {
          return ProbeListener(
              socket, tls, [this] { return refused_connections_.value(); }, deadline);
        });
      }
    }
    for (const std::unique_ptr<rpc::CompletionLoop>& loop : loops_) {
      probes.push_back([&loop](absl::Time deadline) {
        return loop->AwaitTurn(deadline)
                   ? absl::OkStatus()
                   : absl::UnavailableError("a thread that answers calls is stuck");
      });
    }
    return probes;
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
  std::unique_ptr<const schema::Schema> schema_;
  identity::MetadataAuthenticator authenticator_;
  methods::Planner planner_;
  rpc::HealthService health_;
  Readiness readiness_;
  pg::Executor executor_;
  std::unique_ptr<pg::InteractiveRunner> runner_;
  call::Environment environment_;
  call::DerivedEnvironment derived_environment_;
  std::unique_ptr<call::WorkerPool> workers_;
  call::Handlers handlers_;
  call::MethodList methods_;
  rpc::MethodService method_service_;
  rpc::StreamSet reflection_streams_;
  rpc::ReflectionService reflection_;
  std::vector<std::unique_ptr<rpc::CompletionLoop>> loops_;
  std::unique_ptr<grpc::Server> grpc_;
  Counter& refused_connections_ =
      metrics_.counter("tenantry_connections_refused_total",
                       "Client connections closed at once: --connections-max is reached.");
  std::unique_ptr<net::Acceptor> acceptor_;
  std::unique_ptr<Liveness> liveness_;  // asks the acceptor's sockets
  std::unique_ptr<http::MetricsHttp> http_;
  std::vector<std::string> addresses_;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config,
                                                      std::unique_ptr<const schema::Schema> schema,
                                                      Guard guard, const AddMethods& add_methods) {
  DoWithoutDeadlockDetection();
  DoWithoutSignalsOfPipes();
  google::protobuf::SetLogHandler(LogOfProtobuf);
  gpr_set_log_function(LogOfGrpc);
  auto impl = std::make_unique<Impl>(config, std::move(schema), std::move(guard), add_methods);
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
