#include "server/grpc/builder_options.h"

#include <algorithm>
#include <thread>

#include "server/base/limits.h"
#include "server/base/log.h"

namespace tenantry::rpc {
namespace {

// Settings have been checked against their ranges, and all ranges fit an int.
int Int(std::int64_t value) { return static_cast<int>(value); }

// A compressed request of 1 MiB can unpack to more than 1 GiB before any limit is looked at. gRPC
// answers UNIMPLEMENTED to the algorithms that are off, and without its filter nothing is unpacked.
void RefuseCompression(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
}

}  // namespace

// The lanes need the other half of the cores, and so does the database if it is on this machine.
int ThreadsOf(const Config& config) {
  if (config.threads > 0) return Int(config.threads);
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1, 16);
}

int DescriptorMax(const Config& config, int limit, int open) {
  // Database connections open later, and so do HTTP connections, files and probes.
  const std::int64_t database =
      config.lanes * (config.connections_per_lane + config.write_connections_per_lane) +
      config.interactive_connections_max;
  const std::int64_t others = open + database + limits::kHttpConnectionsMax + limits::kSpareFiles;
  const std::int64_t wanted = others + config.connections_max;
  // A process that may open next to nothing serves as well as it can.
  const std::int64_t possible = std::max<std::int64_t>(limit - others, limit / 2);
  if (possible < wanted) {
    Log(LogLevel::kWarn, "the limit of open files allows fewer client connections than settings",
        {{"connections_max", config.connections_max},
         {"allowed", std::max<std::int64_t>(1, possible - open - database)},
         {"open_files_max", limit},
         {"remedy", "raise the limit (ulimit -n, LimitNOFILE=) or lower --connections-max"}});
  }
  return Int(std::min(wanted, possible));
}

void TuneBuilder(const Config& config, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(Int(config.message_bytes_max));
  RefuseCompression(builder);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, Int(config.streams_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, Int(config.metadata_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             Int(config.handshake_timeout_ms));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Int(config.keepalive_ms));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Int(config.keepalive_timeout_ms));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Int(config.client_ping_interval_ms_min));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, limits::kPingStrikesMax);
  if (config.connection_idle_max_ms > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Int(config.connection_idle_max_ms));
  }
  if (config.connection_age_max_ms > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Int(config.connection_age_max_ms));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Int(config.drain_ms_max));
  }
}

}  // namespace tenantry::rpc
