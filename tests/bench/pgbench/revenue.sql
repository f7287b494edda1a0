-- What AggregateOrders is asked for, as a program would write it.
\startpipeline
SELECT set_config('role', 'authenticated', true), set_config('app.tenant_id', :tenant, true), set_config('app.user_id', 'bench', true), set_config('app.role', 'authenticated', true), set_config('request.jwt.claims', '', true), set_config('statement_timeout', '30000', true), set_config('transaction_read_only', 'on', true);
SELECT date_trunc('day', created_at, 'UTC'), status, sum(total_cents), count(*) FROM saas.orders WHERE tenant_id = :tenant::uuid GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1000;
\endpipeline
