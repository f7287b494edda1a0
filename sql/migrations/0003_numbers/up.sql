-- Migration 0003_numbers, written by `tenantryd generate`. Review it before it is applied; after that it must not change.

COMMENT ON TABLE "saas"."products" IS 'saas.Product';

COMMENT ON TABLE "saas"."orders" IS 'saas.Order';

COMMENT ON TABLE "saas"."order_items" IS 'saas.OrderItem';

COMMENT ON TABLE "saas"."contacts" IS 'saas.Contact';

COMMENT ON TABLE "saas"."addresses" IS 'saas.Address';

COMMENT ON TABLE "saas"."organizations" IS 'saas.Organization';
