// The table of settings.
#include "server/base/config.h"

namespace tenantry {
namespace {

using C = Config;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

// A text whose value is never printed.
Setting Secret(std::string_view group, std::string_view name, std::string Config::*field,
               std::string_view doc) {
  return {group, name, field, doc, 0, 0, {}, true};
}

const Setting kSettings[] = {
    {"Schema", "schema", &C::schema,
     "Directory of annotated .proto files, with all folders below it, or a file with a serialized "
     "FileDescriptorSet."},
    {"Schema", "role-prefix", &C::role_prefix,
     "Begins the name of every database role, for a PostgreSQL cluster that has roles of these "
     "names "
     "already: with crm_ the server's login is crm_tenantry_app, and callers of the role admin run "
     "as crm_admin. Migrations are written for one prefix."},

    {"Listening", "listen", &C::listen,
     "Addresses to serve gRPC on, separated by commas: host:port (port 0 takes a free one; 0.0.0.0 "
     "and [::] mean all addresses of the machine) or unix:path."},
    {"Listening", "metrics-listen", &C::metrics_listen,
     "host:port of the HTTP listener for /metrics, /healthz and /readyz; empty for none."},
    {"Listening", "threads", &C::threads,
     "Threads that read, decode and plan calls; 0: half the number of cores.", 0, 64},
    {"Listening", "connections-max", &C::connections_max,
     "Client connections at one time, approximately; more are closed at once. A low limit of open "
     "files (ulimit -n) means fewer.",
     1, 1'000'000},
    {"Listening", "message-bytes-max", &C::message_bytes_max,
     "Largest request and largest reply. Compressed requests are refused.", 1024, 256 << 20},
    {"Listening", "metadata-bytes-max", &C::metadata_bytes_max,
     "Largest metadata (HTTP headers) of one call.", 1024, 1 << 20},
    {"Listening", "streams-max", &C::streams_max, "Calls in flight on one client connection.", 1,
     100'000},
    {"Listening", "handshake-timeout-ms", &C::handshake_timeout_ms,
     "A new connection is closed when TLS and the first HTTP/2 frame take longer than this.", 100,
     kHourMs},
    {"Listening", "keepalive-ms", &C::keepalive_ms,
     "A client connection that is silent for this long is pinged.", 1'000, kDayMs},
    {"Listening", "keepalive-timeout-ms", &C::keepalive_timeout_ms,
     "A client that does not answer the ping within this time is disconnected.", 100, kHourMs},
    {"Listening", "client-ping-interval-ms-min", &C::client_ping_interval_ms_min,
     "A client that pings more often than this while it receives no data is disconnected.", 0,
     kHourMs},
    {"Listening", "connection-idle-max-ms", &C::connection_idle_max_ms,
     "A client connection without calls is closed after this time; 0: never.", 0, kDayMs},
    {"Listening", "connection-age-max-ms", &C::connection_age_max_ms,
     "Clients are asked to reconnect after this time, so that new servers get their share; 0: "
     "never.",
     0, kDayMs},
    {"Listening", "tls-certificate-file", &C::tls_certificate_file,
     "PEM file of the certificate, followed by its chain; empty: no TLS. Unix sockets never use "
     "TLS."},
    {"Listening", "tls-key-file", &C::tls_key_file, "PEM file of the certificate's private key."},
    {"Listening", "tls-client-ca-file", &C::tls_client_ca_file,
     "PEM file of certificate authorities. A client must have a certificate of one of them; empty: "
     "clients need no certificate."},
    {"Listening", "tls-reload-interval-ms", &C::tls_reload_interval_ms,
     "How often the three files are read again, in whole seconds. New files are used for new "
     "connections.",
     1'000, kDayMs},

    {"Identity", "roles", &C::roles, "Database roles that a caller may name."},
    {"Identity", "default-role", &C::default_role, "Role of a call that names no role."},
    {"Identity", "explain-roles", &C::explain_roles,
     "Roles that may ask for the SQL and the plan of a read. Plans come from statistics over the "
     "rows of all tenants. Empty: nobody may."},

    Secret("Database", "database-url", &C::database_url,
           "libpq connection string or URI of the server's login role; empty takes libpq's own "
           "environment. A file named by TENANTRY_DATABASE_URL_FILE is read again for each new "
           "connection, so that a password may be rotated."),
    {"Database", "lanes", &C::lanes, "Threads that talk to the database.", 1, 64},
    {"Database", "connections-per-lane", &C::connections_per_lane,
     "Connections for reads that each of them owns, opened as load asks for them.", 1, 256},
    {"Database", "write-connections-per-lane", &C::write_connections_per_lane,
     "Connections for writes that each of them owns: a write waits for an fsync. One tenant takes "
     "three quarters of them at most. 0: writes share the connections for reads.",
     0, 256},
    {"Database", "depth-max", &C::depth_max, "Transactions in flight on one connection.", 1, 1024},
    {"Database", "write-depth-max", &C::write_depth_max,
     "How many of them may be writes: what is behind a write waits for its fsync.", 1, 1024},
    {"Database", "reads-per-transaction-max", &C::reads_per_transaction_max,
     "How many Gets of one caller (tenant, user, role and claims) that wait at the same time may "
     "share a transaction; 1: each has its own.",
     1, 1024},
    {"Database", "queue-max", &C::queue_max,
     "Transactions that wait for a connection; more are refused at once.", 1, 1'000'000},
    {"Database", "queue-wait-ms-max", &C::queue_wait_ms_max,
     "A transaction that has waited for this long is refused.", 1, kHourMs},
    {"Database", "down-wait-ms-max", &C::down_wait_ms_max,
     "A transaction that has waited for this long while the database is known to be down is "
     "refused.",
     0, kHourMs},
    {"Database", "statement-timeout-ms-max", &C::statement_timeout_ms_max,
     "Longest statement; a call's deadline may make it shorter.", 1, kDayMs},
    {"Database", "connect-timeout-ms", &C::connect_timeout_ms,
     "Longest wait for a connection to open, and the same again for its first answers.", 1,
     kHourMs},
    {"Database", "reconnect-backoff-ms-min", &C::reconnect_backoff_ms_min,
     "Pause before the first attempt to reconnect; doubles with each failure.", 1, kHourMs},
    {"Database", "reconnect-backoff-ms-max", &C::reconnect_backoff_ms_max,
     "Longest pause between attempts to reconnect.", 1, kHourMs},
    {"Database", "idle-timeout-ms", &C::idle_timeout_ms,
     "Surplus connections are closed after this long without work.", 1'000, kDayMs},
    {"Database", "tcp-keepalive-ms", &C::tcp_keepalive_ms,
     "A silent database connection is probed after this time.", 1'000, kDayMs},
    {"Database", "guard-interval-ms", &C::guard_interval_ms,
     "The guard checks again this often that the database is still safe to serve; 0: only when a "
     "new "
     "connection is opened.",
     0, kDayMs},
    {"Database", "conflict-retries-max", &C::conflict_retries_max,
     "How often a transaction runs again, after a short random pause, that the database rolled "
     "back "
     "for a serialization failure or a deadlock, before its caller is told ABORTED.",
     0, 100},
    {"Database", "prepared-statements", &C::prepared_statements,
     "Prepare statements. Behind a transaction pooler that does not keep track of them they are "
     "not used, whatever is said here."},
    {"Database", "prepared-max", &C::prepared_max,
     "Prepared statements per connection; the least recently used goes first.", 1, 100'000},
    {"Database", "interactive-connections-max", &C::interactive_connections_max,
     "Connections, and threads, for interactive transactions of hand-written methods.", 1, 256},
    {"Database", "interactive-queue-max", &C::interactive_queue_max,
     "Interactive calls that wait for a thread; more are refused at once.", 1, 100'000},
    {"Database", "stream-connections-max", &C::stream_connections_max,
     "Connections, and threads, for exports and imports: one for each that is under way. More are "
     "refused at once. One tenant takes three quarters of them at most.",
     1, 256},

    {"Streams", "stream-message-bytes", &C::stream_message_bytes,
     "A message of an export is sent when its rows have this many bytes.", 1, 64 << 20},
    {"Streams", "stream-message-rows-max", &C::stream_message_rows_max,
     "Most rows of one message of an export or an import.", 1, 1'000'000},
    {"Streams", "stream-ms-max", &C::stream_ms_max,
     "Longest stream; a call's deadline may make it shorter.", 1, kDayMs},
    {"Streams", "stream-idle-ms-max", &C::stream_idle_ms_max,
     "A stream is ended when its caller takes or sends nothing for this long.", 1, kDayMs},

    {"Requests", "page-size-default", &C::page_size_default,
     "Rows of a page when the request does not say how many.", 1, 100'000},
    {"Requests", "page-size-max", &C::page_size_max,
     "Most rows of a page, also when the request asks for more.", 1, 100'000},
    {"Requests", "order-entries-max", &C::order_entries_max, "Most entries of an order_by.", 1, 32},
    {"Requests", "estimated-totals", &C::estimated_totals,
     "Lists answer TOTAL_ESTIMATED. The database estimates by statistics over the rows of all "
     "tenants, so what it says lets callers guess at others."},
    {"Requests", "select-depth-max", &C::select_depth_max,
     "Most relations that a select, or an entry of an order, may go down, one below the other.", 0,
     20},
    {"Requests", "select-rows-max", &C::select_rows_max,
     "Most rows that a select with relations may come to, by its page size and limits.", 1,
     1'000'000'000},
    {"Requests", "batch-max", &C::batch_max, "Most rows of one batch call.", 1, 100'000},
    {"Requests", "transact-steps-max", &C::transact_steps_max, "Most steps of one Transact.", 1,
     10'000},
    {"Requests", "nested-depth-max", &C::nested_depth_max,
     "Most relations that the rows of a write may go down, one below the other; 0: a write takes "
     "no rows of relations.",
     0, 20},
    {"Requests", "nested-rows-max", &C::nested_rows_max,
     "Most rows of relations that a write of one row brings along, all levels together.", 1,
     100'000},
    {"Requests", "affected-rows-max", &C::affected_rows_max,
     "Most rows that one UpdateMany or DeleteMany may write: the largest `max_affected`.", 1,
     10'000'000},
    {"Requests", "unindexed-filters", &C::unindexed_filters,
     "Lists and aggregates may filter on columns that no index begins with, at the price of "
     "reading all rows of the tenant. Without it they may only where the schema says that the "
     "column is filterable, and tenantryd lint names the columns that are refused."},
    {"Requests", "shapes-record", &C::shapes_record,
     "File to which each new shape of request is added: a method, the key of its query and its "
     "SQL. For test runs, to make the list for shapes-enforce. Empty: none."},
    {"Requests", "plan-cost-max", &C::plan_cost_max,
     "Highest cost that the database's planner may expect of one call, by role: role=cost, or "
     "*=cost for roles that are not named. The planner is asked before the first call of its kind "
     "by a role, and again every ten minutes. Exports are not held to it. Empty: any cost."},
    {"Requests", "shapes-enforce", &C::shapes_enforce,
     "File of shapes. A request of any other shape is refused, but for methods whose requests have "
     "only one. Empty: all shapes are answered."},
    {"Requests", "filter-depth-max", &C::filter_depth_max,
     "Most filters within each other: each relation and each entry of all_of, any_of and none_of "
     "is one more.",
     1, 30},
    {"Requests", "filter-conditions-max", &C::filter_conditions_max,
     "Most conditions of one filter: operators, relations, and entries of all_of, any_of and "
     "none_of.",
     1, 10'000},
    {"Requests", "row-bytes-max", &C::row_bytes_max,
     "Largest row, as a reply carries it. A write that would make a larger row is refused. 0, and "
     "the most: a little below message-bytes-max, so that every row fits into a page of its own.",
     0, 256 << 20},
    {"Requests", "plans-max", &C::plans_max,
     "Plans kept over all methods; the least recently used goes first.", 16, 1'000'000},
    {"Requests", "violations-max", &C::violations_max,
     "Most field violations that one reply lists.", 1, 1'000},

    {"Migration", "migrations", &C::migrations, "Directory of the migrations."},
    Secret("Migration", "owner-database-url", &C::owner_database_url,
           "Connection string of tenantry_owner, or of a login that may become it."),
    Secret("Migration", "bootstrap-database-url", &C::bootstrap_database_url,
           "Connection string of a superuser, for `migrate --bootstrap` only."),
    Secret("Migration", "app-password", &C::app_password,
           "Password that bootstrap sets for the server's login role; empty: it is left as it is."),
    Secret("Migration", "owner-password", &C::owner_password,
           "Password that bootstrap sets for the owner's login role; empty: it is left as it is."),
    {"Migration", "adopt-roles", &C::adopt_roles,
     "Database roles, separated by commas, that exist already and that bootstrap may use although "
     "it "
     "did not make them."},
    {"Migration", "revoke-public", &C::revoke_public,
     "Bootstrap takes from PUBLIC what it may do in the database. Only for a database that is "
     "Tenantry's alone: other logins cannot connect to it any more."},

    {"Lifecycle", "drain-delay-ms", &C::drain_delay_ms,
     "After SIGTERM the server reports NOT_SERVING for this long before it refuses new calls, so "
     "that load balancers notice.",
     0, kHourMs},
    {"Lifecycle", "drain-ms-max", &C::drain_ms_max,
     "After SIGTERM, how long calls in flight may take to end.", 0, kHourMs},
    {"Lifecycle", "ready-file", &C::ready_file,
     "File that is written when the server listens: one line of JSON with the addresses."},

    {"Logs", "log-level", &C::log_level,
     "Lines of this level and of those that follow it are written.", 0, 0,
     "debug|info|warn|error|off"},
    {"Logs", "log-format", &C::log_format, "Format of the lines.", 0, 0, "json|logfmt"},
};

}  // namespace

std::span<const Setting> Settings() { return kSettings; }

}  // namespace tenantry
