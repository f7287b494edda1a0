-- Called by a statement whose condition does not hold: $1 is the SQLSTATE that says which (server/base/sqlstate.h), $2 the
-- entry of a batch that it is about, or NULL. It ends the statement and with it the transaction. VOLATILE, so that the
-- planner never calls it.
CREATE OR REPLACE FUNCTION tenantry.refuse(text, integer) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL SAFE
  AS $$
    BEGIN
      RAISE EXCEPTION 'a condition of the statement does not hold' USING ERRCODE = $1, DETAIL = coalesce($2::text, '');
    END
  $$;
