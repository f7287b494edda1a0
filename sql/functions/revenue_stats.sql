SELECT count(*), coalesce(sum(o.total_cents), 0), coalesce(round(avg(o.total_cents)), 0)::bigint
  FROM orders AS o
  WHERE o.tenant_id = p_tenant_id AND o.created_at >= p_start_time AND o.created_at < p_end_time
    AND (cardinality(p_statuses) = 0 OR o.status = ANY (p_statuses))
