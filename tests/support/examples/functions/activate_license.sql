DECLARE
  license licenses;
BEGIN
  SELECT l.* INTO license FROM licenses AS l WHERE l.tenant_id = p_tenant_id AND l.id = p_license_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF license.valid_until < current_date THEN
    RAISE 'the licence was valid until %', license.valid_until USING ERRCODE = 'TN011', CONSTRAINT = 'LICENSE_EXPIRED';
  END IF;
  RETURN QUERY UPDATE licenses AS l
    SET status = 'active', activated_at = coalesce(l.activated_at, now())
    WHERE l.tenant_id = p_tenant_id AND l.id = p_license_id
    RETURNING l.*;
END
