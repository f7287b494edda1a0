#include "server/serve/options.h"

#include <algorithm>
#include <memory>

#include "absl/time/time.h"
#include "server/base/limits.h"
#include "server/base/setting_file.h"

namespace tenantry::serve {
namespace {

// Settings have been checked against their ranges, and all ranges fit an int.
int Int(std::int64_t value) { return static_cast<int>(value); }

}  // namespace

identity::MetadataAuthenticator::Options AuthenticatorOptionsOf(const Config& config) {
  return {.roles = config.roles,
          .default_role = config.default_role,
          .role_prefix = config.role_prefix,
          .user_bytes_max = limits::kUserBytesMax};
}

// Around a row stand the tag and length of its field, and the page token made of its key.
codec::ReplyLimits ReplyLimitsOf(const Config& config) {
  const std::int64_t around = std::max<std::int64_t>(config.message_bytes_max / 64, 512);
  const std::int64_t most = config.message_bytes_max - around;
  const std::int64_t row = config.row_bytes_max == 0 ? most : std::min(config.row_bytes_max, most);
  return {.bytes_max = static_cast<std::size_t>(config.message_bytes_max),
          .row_bytes_max = static_cast<std::size_t>(row)};
}

codec::StreamLimits StreamLimitsOf(const Config& config) {
  return {.bytes = static_cast<std::size_t>(config.stream_message_bytes),
          .rows_max = Int(config.stream_message_rows_max),
          .bytes_max = static_cast<std::size_t>(config.message_bytes_max)};
}

methods::PlannerOptions PlannerOptionsOf(const Config& config) {
  return {.limits = {.page_size_default = Int(config.page_size_default),
                     .page_size_max = Int(config.page_size_max),
                     .batch_max = Int(config.batch_max),
                     .stream_rows_max = Int(config.stream_message_rows_max),
                     .nested_depth_max = Int(config.nested_depth_max),
                     .nested_rows_max = Int(config.nested_rows_max),
                     .affected_rows_max = config.affected_rows_max,
                     .filter = {.depth_max = Int(config.filter_depth_max),
                                .conditions_max = Int(config.filter_conditions_max),
                                .unindexed = config.unindexed_filters},
                     .order_entries_max = Int(config.order_entries_max),
                     .select_depth_max = Int(config.select_depth_max),
                     .select_rows_max = config.select_rows_max,
                     .estimated_totals = config.estimated_totals,
                     .reply_bytes_max = static_cast<std::size_t>(config.message_bytes_max),
                     .row_bytes_max = ReplyLimitsOf(config).row_bytes_max},
          .plans_max = Int(config.plans_max),
          .violations_max = Int(config.violations_max),
          .reply_bytes_max = static_cast<std::size_t>(config.message_bytes_max),
          .row_bytes_max = ReplyLimitsOf(config).row_bytes_max};
}

pg::ExecutorOptions ExecutorOptionsOf(const Config& config) {
  pg::ExecutorOptions options;
  options.database_url = config.database_url;
  if (auto file = config.files.find("database-url"); file != config.files.end()) {
    auto url = std::make_shared<SettingFile>(file->second, config.database_url);
    options.fresh_database_url = [url] { return url->Read(); };
  }
  options.lanes = Int(config.lanes);
  options.connections_per_lane = Int(config.connections_per_lane);
  options.write_connections_per_lane = Int(config.write_connections_per_lane);
  options.depth_max = Int(config.depth_max);
  options.write_depth_max = Int(config.write_depth_max);
  options.reads_per_transaction_max = Int(config.reads_per_transaction_max);
  options.queue_max = Int(config.queue_max);
  options.queue_wait_max = absl::Milliseconds(config.queue_wait_ms_max);
  options.down_wait_max = absl::Milliseconds(config.down_wait_ms_max);
  options.statement_timeout_max = absl::Milliseconds(config.statement_timeout_ms_max);
  options.connect_timeout = absl::Milliseconds(config.connect_timeout_ms);
  options.reconnect_backoff_min = absl::Milliseconds(config.reconnect_backoff_ms_min);
  options.reconnect_backoff_max = absl::Milliseconds(config.reconnect_backoff_ms_max);
  options.idle_timeout = absl::Milliseconds(config.idle_timeout_ms);
  options.verify_interval = absl::Milliseconds(config.guard_interval_ms);
  options.keepalive_idle = absl::Milliseconds(config.tcp_keepalive_ms);
  options.conflict_retries_max = Int(config.conflict_retries_max);
  options.prepared_statements = config.prepared_statements;
  options.prepared_max = Int(config.prepared_max);
  options.interactive_connections_max = Int(config.interactive_connections_max);
  options.stream_connections_max = Int(config.stream_connections_max);
  return options;
}

}  // namespace tenantry::serve
