-- The same context and query in one pipeline with one Sync, which makes them one transaction.
\startpipeline
SELECT set_config('role', 'authenticated', true), set_config('app.tenant_id', :tenant, true), set_config('app.user_id', 'bench', true), set_config('app.role', 'authenticated', true), set_config('request.jwt.claims', '', true), set_config('statement_timeout', '30000', true), set_config('transaction_read_only', 'on', true);
SELECT id, name, email, phone, type, is_active, notes, stripe_customer_id, metadata, created_at, updated_at, deleted_at FROM saas.contacts WHERE tenant_id = :tenant::uuid AND id = :id::uuid AND deleted_at IS NULL;
\endpipeline
