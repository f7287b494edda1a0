#include "server/pg/pg_metrics.h"

namespace tenantry::pg {
namespace {

Counter& Transactions(MetricRegistry& registry, const char* outcome) {
  return registry.counter("tenantry_transactions_total", "Tenant transactions by how they ended",
                          {{"outcome", outcome}});
}

Counter& Retries(MetricRegistry& registry, const char* reason) {
  return registry.counter("tenantry_transaction_retries_total", "Transactions sent again, by why",
                          {{"reason", reason}});
}

Counter& Connects(MetricRegistry& registry, const char* event) {
  return registry.counter(
      "tenantry_pool_events_total",
      "Database connections opened, refused, lost, closed since their server is "
      "read-only, and closed when idle",
      {{"event", event}});
}

Counter& Prepared(MetricRegistry& registry, const char* event) {
  return registry.counter("tenantry_prepared_statements_total",
                          "Prepared statements made and evicted", {{"event", event}});
}

Gauge& Connections(MetricRegistry& registry, const char* state) {
  return registry.gauge("tenantry_pool_connections", "Database connections by state",
                        {{"state", state}});
}

ByRoute<Gauge*> Routes(MetricRegistry& registry, const char* name, const char* help) {
  ByRoute<Gauge*> gauges;
  for (const RouteInfo& info : kRoutes) {
    gauges[info.route] =
        &registry.gauge(name, help, {{"endpoint", info.endpoint}, {"purpose", info.purpose}});
  }
  return gauges;
}

Histogram& Database(MetricRegistry& registry, const char* access) {
  return registry.histogram("tenantry_database_seconds",
                            "From sending a transaction to its last answer", {{"access", access}});
}

}  // namespace

PgMetrics::PgMetrics(MetricRegistry& registry)
    : committed(Transactions(registry, "committed")),
      refused(Transactions(registry, "refused")),
      expired(Transactions(registry, "deadline_exceeded")),
      rejected(Transactions(registry, "rejected")),
      unavailable(Transactions(registry, "unavailable")),
      outcome_unknown(Transactions(registry, "outcome_unknown")),
      shared(registry.counter("tenantry_transactions_shared_total",
                              "Tenant transactions that went along in another one's")),
      retried_lost(Retries(registry, "connection_lost")),
      retried_stale_plan(Retries(registry, "stale_plan")),
      retried_aborted(Retries(registry, "group_aborted")),
      retried_held_up(Retries(registry, "held_up")),
      retried_conflict(Retries(registry, "conflict")),
      connected(Connects(registry, "opened")),
      connect_failed(Connects(registry, "failed")),
      connections_lost(Connects(registry, "lost")),
      connections_read_only(Connects(registry, "read_only")),
      connections_idle_closed(Connects(registry, "idle_closed")),
      prepared_made(Prepared(registry, "made")),
      prepared_evicted(Prepared(registry, "evicted")),
      connections_idle(Connections(registry, "idle")),
      connections_busy(Connections(registry, "busy")),
      connections_connecting(Connections(registry, "connecting")),
      connections_lent(Connections(registry, "lent")),
      connections_of(Routes(registry, "tenantry_route_connections",
                            "Open database connections by the server that they lead to and by "
                            "what they are for")),
      connections_max_of(Routes(registry, "tenantry_route_connections_max",
                                "The most that may be open at a time")),
      waiting(registry.gauge("tenantry_lane_queue_depth", "Transactions waiting for a connection")),
      in_flight(
          registry.gauge("tenantry_lane_in_flight", "Transactions sent and not yet answered")),
      reachable(
          registry.gauge("tenantry_database_reachable", "1 when the database can be reached")),
      queue_seconds(registry.histogram("tenantry_lane_queue_seconds",
                                       "From submission to being sent to the database")),
      read_seconds(Database(registry, "read")),
      write_seconds(Database(registry, "write")) {}

}  // namespace tenantry::pg
