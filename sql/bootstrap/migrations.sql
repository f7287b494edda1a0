-- The ledger: what has been applied to this database. A name is applied once; its up.sql may not change afterwards.
CREATE TABLE tenantry.migrations (
  name text PRIMARY KEY,
  checksum text NOT NULL,  -- SHA-256 of up.sql
  sections_done integer NOT NULL,
  sections_begun integer NOT NULL DEFAULT 0,  -- one more than are done: nobody knows how far that one came
  batch_file bigint NOT NULL DEFAULT 0,    -- the section that has begun goes through this file of its table
  batch_blocks bigint NOT NULL DEFAULT 0,  -- and has done so many of its blocks
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,  -- NULL: it stopped half-way, and the next run goes on with it
  applied_by text NOT NULL DEFAULT session_user
);
