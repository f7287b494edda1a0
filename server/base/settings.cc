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
     "Directory of annotated .proto files (searched recursively), or a serialized "
     "FileDescriptorSet."},
    {"Schema", "role-prefix", &C::role_prefix,
     "Begins the name of every database role, for a PostgreSQL cluster that has roles of these "
     "names "
     "already: with crm_ the server's login is crm_tenantry_app, and callers of the role admin run "
     "as crm_admin. Migrations are written for one prefix."},

    {"Listening", "listen", &C::listen,
     "Addresses to serve gRPC on, separated by commas: host:port (port 0 takes a free one) or "
     "unix:path."},
    {"Listening", "metrics-listen", &C::metrics_listen,
     "host:port of the HTTP listener for /metrics, /healthz and /readyz; empty for none."},
    {"Listening", "threads", &C::threads,
     "Threads that read, decode and plan calls; 0: half as many as there are cores.", 0, 64},
    {"Listening", "message-bytes-max", &C::message_bytes_max, "Largest request and reply.", 1024,
     256 << 20},
    {"Listening", "streams-max", &C::streams_max, "Calls in flight on one client connection.", 1,
     100'000},
    {"Listening", "keepalive-ms", &C::keepalive_ms,
     "A client connection that is silent for this long is pinged.", 1'000, kDayMs},
    {"Listening", "keepalive-timeout-ms", &C::keepalive_timeout_ms,
     "A client that does not answer the ping within this time is gone.", 100, kHourMs},
    {"Listening", "connection-age-max-ms", &C::connection_age_max_ms,
     "Clients are asked to reconnect after this time, which spreads them over new servers; 0 for "
     "never.",
     0, kDayMs},
    {"Listening", "tls-certificate-file", &C::tls_certificate_file,
     "PEM file of the certificate, its chain below it; empty: no TLS. Unix sockets never use it."},
    {"Listening", "tls-key-file", &C::tls_key_file, "PEM file of the certificate's private key."},
    {"Listening", "tls-client-ca-file", &C::tls_client_ca_file,
     "PEM file of the authorities one of which must have signed a client's certificate; empty: "
     "clients need none."},
    {"Listening", "tls-reload-interval-ms", &C::tls_reload_interval_ms,
     "The three files are read again this often, for connections made from then on; in whole "
     "seconds.",
     1'000, kDayMs},

    {"Identity", "roles", &C::roles, "Database roles that callers may take."},
    {"Identity", "default-role", &C::default_role, "Role of a call that names none."},

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
    {"Database", "prepared-statements", &C::prepared_statements,
     "Prepare statements. Behind a transaction pooler that does not keep track of them they are "
     "not used, whatever is said here."},
    {"Database", "prepared-max", &C::prepared_max,
     "Prepared statements per connection; the least recently used goes first.", 1, 100'000},
    {"Database", "interactive-connections-max", &C::interactive_connections_max,
     "Connections, and threads, for hand-written methods.", 1, 256},
    {"Database", "interactive-queue-max", &C::interactive_queue_max,
     "Calls of hand-written methods that wait for a thread; more are refused at once.", 1, 100'000},

    {"Requests", "page-size-default", &C::page_size_default, "Rows of a page when none are asked.",
     1, 100'000},
    {"Requests", "page-size-max", &C::page_size_max, "More asked rows are cut to this.", 1,
     100'000},
    {"Requests", "batch-max", &C::batch_max, "Rows in one batch call.", 1, 100'000},
    {"Requests", "row-bytes-max", &C::row_bytes_max,
     "Largest row, as a reply carries it. A write that would make a larger row is refused. 0, and "
     "the most: a little below message-bytes-max, so that every row fits into a page of its own.",
     0, 256 << 20},
    {"Requests", "plans-max", &C::plans_max,
     "Plans kept over all methods; the least recently used goes first.", 16, 1'000'000},
    {"Requests", "violations-max", &C::violations_max, "Field violations told in one reply.", 1,
     1'000},

    {"Migration", "migrations", &C::migrations, "Directory of the migrations."},
    Secret("Migration", "owner-database-url", &C::owner_database_url,
           "Connection string of tenantry_owner, or of a login that may become it."),
    Secret("Migration", "bootstrap-database-url", &C::bootstrap_database_url,
           "Connection string of a superuser, for `migrate --bootstrap` only."),
    Secret("Migration", "app-password", &C::app_password,
           "Bootstrap gives it to the server's login role; empty leaves it."),
    Secret("Migration", "owner-password", &C::owner_password,
           "Bootstrap gives it to the owner's login role; empty leaves it."),
    {"Migration", "adopt-roles", &C::adopt_roles,
     "Database roles, separated by commas, that exist already and that bootstrap may use although "
     "it "
     "did not make them."},
    {"Migration", "revoke-public", &C::revoke_public,
     "Bootstrap takes from PUBLIC what it may do in the database. Only for a database that is "
     "Tenantry's alone: other logins cannot connect to it any more."},

    {"Lifecycle", "drain-delay-ms", &C::drain_delay_ms,
     "After SIGTERM: time between reporting NOT_SERVING and refusing new calls, for load balancers "
     "to notice.",
     0, kHourMs},
    {"Lifecycle", "drain-ms-max", &C::drain_ms_max,
     "After SIGTERM: time that calls in flight are given to end.", 0, kHourMs},
    {"Lifecycle", "ready-file", &C::ready_file,
     "File that is written, as one line of JSON with the addresses, once the server listens."},

    {"Logs", "log-level", &C::log_level, "Least important lines that are written.", 0, 0,
     "debug|info|warn|error|off"},
    {"Logs", "log-format", &C::log_format, "Form of the lines.", 0, 0, "json|logfmt"},
};

}  // namespace

std::span<const Setting> Settings() { return kSettings; }

}  // namespace tenantry
