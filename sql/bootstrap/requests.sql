-- Writes that were done under a request_id, and the rows that their replies were made of: a repeated request gets the same
-- reply, from any server. One row for each statement whose rows the reply needs. Of the three days that have a part each,
-- one is today, one yesterday, and the third is emptied (clear_requests). Only functions of this schema read and write it.
CREATE TABLE tenantry.requests (
  tenant_id uuid NOT NULL,
  request_id uuid NOT NULL,
  statement bigint NOT NULL,
  day smallint NOT NULL,       -- days since 1970 in UTC, modulo 3
  fingerprint bytea NOT NULL,  -- SHA-256 of the request, its method and its caller
  layout bigint NOT NULL,      -- what the cells of `rows` are; changes with the schema and with what the request selects
  rows bytea NOT NULL,         -- an array of records, in binary format
  PRIMARY KEY (tenant_id, request_id, statement, day)
) PARTITION BY LIST (day);
CREATE TABLE tenantry.requests_0 PARTITION OF tenantry.requests FOR VALUES IN (0);
CREATE TABLE tenantry.requests_1 PARTITION OF tenantry.requests FOR VALUES IN (1);
CREATE TABLE tenantry.requests_2 PARTITION OF tenantry.requests FOR VALUES IN (2);
ALTER TABLE tenantry.requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenantry.requests FORCE ROW LEVEL SECURITY;
CREATE POLICY requests_tenant ON tenantry.requests
  USING (tenant_id = tenantry.tenant_id()) WITH CHECK (tenant_id = tenantry.tenant_id());
-- Nobody reads or writes a part by itself.
ALTER TABLE tenantry.requests_0 ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenantry.requests_1 ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenantry.requests_2 ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenantry.requests_0 FORCE ROW LEVEL SECURITY;
ALTER TABLE tenantry.requests_1 FORCE ROW LEVEL SECURITY;
ALTER TABLE tenantry.requests_2 FORCE ROW LEVEL SECURITY;
