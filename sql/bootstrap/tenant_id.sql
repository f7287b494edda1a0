-- The tenant of the running transaction. Without one it is NULL, so that a policy matches no row: the setting reads as ''
-- after a commit, and as NULL where it was never set. The function is plain SQL and STABLE: the planner inlines it and
-- uses it in an index condition.
CREATE OR REPLACE FUNCTION tenantry.tenant_id() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
