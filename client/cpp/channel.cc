#include "client/cpp/channel.h"

#include <arpa/inet.h>

#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/channel_arguments.h"
#include "grpcpp/support/client_interceptor.h"

namespace tenantry::client {
namespace {

namespace experimental = grpc::experimental;

// Adds the caller's headers where the call's own context did not set them.
class CallerInterceptor : public experimental::Interceptor {
 public:
  CallerInterceptor(const Caller& caller, bool request_ids)
      : caller_(caller), request_ids_(request_ids) {}

  void Intercept(experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      auto& metadata = *methods->GetSendInitialMetadata();
      AddIfAbsent(metadata, kTenantHeader, caller_.tenant_id);
      AddIfAbsent(metadata, kUserHeader, caller_.user_id);
      AddIfAbsent(metadata, kRoleHeader, caller_.role);
      if (request_ids_) AddIfAbsent(metadata, kRequestHeader, NewRequestId());
    }
    methods->Proceed();
  }

 private:
  static void AddIfAbsent(std::multimap<std::string, std::string>& metadata, const char* key,
                          const std::string& value) {
    if (!value.empty() && !metadata.contains(key)) metadata.emplace(key, value);
  }

  const Caller& caller_;
  const bool request_ids_;
};

class CallerInterceptorFactory : public experimental::ClientInterceptorFactoryInterface {
 public:
  CallerInterceptorFactory(Caller caller, bool request_ids)
      : caller_(std::move(caller)), request_ids_(request_ids) {}

  experimental::Interceptor* CreateClientInterceptor(experimental::ClientRpcInfo*) override {
    return new CallerInterceptor(caller_, request_ids_);  // gRPC deletes it with the call
  }

 private:
  const Caller caller_;
  const bool request_ids_;
};

enum class AddressKind { kIpv4, kIpv6, kUnix, kTarget, kName };

AddressKind KindOf(const std::string& address) {
  if (address.starts_with("unix:") || address.starts_with("/")) return AddressKind::kUnix;
  for (const char* scheme : {"dns:", "ipv4:", "ipv6:", "unix-abstract:", "xds:", "passthrough:"}) {
    if (address.starts_with(scheme)) return AddressKind::kTarget;
  }
  in6_addr parsed;
  const std::string::size_type bracket = address.find(']');
  if (address.starts_with("[") && bracket != std::string::npos &&
      inet_pton(AF_INET6, address.substr(1, bracket - 1).c_str(), &parsed) == 1) {
    return AddressKind::kIpv6;
  }
  const std::string host = address.substr(0, address.rfind(':'));
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1 ? AddressKind::kIpv4 : AddressKind::kName;
}

grpc::ChannelArguments ArgumentsOf(const ChannelOptions& options,
                                   const std::string& service_config) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(service_config);
  // The config is ours: one published in DNS must not replace it.
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  if (options.keepalive_interval.count() > 0) {
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                     static_cast<int>(options.keepalive_interval.count()));
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                     static_cast<int>(options.keepalive_timeout.count()));
    // Without this gRPC stops pinging after two pings with no data, just when a peer has died.
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  }
  // gRPC's retry filter takes a fifth of a small call's CPU: left out where nothing is retried.
  if (options.retry.attempts_max <= 1) arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A server that restarts is found again within a second; gRPC would wait up to two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetMaxReceiveMessageSize(options.reply_bytes_max);
  if (options.own_connection) arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

std::string Joined(const std::string& scheme, const std::vector<std::string>& addresses) {
  std::vector<std::string> bare;
  for (const std::string& address : addresses) {
    bare.push_back(address.starts_with(scheme) ? address.substr(scheme.size()) : address);
  }
  return absl::StrCat(scheme, absl::StrJoin(bare, ","));
}

}  // namespace

absl::StatusOr<std::string> TargetOf(const std::vector<std::string>& addresses) {
  if (addresses.empty()) return absl::InvalidArgumentError("no server address given");
  const AddressKind kind = KindOf(addresses.front());
  for (const std::string& address : addresses) {
    if (address.empty()) return absl::InvalidArgumentError("a server address is empty");
    if (KindOf(address) != kind) {
      return absl::InvalidArgumentError(absl::StrCat(
          "several addresses must be of one kind (all IPv4, all IPv6 or all unix sockets): ",
          absl::StrJoin(addresses, ", ")));
    }
  }
  switch (kind) {
    case AddressKind::kIpv4:
      return Joined("ipv4:", addresses);
    case AddressKind::kIpv6:
      return Joined("ipv6:", addresses);
    case AddressKind::kUnix:
      return Joined("unix:", addresses);
    default:
      break;
  }
  if (addresses.size() > 1) {
    return absl::InvalidArgumentError(
        "several host names do not go into one target; use IP addresses, or one name with several "
        "DNS records");
  }
  if (kind == AddressKind::kTarget) return addresses.front();
  return absl::StrCat("dns:///", addresses.front());
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const ChannelOptions& options) {
  absl::StatusOr<std::string> target = TargetOf(options.addresses);
  if (!target.ok()) return target.status();
  auto services = LinkedServices(options.services);
  if (!services.ok()) return services.status();

  ServiceConfigOptions config;
  config.retry = options.retry;
  config.call_time_max = options.call_time_max;
  // A name may stand for several servers, as several addresses do.
  config.round_robin = options.addresses.size() > 1 || target->starts_with("dns:");
  config.health_checks = config.round_robin && options.health_checks;

  std::vector<std::unique_ptr<experimental::ClientInterceptorFactoryInterface>> interceptors;
  const Caller& caller = options.caller;
  if (options.request_ids || !caller.tenant_id.empty() || !caller.user_id.empty() ||
      !caller.role.empty()) {
    interceptors.push_back(std::make_unique<CallerInterceptorFactory>(caller, options.request_ids));
  }
  auto credentials =
      options.credentials != nullptr ? options.credentials : grpc::InsecureChannelCredentials();
  return experimental::CreateCustomChannelWithInterceptors(
      *target, credentials, ArgumentsOf(options, ServiceConfigJson(config, *services)),
      std::move(interceptors));
}

}  // namespace tenantry::client
