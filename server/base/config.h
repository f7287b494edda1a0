// Settings: one struct holds them with their defaults, one table describes them. Flags,
// environment, configuration file, `--help` and the documentation follow from the table.
//
// A value comes from the first of: flag `--lanes 2`, environment TENANTRY_LANES, a file named by
// TENANTRY_LANES_FILE (for secrets), the configuration file (`lanes = 2`), the default.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}

namespace tenantry {

struct Config {
  // Schema
  std::string schema = "proto";
  std::string role_prefix;

  // Listening
  std::vector<std::string> listen = {"127.0.0.1:7070"};
  std::string metrics_listen = "127.0.0.1:7071";
  std::int64_t threads = 0;
  std::int64_t connections_max = 4096;
  std::int64_t message_bytes_max = 4 << 20;
  std::int64_t metadata_bytes_max = 8192;
  std::int64_t streams_max = 1000;
  std::int64_t handshake_timeout_ms = 20'000;
  std::int64_t keepalive_ms = 60'000;
  std::int64_t keepalive_timeout_ms = 20'000;
  std::int64_t client_ping_interval_ms_min = 10'000;
  std::int64_t connection_idle_max_ms = 0;
  std::int64_t connection_age_max_ms = 0;
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_client_ca_file;
  std::int64_t tls_reload_interval_ms = 10'000;

  // Identity
  std::vector<std::string> roles = {"authenticated", "support", "admin"};
  std::string default_role = "authenticated";
  std::vector<std::string> explain_roles;

  // Database
  std::string database_url;
  std::int64_t lanes = 1;
  std::int64_t connections_per_lane = 4;
  std::int64_t write_connections_per_lane = 24;
  std::int64_t depth_max = 16;
  std::int64_t write_depth_max = 1;
  std::int64_t reads_per_transaction_max = 16;
  std::int64_t queue_max = 4096;
  std::int64_t queue_wait_ms_max = 5'000;
  std::int64_t down_wait_ms_max = 1'000;
  std::int64_t statement_timeout_ms_max = 30'000;
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t reconnect_backoff_ms_min = 50;
  std::int64_t reconnect_backoff_ms_max = 5'000;
  std::int64_t idle_timeout_ms = 600'000;
  std::int64_t tcp_keepalive_ms = 30'000;
  std::int64_t guard_interval_ms = 30'000;
  std::int64_t conflict_retries_max = 3;
  bool prepared_statements = true;
  std::int64_t prepared_max = 256;
  std::int64_t interactive_connections_max = 4;
  std::int64_t interactive_queue_max = 64;
  std::int64_t stream_connections_max = 4;

  // Streams
  std::int64_t stream_message_bytes = 128 << 10;
  std::int64_t stream_message_rows_max = 10'000;
  std::int64_t stream_ms_max = 3'600'000;
  std::int64_t stream_idle_ms_max = 60'000;

  // Requests
  std::int64_t page_size_default = 50;
  std::int64_t page_size_max = 1000;
  std::int64_t order_entries_max = 10;
  bool estimated_totals = false;
  std::int64_t select_depth_max = 5;
  std::int64_t select_rows_max = 1'000'000;
  std::int64_t batch_max = 1000;
  std::int64_t transact_steps_max = 100;
  std::int64_t nested_depth_max = 5;
  std::int64_t nested_rows_max = 1000;
  std::int64_t affected_rows_max = 10'000;
  bool unindexed_filters = true;
  std::string shapes_record;
  std::string shapes_enforce;
  std::vector<std::string> plan_cost_max;  // ParseRoleCost
  std::int64_t filter_depth_max = 5;
  std::int64_t filter_conditions_max = 100;
  std::int64_t row_bytes_max = 0;
  std::int64_t plans_max = 4096;
  std::int64_t violations_max = 50;

  // Migration
  std::string migrations = "sql/migrations";
  std::string owner_database_url;
  std::string bootstrap_database_url;
  std::string app_password;
  std::string owner_password;
  std::vector<std::string> adopt_roles;
  bool revoke_public = false;

  // Lifecycle
  std::int64_t drain_delay_ms = 0;
  std::int64_t drain_ms_max = 30'000;
  std::string ready_file;

  // Logs
  std::string log_level = "info";
  std::string log_format = "json";

  // The files that settings were read from (TENANTRY_NAME_FILE), by the setting's name. A value
  // that may change under a running server is read there again (server/base/setting_file.h).
  std::map<std::string, std::string, std::less<>> files = {};
};

struct Setting {
  using Field = std::variant<std::string Config::*, std::int64_t Config::*, bool Config::*,
                             std::vector<std::string> Config::*>;

  std::string_view group;
  std::string_view name;  // of the flag, without the leading dashes; the unit is part of it
  Field field;
  std::string_view doc;
  std::int64_t min = 0;  // of a number, inclusive
  std::int64_t max = 0;
  std::string_view choices = {};  // of a text, separated by `|`; empty = any
  bool secret = false;            // its value is never printed

  std::string environment() const;  // TENANTRY_NAME
  std::string unit() const;         // ms, bytes, or empty
  std::string range() const;        // `1..64`, the choices, or empty
  std::string default_text() const;
};

std::span<const Setting> Settings();

// Values as text, by setting name.
using SettingValues = std::map<std::string, std::string, std::less<>>;

// Adds --config-file and a flag for every setting of these groups (empty = all). Parsing fills
// `given`, which must live as long as `app`.
void AddSettingFlags(CLI::App& app, SettingValues& given,
                     std::span<const std::string_view> groups = {});

// A variable's value, null when it is not set.
using Environment = std::function<const char*(const char* name)>;

// Takes each value from the first source that has it. INVALID_ARGUMENT lists all errors, one on
// each line.
absl::StatusOr<Config> ResolveConfig(const SettingValues& flags, const Environment& environment);

// An entry of plan_cost_max, `role=cost`; the role `*` stands for all that have no entry. Nothing
// when the text is none.
struct RoleCost {
  std::string role;
  double cost = 0;
};
std::optional<RoleCost> ParseRoleCost(std::string_view entry);

// The tables of the documentation page.
std::string SettingsAsMarkdown();

}  // namespace tenantry
