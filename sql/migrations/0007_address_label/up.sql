-- Migration 0007_address_label, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   saas.address_label: new function

-- tenantry: in a transaction, statement timeout 1m

CREATE FUNCTION "saas"."address_label"("address" "saas"."addresses")
  RETURNS text
  LANGUAGE sql STABLE
  AS $body$
SELECT concat_ws(', ', address.line1, concat_ws(' ', address.postal_code, address.city), address.country)
$body$;

REVOKE EXECUTE ON FUNCTION "saas"."address_label"("saas"."addresses") FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "saas"."address_label"("saas"."addresses") TO "authenticated", "support", "admin";
