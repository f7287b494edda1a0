-- Writes that were done under a request_id, and the rows that their replies were made of: a repeated request gets the same
-- reply, from any server. One row for each statement whose rows the reply needs. Each of the three tables holds the days
-- since 1970, in UTC, whose number modulo 3 it has in its name: one is today's, one yesterday's, and the third is emptied
-- (clear_requests). They are no partitions, since pg_restore --clean cannot drop the keys of those. Only functions of this
-- schema read and write them.
CREATE TABLE tenantry.requests_0 (
  tenant_id uuid NOT NULL,
  request_id uuid NOT NULL,
  statement bigint NOT NULL,
  fingerprint bytea NOT NULL,  -- SHA-256 of the request, its method and its caller
  layout bigint NOT NULL,      -- what the cells of `rows` are; changes with the schema and with what the request selects
  rows bytea NOT NULL,         -- an array of records, in binary format
  PRIMARY KEY (tenant_id, request_id, statement)
);
CREATE TABLE tenantry.requests_1 (LIKE tenantry.requests_0 INCLUDING ALL);
CREATE TABLE tenantry.requests_2 (LIKE tenantry.requests_0 INCLUDING ALL);
ALTER TABLE tenantry.requests_0 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tenantry.requests_1 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tenantry.requests_2 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY requests_tenant ON tenantry.requests_0
  USING (tenant_id = tenantry.tenant_id()) WITH CHECK (tenant_id = tenantry.tenant_id());
CREATE POLICY requests_tenant ON tenantry.requests_1
  USING (tenant_id = tenantry.tenant_id()) WITH CHECK (tenant_id = tenantry.tenant_id());
CREATE POLICY requests_tenant ON tenantry.requests_2
  USING (tenant_id = tenantry.tenant_id()) WITH CHECK (tenant_id = tenantry.tenant_id());
CREATE VIEW tenantry.requests WITH (security_invoker = true) AS
  SELECT 0 AS day, r.* FROM tenantry.requests_0 r
  UNION ALL SELECT 1, r.* FROM tenantry.requests_1 r
  UNION ALL SELECT 2, r.* FROM tenantry.requests_2 r;
