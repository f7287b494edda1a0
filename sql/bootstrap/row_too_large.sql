-- Called by a statement that would leave a row which no reply could carry (server/plan/row_size.h). Callers are told
-- ROW_TOO_LARGE (server/base/sqlstate.h).
CREATE OR REPLACE FUNCTION tenantry.row_too_large() RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL SAFE
  AS $$
    BEGIN
      RAISE EXCEPTION 'the row is larger than row-bytes-max' USING ERRCODE = 'TN001';
    END
  $$;
