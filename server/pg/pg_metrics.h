// The instruments of this module, looked up once.
#pragma once

#include "server/base/metrics.h"
#include "server/pg/route.h"

namespace tenantry::pg {

struct PgMetrics {
  explicit PgMetrics(MetricRegistry& registry);

  Counter &committed, &refused, &expired, &rejected, &unavailable, &outcome_unknown, &shared;
  Counter &retried_lost, &retried_stale_plan, &retried_aborted, &retried_held_up, &retried_conflict;
  Counter &connected, &connect_failed, &connections_lost, &connections_read_only,
      &connections_idle_closed;
  Counter &prepared_made, &prepared_evicted;
  Gauge &connections_idle, &connections_busy, &connections_connecting, &connections_lent;
  ByRoute<Gauge*> connections_of, connections_max_of;
  Gauge &waiting, &in_flight, &reachable;
  Histogram &queue_seconds, &read_seconds, &write_seconds;
};

}  // namespace tenantry::pg
