-- Called by a statement that would let a row refer to one that is soft-deleted: $1 is the foreign key by which it would, $2 the
-- entry of a batch that it is about, or NULL. Callers are told REFERENCE_DELETED (server/base/sqlstate.h). VOLATILE, so that
-- the planner never calls it.
CREATE OR REPLACE FUNCTION tenantry.reference_deleted(text, integer) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL SAFE
  AS $$
    BEGIN
      RAISE EXCEPTION 'the row would refer to one that is deleted'
        USING ERRCODE = 'TN008', CONSTRAINT = $1, DETAIL = coalesce($2::text, '');
    END
  $$;
