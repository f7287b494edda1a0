#include "server/grpc/endpoint.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <csignal>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/grpc.h"
#include "grpc/support/log.h"
#include "grpcpp/grpcpp.h"
#include "server/base/log.h"
#include "server/base/open_files.h"
#include "server/grpc/builder_options.h"
#include "server/grpc/completion_loop.h"
#include "server/grpc/health.h"
#include "server/grpc/method_service.h"
#include "server/grpc/probe.h"
#include "server/grpc/reflection.h"
#include "server/grpc/tls.h"
#include "server/net/acceptor.h"

namespace tenantry::rpc {
namespace {

// After the last call that gRPC has handed to us, connections get this long to end by themselves.
constexpr absl::Duration kStragglerTime = absl::Seconds(1);

bool IsUnixSocket(const std::string& address) { return absl::StartsWith(address, "unix:"); }

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
void IgnoreSigpipe() { signal(SIGPIPE, SIG_IGN); }

}  // namespace

// Members are made from the top and destroyed from the bottom: each stands above those that use it.
class Endpoint::Impl {
 public:
  Impl(const Config& config, MetricRegistry& metrics) : config_(config), metrics_(metrics) {
    DoWithoutDeadlockDetection();
    IgnoreSigpipe();
    google::protobuf::SetLogHandler(LogOfProtobuf);
    gpr_set_log_function(LogOfGrpc);
  }

  HealthService& health() { return health_; }

  absl::Status Serve(std::vector<net::Listening> listening, Contents contents) {
    auto encrypted = ListenerCredentials(config_);
    if (!encrypted.ok()) return encrypted.status();
    for (const char* own : {kHealth, kReflectionV1, kReflectionV1Alpha}) {
      contents.services.emplace_back(own);
    }
    health_.SetServices(contents.services);
    methods_.emplace(contents.methods);
    reflection_.emplace(contents.descriptors, std::move(contents.services), reflection_streams_);

    grpc::ServerBuilder builder;
    TuneBuilder(config_, builder);
    for (int i = 0; i < ThreadsOf(config_); ++i) {
      loops_.push_back(std::make_unique<CompletionLoop>(builder));
    }
    std::vector<net::Acceptor::Source> sources = Doors(std::move(listening), *encrypted, builder);
    const std::initializer_list<RawService*> services = {&*methods_, &*reflection_, &health_};
    for (RawService* service : services) builder.RegisterService(service);
    grpc_ = builder.BuildAndStart();
    if (!grpc_) return absl::InternalError("gRPC did not start; its reason is in the log");
    std::vector<CompletionLoop*> loops;
    for (const std::unique_ptr<CompletionLoop>& loop : loops_) loops.push_back(loop.get());
    for (RawService* service : services) service->Accept(loops);
    for (CompletionLoop* loop : loops) loop->Start();
    Accept(std::move(sources));
    return absl::OkStatus();
  }

  std::vector<std::function<absl::Status(absl::Time)>> Probes() {
    std::vector<std::function<absl::Status(absl::Time)>> probes;
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
    for (const std::unique_ptr<CompletionLoop>& loop : loops_) {
      probes.push_back([&loop](absl::Time deadline) {
        return loop->AwaitTurn(deadline)
                   ? absl::OkStatus()
                   : absl::UnavailableError("a thread that answers calls is stuck");
      });
    }
    return probes;
  }

  void Drain(absl::Time until) {
    acceptor_.reset();
    reflection_streams_.EndAll();
    health_.Shutdown();
    absl::Notification ended;
    std::thread straggler([&] { CancelStragglers(ended); });
    grpc_->Shutdown(absl::ToChronoTime(until));
    ended.Notify();
    straggler.join();
  }

  void Close() {
    loops_.clear();
    grpc_.reset();
  }

 private:
  // gRPC takes the connections from us: see acceptor.h.
  std::vector<net::Acceptor::Source> Doors(
      std::vector<net::Listening> listening,
      const std::shared_ptr<grpc::ServerCredentials>& encrypted, grpc::ServerBuilder& builder) {
    std::vector<net::Acceptor::Source> sources;
    for (net::Listening& one : listening) {
      const bool local = IsUnixSocket(one.address);
      std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> door =
          builder.experimental().AddExternalConnectionAcceptor(
              grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
              local ? grpc::InsecureServerCredentials() : encrypted);
      sources.push_back({std::move(one), [this, door](int fd) { HandOver(fd, *door); }});
    }
    return sources;
  }

  void Accept(std::vector<net::Acceptor::Source> sources) {
    acceptor_ = std::make_unique<net::Acceptor>(
        std::move(sources),
        net::Acceptor::Options{
            .descriptor_max = DescriptorMax(config_, RaiseOpenFileLimit(), CountOpenFiles()),
            .accepted = metrics_.counter("tenantry_connections_total", "Client connections."),
            .refused = refused_connections_});
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

  // gRPC's Shutdown first cancels the calls that it has not handed over, and then takes no more
  // calls. A call that comes in between waits until the end of the drain, since nobody takes it
  // (Server::ShutdownAndNotify and RealRequestMatcher in src/core/lib/surface/server.cc of 1.51).
  void CancelStragglers(const absl::Notification& ended) {
    for (const std::unique_ptr<CompletionLoop>& loop : loops_) loop->AwaitLastCall();
    if (ended.WaitForNotificationWithTimeout(kStragglerTime)) return;
    Log(LogLevel::kInfo, "cancelling calls that came while the server began to stop");
    grpc_server_cancel_all_calls(grpc_->c_server());
  }

  const Config& config_;
  MetricRegistry& metrics_;
  HealthService health_;
  StreamSet reflection_streams_;
  std::optional<MethodService> methods_;
  std::optional<ReflectionService> reflection_;
  std::vector<std::unique_ptr<CompletionLoop>> loops_;
  std::unique_ptr<grpc::Server> grpc_;
  Counter& refused_connections_ =
      metrics_.counter("tenantry_connections_refused_total",
                       "Client connections closed at once: --connections-max is reached.");
  std::unique_ptr<net::Acceptor> acceptor_;
};

Endpoint::Endpoint(const Config& config, MetricRegistry& metrics)
    : impl_(std::make_unique<Impl>(config, metrics)) {}
Endpoint::~Endpoint() = default;

void Endpoint::SetServing(bool serving) { impl_->health().SetServing(serving); }
absl::Status Endpoint::Serve(std::vector<net::Listening> listening, Contents contents) {
  return impl_->Serve(std::move(listening), std::move(contents));
}
std::vector<std::function<absl::Status(absl::Time)>> Endpoint::Probes() { return impl_->Probes(); }
void Endpoint::AnnounceEnd() { impl_->health().Shutdown(); }
void Endpoint::Drain(absl::Time until) { impl_->Drain(until); }
void Endpoint::Close() { impl_->Close(); }

}  // namespace tenantry::rpc
