-- Migration 0004_checkout, written by `tenantryd generate`. Review it before it is applied; after that it must not change.
--
-- Changes:
--   saas.checkout: new function
--   saas.revenue_stats: new function

-- tenantry: in a transaction, statement timeout 1m

CREATE FUNCTION "saas"."checkout"("p_tenant_id" uuid, "p_contact_id" uuid, "p_items_product_id" uuid[], "p_items_quantity" integer[], "p_shipping_address_id" uuid)
  RETURNS SETOF "saas"."orders"
  LANGUAGE plpgsql VOLATILE
  SET search_path = "saas", pg_temp
  AS $body$
DECLARE
  item record;
  product products;
  placed orders;
  total bigint := 0;
BEGIN
  IF cardinality(p_items_product_id) = 0 THEN
    RAISE 'is required' USING ERRCODE = 'TN011', DATATYPE = 'INVALID_ARGUMENT', CONSTRAINT = 'EMPTY_CART', COLUMN = 'items';
  END IF;
  PERFORM FROM contacts AS c
    WHERE c.tenant_id = p_tenant_id AND c.id = p_contact_id AND c.deleted_at IS NULL FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE 'contact not found'
      USING ERRCODE = 'TN011', DATATYPE = 'NOT_FOUND', CONSTRAINT = 'CONTACT_NOT_FOUND', COLUMN = 'contact_id';
  END IF;
  PERFORM FROM addresses AS a
    WHERE a.tenant_id = p_tenant_id AND a.id = p_shipping_address_id AND a.contact_id = p_contact_id FOR KEY SHARE;
  IF NOT FOUND AND p_shipping_address_id IS NOT NULL THEN
    RAISE 'address of the contact not found'
      USING ERRCODE = 'TN011', DATATYPE = 'NOT_FOUND', CONSTRAINT = 'ADDRESS_NOT_FOUND', COLUMN = 'shipping_address_id';
  END IF;

  -- All products are locked in the order of their keys, so that no two carts wait for each other in a circle.
  PERFORM FROM products AS p
    WHERE p.tenant_id = p_tenant_id AND p.id = ANY (p_items_product_id) ORDER BY p.id FOR NO KEY UPDATE;
  FOR item IN
    SELECT i.product_id, i.quantity, i.position - 1 AS index
      FROM unnest(p_items_product_id, p_items_quantity) WITH ORDINALITY AS i (product_id, quantity, position)
  LOOP
    SELECT p.* INTO product FROM products AS p WHERE p.tenant_id = p_tenant_id AND p.id = item.product_id;
    IF NOT FOUND THEN
      RAISE 'product not found'
        USING ERRCODE = 'TN011', DATATYPE = 'NOT_FOUND', CONSTRAINT = 'PRODUCT_NOT_FOUND',
              COLUMN = format('items[%s].product_id', item.index);
    ELSIF NOT product.is_active THEN
      RAISE '% cannot be ordered now', product.name
        USING ERRCODE = 'TN011', CONSTRAINT = 'PRODUCT_NOT_AVAILABLE', COLUMN = format('items[%s].product_id', item.index);
    ELSIF product.stock < item.quantity THEN
      RAISE 'only % of % left', product.stock, product.name
        USING ERRCODE = 'TN011', CONSTRAINT = 'OUT_OF_STOCK', COLUMN = format('items[%s].quantity', item.index);
    END IF;
    UPDATE products AS p SET stock = p.stock - item.quantity, updated_at = now()
      WHERE p.tenant_id = p_tenant_id AND p.id = item.product_id;
    total := total + product.price_cents::bigint * item.quantity;
  END LOOP;

  INSERT INTO orders (tenant_id, contact_id, shipping_address_id, total_cents)
    VALUES (p_tenant_id, p_contact_id, p_shipping_address_id, total)
    RETURNING * INTO placed;
  INSERT INTO order_items (tenant_id, order_id, product_id, quantity, price_cents)
    SELECT p_tenant_id, placed.id, i.product_id, i.quantity, p.price_cents
      FROM unnest(p_items_product_id, p_items_quantity) AS i (product_id, quantity)
        JOIN products AS p ON p.tenant_id = p_tenant_id AND p.id = i.product_id;
  RETURN NEXT placed;
END
$body$;

REVOKE EXECUTE ON FUNCTION "saas"."checkout"(uuid, uuid, uuid[], integer[], uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "saas"."checkout"(uuid, uuid, uuid[], integer[], uuid) TO "authenticated", "support", "admin";

CREATE FUNCTION "saas"."revenue_stats"("p_tenant_id" uuid, "p_start_time" timestamptz, "p_end_time" timestamptz, "p_statuses" "saas"."order_status"[])
  RETURNS TABLE("order_count" bigint, "total_revenue_cents" bigint, "average_order_cents" bigint)
  LANGUAGE sql STABLE
  SET search_path = "saas", pg_temp
  AS $body$
SELECT count(*), coalesce(sum(o.total_cents), 0), coalesce(round(avg(o.total_cents)), 0)::bigint
  FROM orders AS o
  WHERE o.tenant_id = p_tenant_id AND o.created_at >= p_start_time AND o.created_at < p_end_time
    AND (cardinality(p_statuses) = 0 OR o.status = ANY (p_statuses))
$body$;

REVOKE EXECUTE ON FUNCTION "saas"."revenue_stats"(uuid, timestamptz, timestamptz, "saas"."order_status"[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "saas"."revenue_stats"(uuid, timestamptz, timestamptz, "saas"."order_status"[]) TO "authenticated", "support", "admin";
