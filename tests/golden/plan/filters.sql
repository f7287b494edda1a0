-- ListSamples {id { eq: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."id" = $2::text
-- ListSamples {id { ne: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."id" <> $2::text
-- ListSamples {id { in{ } }}
t."organization_id" = $1::uuid AND t."id" = ANY($2::text[])
-- ListSamples {id { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."id" = ANY($2::text[]))
-- ListSamples {id { is_null: true }}
t."organization_id" = $1::uuid AND t."id" IS NULL
-- ListSamples {id { lt: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."id" < $2::text
-- ListSamples {id { lte: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."id" <= $2::text
-- ListSamples {id { gt: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."id" > $2::text
-- ListSamples {id { gte: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."id" >= $2::text
-- ListSamples {id { between { from: '01ARZ3NDEKTSV4RRFFQ69G5FAV' to: '01ARZ3NDEKTSV4RRFFQ69G5FAV' } }}
t."organization_id" = $1::uuid AND t."id" >= $2::text AND t."id" <= $3::text
-- ListSamples {bool { eq: true }}
t."organization_id" = $1::uuid AND t."bool" = $2::boolean
-- ListSamples {bool { ne: true }}
t."organization_id" = $1::uuid AND t."bool" <> $2::boolean
-- ListSamples {bool { is_null: true }}
t."organization_id" = $1::uuid AND t."bool" IS NULL
-- ListSamples {int { eq: 1 }}
t."organization_id" = $1::uuid AND t."int" = $2::integer
-- ListSamples {int { ne: 1 }}
t."organization_id" = $1::uuid AND t."int" <> $2::integer
-- ListSamples {int { in{ } }}
t."organization_id" = $1::uuid AND t."int" = ANY($2::integer[])
-- ListSamples {int { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."int" = ANY($2::integer[]))
-- ListSamples {int { is_null: true }}
t."organization_id" = $1::uuid AND t."int" IS NULL
-- ListSamples {int { lt: 1 }}
t."organization_id" = $1::uuid AND t."int" < $2::integer
-- ListSamples {int { lte: 1 }}
t."organization_id" = $1::uuid AND t."int" <= $2::integer
-- ListSamples {int { gt: 1 }}
t."organization_id" = $1::uuid AND t."int" > $2::integer
-- ListSamples {int { gte: 1 }}
t."organization_id" = $1::uuid AND t."int" >= $2::integer
-- ListSamples {int { between { from: 1 to: 1 } }}
t."organization_id" = $1::uuid AND t."int" >= $2::integer AND t."int" <= $3::integer
-- ListSamples {bigint { eq: 1 }}
t."organization_id" = $1::uuid AND t."bigint" = $2::bigint
-- ListSamples {bigint { ne: 1 }}
t."organization_id" = $1::uuid AND t."bigint" <> $2::bigint
-- ListSamples {bigint { in{ } }}
t."organization_id" = $1::uuid AND t."bigint" = ANY($2::bigint[])
-- ListSamples {bigint { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."bigint" = ANY($2::bigint[]))
-- ListSamples {bigint { is_null: true }}
t."organization_id" = $1::uuid AND t."bigint" IS NULL
-- ListSamples {bigint { lt: 1 }}
t."organization_id" = $1::uuid AND t."bigint" < $2::bigint
-- ListSamples {bigint { lte: 1 }}
t."organization_id" = $1::uuid AND t."bigint" <= $2::bigint
-- ListSamples {bigint { gt: 1 }}
t."organization_id" = $1::uuid AND t."bigint" > $2::bigint
-- ListSamples {bigint { gte: 1 }}
t."organization_id" = $1::uuid AND t."bigint" >= $2::bigint
-- ListSamples {bigint { between { from: 1 to: 1 } }}
t."organization_id" = $1::uuid AND t."bigint" >= $2::bigint AND t."bigint" <= $3::bigint
-- ListSamples {real { eq: 1 }}
t."organization_id" = $1::uuid AND t."real" = $2::real
-- ListSamples {real { ne: 1 }}
t."organization_id" = $1::uuid AND t."real" <> $2::real
-- ListSamples {real { in{ } }}
t."organization_id" = $1::uuid AND t."real" = ANY($2::real[])
-- ListSamples {real { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."real" = ANY($2::real[]))
-- ListSamples {real { is_null: true }}
t."organization_id" = $1::uuid AND t."real" IS NULL
-- ListSamples {real { lt: 1 }}
t."organization_id" = $1::uuid AND t."real" < $2::real
-- ListSamples {real { lte: 1 }}
t."organization_id" = $1::uuid AND t."real" <= $2::real
-- ListSamples {real { gt: 1 }}
t."organization_id" = $1::uuid AND t."real" > $2::real
-- ListSamples {real { gte: 1 }}
t."organization_id" = $1::uuid AND t."real" >= $2::real
-- ListSamples {real { between { from: 1 to: 1 } }}
t."organization_id" = $1::uuid AND t."real" >= $2::real AND t."real" <= $3::real
-- ListSamples {double { eq: 1 }}
t."organization_id" = $1::uuid AND t."double" = $2::double precision
-- ListSamples {double { ne: 1 }}
t."organization_id" = $1::uuid AND t."double" <> $2::double precision
-- ListSamples {double { in{ } }}
t."organization_id" = $1::uuid AND t."double" = ANY($2::double precision[])
-- ListSamples {double { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."double" = ANY($2::double precision[]))
-- ListSamples {double { is_null: true }}
t."organization_id" = $1::uuid AND t."double" IS NULL
-- ListSamples {double { lt: 1 }}
t."organization_id" = $1::uuid AND t."double" < $2::double precision
-- ListSamples {double { lte: 1 }}
t."organization_id" = $1::uuid AND t."double" <= $2::double precision
-- ListSamples {double { gt: 1 }}
t."organization_id" = $1::uuid AND t."double" > $2::double precision
-- ListSamples {double { gte: 1 }}
t."organization_id" = $1::uuid AND t."double" >= $2::double precision
-- ListSamples {double { between { from: 1 to: 1 } }}
t."organization_id" = $1::uuid AND t."double" >= $2::double precision AND t."double" <= $3::double precision
-- ListSamples {text { eq: 'a' }}
t."organization_id" = $1::uuid AND t."text" = $2::text
-- ListSamples {text { ne: 'a' }}
t."organization_id" = $1::uuid AND t."text" <> $2::text
-- ListSamples {text { in{ } }}
t."organization_id" = $1::uuid AND t."text" = ANY($2::text[])
-- ListSamples {text { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."text" = ANY($2::text[]))
-- ListSamples {text { is_null: true }}
t."organization_id" = $1::uuid AND t."text" IS NULL
-- ListSamples {text { lt: 'a' }}
t."organization_id" = $1::uuid AND t."text" < $2::text
-- ListSamples {text { lte: 'a' }}
t."organization_id" = $1::uuid AND t."text" <= $2::text
-- ListSamples {text { gt: 'a' }}
t."organization_id" = $1::uuid AND t."text" > $2::text
-- ListSamples {text { gte: 'a' }}
t."organization_id" = $1::uuid AND t."text" >= $2::text
-- ListSamples {text { between { from: 'a' to: 'a' } }}
t."organization_id" = $1::uuid AND t."text" >= $2::text AND t."text" <= $3::text
-- ListSamples {text { like: 'a' }}
t."organization_id" = $1::uuid AND t."text" LIKE $2::text
-- ListSamples {text { ilike: 'a' }}
t."organization_id" = $1::uuid AND t."text" ILIKE $2::text
-- ListSamples {text { contains: 'a' }}
t."organization_id" = $1::uuid AND t."text" LIKE $2::text
-- ListSamples {text { icontains: 'a' }}
t."organization_id" = $1::uuid AND t."text" ILIKE $2::text
-- ListSamples {text { starts_with: 'a' }}
t."organization_id" = $1::uuid AND t."text" LIKE $2::text
-- ListSamples {text { istarts_with: 'a' }}
t."organization_id" = $1::uuid AND t."text" ILIKE $2::text
-- ListSamples {text { ends_with: 'a' }}
t."organization_id" = $1::uuid AND t."text" LIKE $2::text
-- ListSamples {text { iends_with: 'a' }}
t."organization_id" = $1::uuid AND t."text" ILIKE $2::text
-- ListSamples {varchar { eq: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" = $2::text
-- ListSamples {varchar { ne: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" <> $2::text
-- ListSamples {varchar { in{ } }}
t."organization_id" = $1::uuid AND t."varchar" = ANY($2::text[])
-- ListSamples {varchar { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."varchar" = ANY($2::text[]))
-- ListSamples {varchar { is_null: true }}
t."organization_id" = $1::uuid AND t."varchar" IS NULL
-- ListSamples {varchar { lt: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" < $2::text
-- ListSamples {varchar { lte: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" <= $2::text
-- ListSamples {varchar { gt: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" > $2::text
-- ListSamples {varchar { gte: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" >= $2::text
-- ListSamples {varchar { between { from: 'a' to: 'a' } }}
t."organization_id" = $1::uuid AND t."varchar" >= $2::text AND t."varchar" <= $3::text
-- ListSamples {varchar { like: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" LIKE $2::text
-- ListSamples {varchar { ilike: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" ILIKE $2::text
-- ListSamples {varchar { contains: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" LIKE $2::text
-- ListSamples {varchar { icontains: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" ILIKE $2::text
-- ListSamples {varchar { starts_with: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" LIKE $2::text
-- ListSamples {varchar { istarts_with: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" ILIKE $2::text
-- ListSamples {varchar { ends_with: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" LIKE $2::text
-- ListSamples {varchar { iends_with: 'a' }}
t."organization_id" = $1::uuid AND t."varchar" ILIKE $2::text
-- ListSamples {uuid { eq: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."uuid" = $2::uuid
-- ListSamples {uuid { ne: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."uuid" <> $2::uuid
-- ListSamples {uuid { in{ } }}
t."organization_id" = $1::uuid AND t."uuid" = ANY($2::uuid[])
-- ListSamples {uuid { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."uuid" = ANY($2::uuid[]))
-- ListSamples {uuid { is_null: true }}
t."organization_id" = $1::uuid AND t."uuid" IS NULL
-- ListSamples {uuid { lt: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."uuid" < $2::uuid
-- ListSamples {uuid { lte: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."uuid" <= $2::uuid
-- ListSamples {uuid { gt: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."uuid" > $2::uuid
-- ListSamples {uuid { gte: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."uuid" >= $2::uuid
-- ListSamples {uuid { between { from: '01920000-0000-7000-8000-000000000001' to: '01920000-0000-7000-8000-000000000001' } }}
t."organization_id" = $1::uuid AND t."uuid" >= $2::uuid AND t."uuid" <= $3::uuid
-- ListSamples {ulid { eq: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."ulid" = $2::text
-- ListSamples {ulid { ne: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."ulid" <> $2::text
-- ListSamples {ulid { in{ } }}
t."organization_id" = $1::uuid AND t."ulid" = ANY($2::text[])
-- ListSamples {ulid { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."ulid" = ANY($2::text[]))
-- ListSamples {ulid { is_null: true }}
t."organization_id" = $1::uuid AND t."ulid" IS NULL
-- ListSamples {ulid { lt: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."ulid" < $2::text
-- ListSamples {ulid { lte: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."ulid" <= $2::text
-- ListSamples {ulid { gt: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."ulid" > $2::text
-- ListSamples {ulid { gte: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."ulid" >= $2::text
-- ListSamples {ulid { between { from: '01ARZ3NDEKTSV4RRFFQ69G5FAV' to: '01ARZ3NDEKTSV4RRFFQ69G5FAV' } }}
t."organization_id" = $1::uuid AND t."ulid" >= $2::text AND t."ulid" <= $3::text
-- ListSamples {numeric { eq: '1.5' }}
t."organization_id" = $1::uuid AND t."numeric" = $2::text::numeric
-- ListSamples {numeric { ne: '1.5' }}
t."organization_id" = $1::uuid AND t."numeric" <> $2::text::numeric
-- ListSamples {numeric { in{ } }}
t."organization_id" = $1::uuid AND t."numeric" = ANY($2::text[]::numeric[])
-- ListSamples {numeric { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."numeric" = ANY($2::text[]::numeric[]))
-- ListSamples {numeric { is_null: true }}
t."organization_id" = $1::uuid AND t."numeric" IS NULL
-- ListSamples {numeric { lt: '1.5' }}
t."organization_id" = $1::uuid AND t."numeric" < $2::text::numeric
-- ListSamples {numeric { lte: '1.5' }}
t."organization_id" = $1::uuid AND t."numeric" <= $2::text::numeric
-- ListSamples {numeric { gt: '1.5' }}
t."organization_id" = $1::uuid AND t."numeric" > $2::text::numeric
-- ListSamples {numeric { gte: '1.5' }}
t."organization_id" = $1::uuid AND t."numeric" >= $2::text::numeric
-- ListSamples {numeric { between { from: '1.5' to: '1.5' } }}
t."organization_id" = $1::uuid AND t."numeric" >= $2::text::numeric AND t."numeric" <= $3::text::numeric
-- ListSamples {money { eq: '1.5' }}
t."organization_id" = $1::uuid AND t."money" = $2::text::numeric
-- ListSamples {money { ne: '1.5' }}
t."organization_id" = $1::uuid AND t."money" <> $2::text::numeric
-- ListSamples {money { in{ } }}
t."organization_id" = $1::uuid AND t."money" = ANY($2::text[]::numeric[])
-- ListSamples {money { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."money" = ANY($2::text[]::numeric[]))
-- ListSamples {money { is_null: true }}
t."organization_id" = $1::uuid AND t."money" IS NULL
-- ListSamples {money { lt: '1.5' }}
t."organization_id" = $1::uuid AND t."money" < $2::text::numeric
-- ListSamples {money { lte: '1.5' }}
t."organization_id" = $1::uuid AND t."money" <= $2::text::numeric
-- ListSamples {money { gt: '1.5' }}
t."organization_id" = $1::uuid AND t."money" > $2::text::numeric
-- ListSamples {money { gte: '1.5' }}
t."organization_id" = $1::uuid AND t."money" >= $2::text::numeric
-- ListSamples {money { between { from: '1.5' to: '1.5' } }}
t."organization_id" = $1::uuid AND t."money" >= $2::text::numeric AND t."money" <= $3::text::numeric
-- ListSamples {date { eq: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."date" = $2::text::date
-- ListSamples {date { ne: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."date" <> $2::text::date
-- ListSamples {date { in{ } }}
t."organization_id" = $1::uuid AND t."date" = ANY($2::text[]::date[])
-- ListSamples {date { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."date" = ANY($2::text[]::date[]))
-- ListSamples {date { is_null: true }}
t."organization_id" = $1::uuid AND t."date" IS NULL
-- ListSamples {date { lt: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."date" < $2::text::date
-- ListSamples {date { lte: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."date" <= $2::text::date
-- ListSamples {date { gt: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."date" > $2::text::date
-- ListSamples {date { gte: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."date" >= $2::text::date
-- ListSamples {date { between { from: '2024-02-29' to: '2024-02-29' } }}
t."organization_id" = $1::uuid AND t."date" >= $2::text::date AND t."date" <= $3::text::date
-- ListSamples {bytea { eq: 'a' }}
t."organization_id" = $1::uuid AND t."bytea" = $2::bytea
-- ListSamples {bytea { ne: 'a' }}
t."organization_id" = $1::uuid AND t."bytea" <> $2::bytea
-- ListSamples {bytea { in{ } }}
t."organization_id" = $1::uuid AND t."bytea" = ANY($2::bytea[])
-- ListSamples {bytea { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."bytea" = ANY($2::bytea[]))
-- ListSamples {bytea { is_null: true }}
t."organization_id" = $1::uuid AND t."bytea" IS NULL
-- ListSamples {timestamptz { eq{ } }}
t."organization_id" = $1::uuid AND t."timestamptz" = $2::timestamptz
-- ListSamples {timestamptz { ne{ } }}
t."organization_id" = $1::uuid AND t."timestamptz" <> $2::timestamptz
-- ListSamples {timestamptz { in{ } }}
t."organization_id" = $1::uuid AND t."timestamptz" = ANY($2::timestamptz[])
-- ListSamples {timestamptz { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."timestamptz" = ANY($2::timestamptz[]))
-- ListSamples {timestamptz { is_null: true }}
t."organization_id" = $1::uuid AND t."timestamptz" IS NULL
-- ListSamples {timestamptz { lt{ } }}
t."organization_id" = $1::uuid AND t."timestamptz" < $2::timestamptz
-- ListSamples {timestamptz { lte{ } }}
t."organization_id" = $1::uuid AND t."timestamptz" <= $2::timestamptz
-- ListSamples {timestamptz { gt{ } }}
t."organization_id" = $1::uuid AND t."timestamptz" > $2::timestamptz
-- ListSamples {timestamptz { gte{ } }}
t."organization_id" = $1::uuid AND t."timestamptz" >= $2::timestamptz
-- ListSamples {timestamptz { between { from{ } to{ } } }}
t."organization_id" = $1::uuid AND t."timestamptz" >= $2::timestamptz AND t."timestamptz" <= $3::timestamptz
-- ListSamples {json { eq{ } }}
t."organization_id" = $1::uuid AND t."json" = $2::text::jsonb
-- ListSamples {json { ne{ } }}
t."organization_id" = $1::uuid AND t."json" <> $2::text::jsonb
-- ListSamples {json { is_null: true }}
t."organization_id" = $1::uuid AND t."json" IS NULL
-- ListSamples {json { contains{ } }}
t."organization_id" = $1::uuid AND t."json" @> $2::text::jsonb
-- ListSamples {json { has_key: 'a' }}
t."organization_id" = $1::uuid AND t."json" ? $2::text
-- ListSamples {json { has_any_key{ } }}
t."organization_id" = $1::uuid AND t."json" ?| $2::text[]
-- ListSamples {json { has_all_keys{ } }}
t."organization_id" = $1::uuid AND t."json" ?& $2::text[]
-- ListSamples {json { at { path: 'a' path: 'b' eq { number_value: 1 } ne { null_value: 0 } exists: true } }}
t."organization_id" = $1::uuid AND (t."json" #> $2::text[]) = $3::text::jsonb AND (t."json" #> $2::text[]) IS DISTINCT FROM $4::text::jsonb AND (t."json" #> $2::text[]) IS NOT NULL
-- ListSamples {kind { eq: 1 }}
t."organization_id" = $1::uuid AND t."kind" = $2::text::"books"."kind_of_account"
-- ListSamples {kind { ne: 1 }}
t."organization_id" = $1::uuid AND t."kind" <> $2::text::"books"."kind_of_account"
-- ListSamples {kind { in{ } }}
t."organization_id" = $1::uuid AND t."kind" = ANY($2::text[]::"books"."kind_of_account"[])
-- ListSamples {kind { not_in{ } }}
t."organization_id" = $1::uuid AND NOT (t."kind" = ANY($2::text[]::"books"."kind_of_account"[]))
-- ListSamples {kind { is_null: true }}
t."organization_id" = $1::uuid AND t."kind" IS NULL
-- ListSamples {maybe_bool { eq: true }}
t."organization_id" = $1::uuid AND t."maybe_bool" = $2::boolean
-- ListSamples {maybe_bool { ne: true }}
t."organization_id" = $1::uuid AND t."maybe_bool" IS DISTINCT FROM $2::boolean
-- ListSamples {maybe_bool { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_bool" IS NULL
-- ListSamples {maybe_int { eq: 1 }}
t."organization_id" = $1::uuid AND t."maybe_int" = $2::integer
-- ListSamples {maybe_int { ne: 1 }}
t."organization_id" = $1::uuid AND t."maybe_int" IS DISTINCT FROM $2::integer
-- ListSamples {maybe_int { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_int" = ANY($2::integer[])
-- ListSamples {maybe_int { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_int" = ANY($2::integer[])) IS NOT TRUE
-- ListSamples {maybe_int { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_int" IS NULL
-- ListSamples {maybe_int { lt: 1 }}
t."organization_id" = $1::uuid AND t."maybe_int" < $2::integer
-- ListSamples {maybe_int { lte: 1 }}
t."organization_id" = $1::uuid AND t."maybe_int" <= $2::integer
-- ListSamples {maybe_int { gt: 1 }}
t."organization_id" = $1::uuid AND t."maybe_int" > $2::integer
-- ListSamples {maybe_int { gte: 1 }}
t."organization_id" = $1::uuid AND t."maybe_int" >= $2::integer
-- ListSamples {maybe_int { between { from: 1 to: 1 } }}
t."organization_id" = $1::uuid AND t."maybe_int" >= $2::integer AND t."maybe_int" <= $3::integer
-- ListSamples {maybe_bigint { eq: 1 }}
t."organization_id" = $1::uuid AND t."maybe_bigint" = $2::bigint
-- ListSamples {maybe_bigint { ne: 1 }}
t."organization_id" = $1::uuid AND t."maybe_bigint" IS DISTINCT FROM $2::bigint
-- ListSamples {maybe_bigint { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_bigint" = ANY($2::bigint[])
-- ListSamples {maybe_bigint { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_bigint" = ANY($2::bigint[])) IS NOT TRUE
-- ListSamples {maybe_bigint { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_bigint" IS NULL
-- ListSamples {maybe_bigint { lt: 1 }}
t."organization_id" = $1::uuid AND t."maybe_bigint" < $2::bigint
-- ListSamples {maybe_bigint { lte: 1 }}
t."organization_id" = $1::uuid AND t."maybe_bigint" <= $2::bigint
-- ListSamples {maybe_bigint { gt: 1 }}
t."organization_id" = $1::uuid AND t."maybe_bigint" > $2::bigint
-- ListSamples {maybe_bigint { gte: 1 }}
t."organization_id" = $1::uuid AND t."maybe_bigint" >= $2::bigint
-- ListSamples {maybe_bigint { between { from: 1 to: 1 } }}
t."organization_id" = $1::uuid AND t."maybe_bigint" >= $2::bigint AND t."maybe_bigint" <= $3::bigint
-- ListSamples {maybe_real { eq: 1 }}
t."organization_id" = $1::uuid AND t."maybe_real" = $2::real
-- ListSamples {maybe_real { ne: 1 }}
t."organization_id" = $1::uuid AND t."maybe_real" IS DISTINCT FROM $2::real
-- ListSamples {maybe_real { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_real" = ANY($2::real[])
-- ListSamples {maybe_real { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_real" = ANY($2::real[])) IS NOT TRUE
-- ListSamples {maybe_real { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_real" IS NULL
-- ListSamples {maybe_real { lt: 1 }}
t."organization_id" = $1::uuid AND t."maybe_real" < $2::real
-- ListSamples {maybe_real { lte: 1 }}
t."organization_id" = $1::uuid AND t."maybe_real" <= $2::real
-- ListSamples {maybe_real { gt: 1 }}
t."organization_id" = $1::uuid AND t."maybe_real" > $2::real
-- ListSamples {maybe_real { gte: 1 }}
t."organization_id" = $1::uuid AND t."maybe_real" >= $2::real
-- ListSamples {maybe_real { between { from: 1 to: 1 } }}
t."organization_id" = $1::uuid AND t."maybe_real" >= $2::real AND t."maybe_real" <= $3::real
-- ListSamples {maybe_double { eq: 1 }}
t."organization_id" = $1::uuid AND t."maybe_double" = $2::double precision
-- ListSamples {maybe_double { ne: 1 }}
t."organization_id" = $1::uuid AND t."maybe_double" IS DISTINCT FROM $2::double precision
-- ListSamples {maybe_double { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_double" = ANY($2::double precision[])
-- ListSamples {maybe_double { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_double" = ANY($2::double precision[])) IS NOT TRUE
-- ListSamples {maybe_double { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_double" IS NULL
-- ListSamples {maybe_double { lt: 1 }}
t."organization_id" = $1::uuid AND t."maybe_double" < $2::double precision
-- ListSamples {maybe_double { lte: 1 }}
t."organization_id" = $1::uuid AND t."maybe_double" <= $2::double precision
-- ListSamples {maybe_double { gt: 1 }}
t."organization_id" = $1::uuid AND t."maybe_double" > $2::double precision
-- ListSamples {maybe_double { gte: 1 }}
t."organization_id" = $1::uuid AND t."maybe_double" >= $2::double precision
-- ListSamples {maybe_double { between { from: 1 to: 1 } }}
t."organization_id" = $1::uuid AND t."maybe_double" >= $2::double precision AND t."maybe_double" <= $3::double precision
-- ListSamples {maybe_text { eq: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" = $2::text
-- ListSamples {maybe_text { ne: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" IS DISTINCT FROM $2::text
-- ListSamples {maybe_text { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_text" = ANY($2::text[])
-- ListSamples {maybe_text { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_text" = ANY($2::text[])) IS NOT TRUE
-- ListSamples {maybe_text { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_text" IS NULL
-- ListSamples {maybe_text { lt: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" < $2::text
-- ListSamples {maybe_text { lte: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" <= $2::text
-- ListSamples {maybe_text { gt: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" > $2::text
-- ListSamples {maybe_text { gte: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" >= $2::text
-- ListSamples {maybe_text { between { from: 'a' to: 'a' } }}
t."organization_id" = $1::uuid AND t."maybe_text" >= $2::text AND t."maybe_text" <= $3::text
-- ListSamples {maybe_text { like: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" LIKE $2::text
-- ListSamples {maybe_text { ilike: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" ILIKE $2::text
-- ListSamples {maybe_text { contains: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" LIKE $2::text
-- ListSamples {maybe_text { icontains: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" ILIKE $2::text
-- ListSamples {maybe_text { starts_with: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" LIKE $2::text
-- ListSamples {maybe_text { istarts_with: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" ILIKE $2::text
-- ListSamples {maybe_text { ends_with: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" LIKE $2::text
-- ListSamples {maybe_text { iends_with: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_text" ILIKE $2::text
-- ListSamples {maybe_varchar { eq: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" = $2::text
-- ListSamples {maybe_varchar { ne: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" IS DISTINCT FROM $2::text
-- ListSamples {maybe_varchar { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_varchar" = ANY($2::text[])
-- ListSamples {maybe_varchar { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_varchar" = ANY($2::text[])) IS NOT TRUE
-- ListSamples {maybe_varchar { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_varchar" IS NULL
-- ListSamples {maybe_varchar { lt: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" < $2::text
-- ListSamples {maybe_varchar { lte: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" <= $2::text
-- ListSamples {maybe_varchar { gt: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" > $2::text
-- ListSamples {maybe_varchar { gte: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" >= $2::text
-- ListSamples {maybe_varchar { between { from: 'a' to: 'a' } }}
t."organization_id" = $1::uuid AND t."maybe_varchar" >= $2::text AND t."maybe_varchar" <= $3::text
-- ListSamples {maybe_varchar { like: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" LIKE $2::text
-- ListSamples {maybe_varchar { ilike: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" ILIKE $2::text
-- ListSamples {maybe_varchar { contains: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" LIKE $2::text
-- ListSamples {maybe_varchar { icontains: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" ILIKE $2::text
-- ListSamples {maybe_varchar { starts_with: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" LIKE $2::text
-- ListSamples {maybe_varchar { istarts_with: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" ILIKE $2::text
-- ListSamples {maybe_varchar { ends_with: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" LIKE $2::text
-- ListSamples {maybe_varchar { iends_with: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_varchar" ILIKE $2::text
-- ListSamples {maybe_uuid { eq: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."maybe_uuid" = $2::uuid
-- ListSamples {maybe_uuid { ne: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."maybe_uuid" IS DISTINCT FROM $2::uuid
-- ListSamples {maybe_uuid { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_uuid" = ANY($2::uuid[])
-- ListSamples {maybe_uuid { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_uuid" = ANY($2::uuid[])) IS NOT TRUE
-- ListSamples {maybe_uuid { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_uuid" IS NULL
-- ListSamples {maybe_uuid { lt: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."maybe_uuid" < $2::uuid
-- ListSamples {maybe_uuid { lte: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."maybe_uuid" <= $2::uuid
-- ListSamples {maybe_uuid { gt: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."maybe_uuid" > $2::uuid
-- ListSamples {maybe_uuid { gte: '01920000-0000-7000-8000-000000000001' }}
t."organization_id" = $1::uuid AND t."maybe_uuid" >= $2::uuid
-- ListSamples {maybe_uuid { between { from: '01920000-0000-7000-8000-000000000001' to: '01920000-0000-7000-8000-000000000001' } }}
t."organization_id" = $1::uuid AND t."maybe_uuid" >= $2::uuid AND t."maybe_uuid" <= $3::uuid
-- ListSamples {maybe_ulid { eq: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."maybe_ulid" = $2::text
-- ListSamples {maybe_ulid { ne: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."maybe_ulid" IS DISTINCT FROM $2::text
-- ListSamples {maybe_ulid { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_ulid" = ANY($2::text[])
-- ListSamples {maybe_ulid { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_ulid" = ANY($2::text[])) IS NOT TRUE
-- ListSamples {maybe_ulid { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_ulid" IS NULL
-- ListSamples {maybe_ulid { lt: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."maybe_ulid" < $2::text
-- ListSamples {maybe_ulid { lte: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."maybe_ulid" <= $2::text
-- ListSamples {maybe_ulid { gt: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."maybe_ulid" > $2::text
-- ListSamples {maybe_ulid { gte: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }}
t."organization_id" = $1::uuid AND t."maybe_ulid" >= $2::text
-- ListSamples {maybe_ulid { between { from: '01ARZ3NDEKTSV4RRFFQ69G5FAV' to: '01ARZ3NDEKTSV4RRFFQ69G5FAV' } }}
t."organization_id" = $1::uuid AND t."maybe_ulid" >= $2::text AND t."maybe_ulid" <= $3::text
-- ListSamples {maybe_numeric { eq: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_numeric" = $2::text::numeric
-- ListSamples {maybe_numeric { ne: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_numeric" IS DISTINCT FROM $2::text::numeric
-- ListSamples {maybe_numeric { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_numeric" = ANY($2::text[]::numeric[])
-- ListSamples {maybe_numeric { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_numeric" = ANY($2::text[]::numeric[])) IS NOT TRUE
-- ListSamples {maybe_numeric { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_numeric" IS NULL
-- ListSamples {maybe_numeric { lt: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_numeric" < $2::text::numeric
-- ListSamples {maybe_numeric { lte: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_numeric" <= $2::text::numeric
-- ListSamples {maybe_numeric { gt: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_numeric" > $2::text::numeric
-- ListSamples {maybe_numeric { gte: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_numeric" >= $2::text::numeric
-- ListSamples {maybe_numeric { between { from: '1.5' to: '1.5' } }}
t."organization_id" = $1::uuid AND t."maybe_numeric" >= $2::text::numeric AND t."maybe_numeric" <= $3::text::numeric
-- ListSamples {maybe_money { eq: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_money" = $2::text::numeric
-- ListSamples {maybe_money { ne: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_money" IS DISTINCT FROM $2::text::numeric
-- ListSamples {maybe_money { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_money" = ANY($2::text[]::numeric[])
-- ListSamples {maybe_money { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_money" = ANY($2::text[]::numeric[])) IS NOT TRUE
-- ListSamples {maybe_money { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_money" IS NULL
-- ListSamples {maybe_money { lt: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_money" < $2::text::numeric
-- ListSamples {maybe_money { lte: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_money" <= $2::text::numeric
-- ListSamples {maybe_money { gt: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_money" > $2::text::numeric
-- ListSamples {maybe_money { gte: '1.5' }}
t."organization_id" = $1::uuid AND t."maybe_money" >= $2::text::numeric
-- ListSamples {maybe_money { between { from: '1.5' to: '1.5' } }}
t."organization_id" = $1::uuid AND t."maybe_money" >= $2::text::numeric AND t."maybe_money" <= $3::text::numeric
-- ListSamples {maybe_date { eq: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."maybe_date" = $2::text::date
-- ListSamples {maybe_date { ne: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."maybe_date" IS DISTINCT FROM $2::text::date
-- ListSamples {maybe_date { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_date" = ANY($2::text[]::date[])
-- ListSamples {maybe_date { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_date" = ANY($2::text[]::date[])) IS NOT TRUE
-- ListSamples {maybe_date { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_date" IS NULL
-- ListSamples {maybe_date { lt: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."maybe_date" < $2::text::date
-- ListSamples {maybe_date { lte: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."maybe_date" <= $2::text::date
-- ListSamples {maybe_date { gt: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."maybe_date" > $2::text::date
-- ListSamples {maybe_date { gte: '2024-02-29' }}
t."organization_id" = $1::uuid AND t."maybe_date" >= $2::text::date
-- ListSamples {maybe_date { between { from: '2024-02-29' to: '2024-02-29' } }}
t."organization_id" = $1::uuid AND t."maybe_date" >= $2::text::date AND t."maybe_date" <= $3::text::date
-- ListSamples {maybe_bytea { eq: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_bytea" = $2::bytea
-- ListSamples {maybe_bytea { ne: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_bytea" IS DISTINCT FROM $2::bytea
-- ListSamples {maybe_bytea { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_bytea" = ANY($2::bytea[])
-- ListSamples {maybe_bytea { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_bytea" = ANY($2::bytea[])) IS NOT TRUE
-- ListSamples {maybe_bytea { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_bytea" IS NULL
-- ListSamples {maybe_timestamptz { eq{ } }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" = $2::timestamptz
-- ListSamples {maybe_timestamptz { ne{ } }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" IS DISTINCT FROM $2::timestamptz
-- ListSamples {maybe_timestamptz { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" = ANY($2::timestamptz[])
-- ListSamples {maybe_timestamptz { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_timestamptz" = ANY($2::timestamptz[])) IS NOT TRUE
-- ListSamples {maybe_timestamptz { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" IS NULL
-- ListSamples {maybe_timestamptz { lt{ } }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" < $2::timestamptz
-- ListSamples {maybe_timestamptz { lte{ } }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" <= $2::timestamptz
-- ListSamples {maybe_timestamptz { gt{ } }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" > $2::timestamptz
-- ListSamples {maybe_timestamptz { gte{ } }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" >= $2::timestamptz
-- ListSamples {maybe_timestamptz { between { from{ } to{ } } }}
t."organization_id" = $1::uuid AND t."maybe_timestamptz" >= $2::timestamptz AND t."maybe_timestamptz" <= $3::timestamptz
-- ListSamples {maybe_json { eq{ } }}
t."organization_id" = $1::uuid AND t."maybe_json" = $2::text::jsonb
-- ListSamples {maybe_json { ne{ } }}
t."organization_id" = $1::uuid AND t."maybe_json" IS DISTINCT FROM $2::text::jsonb
-- ListSamples {maybe_json { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_json" IS NULL
-- ListSamples {maybe_json { contains{ } }}
t."organization_id" = $1::uuid AND t."maybe_json" @> $2::text::jsonb
-- ListSamples {maybe_json { has_key: 'a' }}
t."organization_id" = $1::uuid AND t."maybe_json" ? $2::text
-- ListSamples {maybe_json { has_any_key{ } }}
t."organization_id" = $1::uuid AND t."maybe_json" ?| $2::text[]
-- ListSamples {maybe_json { has_all_keys{ } }}
t."organization_id" = $1::uuid AND t."maybe_json" ?& $2::text[]
-- ListSamples {maybe_json { at { path: 'a' path: 'b' eq { number_value: 1 } ne { null_value: 0 } exists: true } }}
t."organization_id" = $1::uuid AND (t."maybe_json" #> $2::text[]) = $3::text::jsonb AND (t."maybe_json" #> $2::text[]) IS DISTINCT FROM $4::text::jsonb AND (t."maybe_json" #> $2::text[]) IS NOT NULL
-- ListSamples {maybe_kind { eq: 1 }}
t."organization_id" = $1::uuid AND t."maybe_kind" = $2::text::"books"."kind_of_account"
-- ListSamples {maybe_kind { ne: 1 }}
t."organization_id" = $1::uuid AND t."maybe_kind" IS DISTINCT FROM $2::text::"books"."kind_of_account"
-- ListSamples {maybe_kind { in{ } }}
t."organization_id" = $1::uuid AND t."maybe_kind" = ANY($2::text[]::"books"."kind_of_account"[])
-- ListSamples {maybe_kind { not_in{ } }}
t."organization_id" = $1::uuid AND (t."maybe_kind" = ANY($2::text[]::"books"."kind_of_account"[])) IS NOT TRUE
-- ListSamples {maybe_kind { is_null: true }}
t."organization_id" = $1::uuid AND t."maybe_kind" IS NULL
-- ListSamples {bools { eq{ } }}
t."organization_id" = $1::uuid AND t."bools" = $2::boolean[]
-- ListSamples {bools { ne{ } }}
t."organization_id" = $1::uuid AND t."bools" <> $2::boolean[]
-- ListSamples {bools { contains{ } }}
t."organization_id" = $1::uuid AND t."bools" @> $2::boolean[]
-- ListSamples {bools { overlaps{ } }}
t."organization_id" = $1::uuid AND t."bools" && $2::boolean[]
-- ListSamples {bools { contained_by{ } }}
t."organization_id" = $1::uuid AND t."bools" <@ $2::boolean[]
-- ListSamples {bools { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."bools") = 0
-- ListSamples {bools { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."bools") <> $2::integer AND cardinality(t."bools") = ANY($3::integer[]) AND cardinality(t."bools") >= $4::integer
-- ListSamples {ints { eq{ } }}
t."organization_id" = $1::uuid AND t."ints" = $2::integer[]
-- ListSamples {ints { ne{ } }}
t."organization_id" = $1::uuid AND t."ints" <> $2::integer[]
-- ListSamples {ints { contains{ } }}
t."organization_id" = $1::uuid AND t."ints" @> $2::integer[]
-- ListSamples {ints { overlaps{ } }}
t."organization_id" = $1::uuid AND t."ints" && $2::integer[]
-- ListSamples {ints { contained_by{ } }}
t."organization_id" = $1::uuid AND t."ints" <@ $2::integer[]
-- ListSamples {ints { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."ints") = 0
-- ListSamples {ints { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."ints") <> $2::integer AND cardinality(t."ints") = ANY($3::integer[]) AND cardinality(t."ints") >= $4::integer
-- ListSamples {bigints { eq{ } }}
t."organization_id" = $1::uuid AND t."bigints" = $2::bigint[]
-- ListSamples {bigints { ne{ } }}
t."organization_id" = $1::uuid AND t."bigints" <> $2::bigint[]
-- ListSamples {bigints { contains{ } }}
t."organization_id" = $1::uuid AND t."bigints" @> $2::bigint[]
-- ListSamples {bigints { overlaps{ } }}
t."organization_id" = $1::uuid AND t."bigints" && $2::bigint[]
-- ListSamples {bigints { contained_by{ } }}
t."organization_id" = $1::uuid AND t."bigints" <@ $2::bigint[]
-- ListSamples {bigints { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."bigints") = 0
-- ListSamples {bigints { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."bigints") <> $2::integer AND cardinality(t."bigints") = ANY($3::integer[]) AND cardinality(t."bigints") >= $4::integer
-- ListSamples {reals { eq{ } }}
t."organization_id" = $1::uuid AND t."reals" = $2::real[]
-- ListSamples {reals { ne{ } }}
t."organization_id" = $1::uuid AND t."reals" <> $2::real[]
-- ListSamples {reals { contains{ } }}
t."organization_id" = $1::uuid AND t."reals" @> $2::real[]
-- ListSamples {reals { overlaps{ } }}
t."organization_id" = $1::uuid AND t."reals" && $2::real[]
-- ListSamples {reals { contained_by{ } }}
t."organization_id" = $1::uuid AND t."reals" <@ $2::real[]
-- ListSamples {reals { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."reals") = 0
-- ListSamples {reals { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."reals") <> $2::integer AND cardinality(t."reals") = ANY($3::integer[]) AND cardinality(t."reals") >= $4::integer
-- ListSamples {doubles { eq{ } }}
t."organization_id" = $1::uuid AND t."doubles" = $2::double precision[]
-- ListSamples {doubles { ne{ } }}
t."organization_id" = $1::uuid AND t."doubles" <> $2::double precision[]
-- ListSamples {doubles { contains{ } }}
t."organization_id" = $1::uuid AND t."doubles" @> $2::double precision[]
-- ListSamples {doubles { overlaps{ } }}
t."organization_id" = $1::uuid AND t."doubles" && $2::double precision[]
-- ListSamples {doubles { contained_by{ } }}
t."organization_id" = $1::uuid AND t."doubles" <@ $2::double precision[]
-- ListSamples {doubles { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."doubles") = 0
-- ListSamples {doubles { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."doubles") <> $2::integer AND cardinality(t."doubles") = ANY($3::integer[]) AND cardinality(t."doubles") >= $4::integer
-- ListSamples {texts { eq{ } }}
t."organization_id" = $1::uuid AND t."texts" = $2::text[]
-- ListSamples {texts { ne{ } }}
t."organization_id" = $1::uuid AND t."texts" <> $2::text[]
-- ListSamples {texts { contains{ } }}
t."organization_id" = $1::uuid AND t."texts" @> $2::text[]
-- ListSamples {texts { overlaps{ } }}
t."organization_id" = $1::uuid AND t."texts" && $2::text[]
-- ListSamples {texts { contained_by{ } }}
t."organization_id" = $1::uuid AND t."texts" <@ $2::text[]
-- ListSamples {texts { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."texts") = 0
-- ListSamples {texts { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."texts") <> $2::integer AND cardinality(t."texts") = ANY($3::integer[]) AND cardinality(t."texts") >= $4::integer
-- ListSamples {varchars { eq{ } }}
t."organization_id" = $1::uuid AND t."varchars" = $2::text[]::varchar[]
-- ListSamples {varchars { ne{ } }}
t."organization_id" = $1::uuid AND t."varchars" <> $2::text[]::varchar[]
-- ListSamples {varchars { contains{ } }}
t."organization_id" = $1::uuid AND t."varchars" @> $2::text[]::varchar[]
-- ListSamples {varchars { overlaps{ } }}
t."organization_id" = $1::uuid AND t."varchars" && $2::text[]::varchar[]
-- ListSamples {varchars { contained_by{ } }}
t."organization_id" = $1::uuid AND t."varchars" <@ $2::text[]::varchar[]
-- ListSamples {varchars { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."varchars") = 0
-- ListSamples {varchars { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."varchars") <> $2::integer AND cardinality(t."varchars") = ANY($3::integer[]) AND cardinality(t."varchars") >= $4::integer
-- ListSamples {uuids { eq{ } }}
t."organization_id" = $1::uuid AND t."uuids" = $2::uuid[]
-- ListSamples {uuids { ne{ } }}
t."organization_id" = $1::uuid AND t."uuids" <> $2::uuid[]
-- ListSamples {uuids { contains{ } }}
t."organization_id" = $1::uuid AND t."uuids" @> $2::uuid[]
-- ListSamples {uuids { overlaps{ } }}
t."organization_id" = $1::uuid AND t."uuids" && $2::uuid[]
-- ListSamples {uuids { contained_by{ } }}
t."organization_id" = $1::uuid AND t."uuids" <@ $2::uuid[]
-- ListSamples {uuids { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."uuids") = 0
-- ListSamples {uuids { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."uuids") <> $2::integer AND cardinality(t."uuids") = ANY($3::integer[]) AND cardinality(t."uuids") >= $4::integer
-- ListSamples {ulids { eq{ } }}
t."organization_id" = $1::uuid AND t."ulids" = $2::text[]
-- ListSamples {ulids { ne{ } }}
t."organization_id" = $1::uuid AND t."ulids" <> $2::text[]
-- ListSamples {ulids { contains{ } }}
t."organization_id" = $1::uuid AND t."ulids" @> $2::text[]
-- ListSamples {ulids { overlaps{ } }}
t."organization_id" = $1::uuid AND t."ulids" && $2::text[]
-- ListSamples {ulids { contained_by{ } }}
t."organization_id" = $1::uuid AND t."ulids" <@ $2::text[]
-- ListSamples {ulids { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."ulids") = 0
-- ListSamples {ulids { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."ulids") <> $2::integer AND cardinality(t."ulids") = ANY($3::integer[]) AND cardinality(t."ulids") >= $4::integer
-- ListSamples {numerics { eq{ } }}
t."organization_id" = $1::uuid AND t."numerics" = $2::text[]::numeric[]
-- ListSamples {numerics { ne{ } }}
t."organization_id" = $1::uuid AND t."numerics" <> $2::text[]::numeric[]
-- ListSamples {numerics { contains{ } }}
t."organization_id" = $1::uuid AND t."numerics" @> $2::text[]::numeric[]
-- ListSamples {numerics { overlaps{ } }}
t."organization_id" = $1::uuid AND t."numerics" && $2::text[]::numeric[]
-- ListSamples {numerics { contained_by{ } }}
t."organization_id" = $1::uuid AND t."numerics" <@ $2::text[]::numeric[]
-- ListSamples {numerics { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."numerics") = 0
-- ListSamples {numerics { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."numerics") <> $2::integer AND cardinality(t."numerics") = ANY($3::integer[]) AND cardinality(t."numerics") >= $4::integer
-- ListSamples {dates { eq{ } }}
t."organization_id" = $1::uuid AND t."dates" = $2::text[]::date[]
-- ListSamples {dates { ne{ } }}
t."organization_id" = $1::uuid AND t."dates" <> $2::text[]::date[]
-- ListSamples {dates { contains{ } }}
t."organization_id" = $1::uuid AND t."dates" @> $2::text[]::date[]
-- ListSamples {dates { overlaps{ } }}
t."organization_id" = $1::uuid AND t."dates" && $2::text[]::date[]
-- ListSamples {dates { contained_by{ } }}
t."organization_id" = $1::uuid AND t."dates" <@ $2::text[]::date[]
-- ListSamples {dates { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."dates") = 0
-- ListSamples {dates { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."dates") <> $2::integer AND cardinality(t."dates") = ANY($3::integer[]) AND cardinality(t."dates") >= $4::integer
-- ListSamples {byteas { eq{ } }}
t."organization_id" = $1::uuid AND t."byteas" = $2::bytea[]
-- ListSamples {byteas { ne{ } }}
t."organization_id" = $1::uuid AND t."byteas" <> $2::bytea[]
-- ListSamples {byteas { contains{ } }}
t."organization_id" = $1::uuid AND t."byteas" @> $2::bytea[]
-- ListSamples {byteas { overlaps{ } }}
t."organization_id" = $1::uuid AND t."byteas" && $2::bytea[]
-- ListSamples {byteas { contained_by{ } }}
t."organization_id" = $1::uuid AND t."byteas" <@ $2::bytea[]
-- ListSamples {byteas { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."byteas") = 0
-- ListSamples {byteas { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."byteas") <> $2::integer AND cardinality(t."byteas") = ANY($3::integer[]) AND cardinality(t."byteas") >= $4::integer
-- ListSamples {timestamptzs { eq{ } }}
t."organization_id" = $1::uuid AND t."timestamptzs" = $2::timestamptz[]
-- ListSamples {timestamptzs { ne{ } }}
t."organization_id" = $1::uuid AND t."timestamptzs" <> $2::timestamptz[]
-- ListSamples {timestamptzs { contains{ } }}
t."organization_id" = $1::uuid AND t."timestamptzs" @> $2::timestamptz[]
-- ListSamples {timestamptzs { overlaps{ } }}
t."organization_id" = $1::uuid AND t."timestamptzs" && $2::timestamptz[]
-- ListSamples {timestamptzs { contained_by{ } }}
t."organization_id" = $1::uuid AND t."timestamptzs" <@ $2::timestamptz[]
-- ListSamples {timestamptzs { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."timestamptzs") = 0
-- ListSamples {timestamptzs { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."timestamptzs") <> $2::integer AND cardinality(t."timestamptzs") = ANY($3::integer[]) AND cardinality(t."timestamptzs") >= $4::integer
-- ListSamples {kinds { eq{ } }}
t."organization_id" = $1::uuid AND t."kinds" = $2::text[]::"books"."kind_of_account"[]
-- ListSamples {kinds { ne{ } }}
t."organization_id" = $1::uuid AND t."kinds" <> $2::text[]::"books"."kind_of_account"[]
-- ListSamples {kinds { contains{ } }}
t."organization_id" = $1::uuid AND t."kinds" @> $2::text[]::"books"."kind_of_account"[]
-- ListSamples {kinds { overlaps{ } }}
t."organization_id" = $1::uuid AND t."kinds" && $2::text[]::"books"."kind_of_account"[]
-- ListSamples {kinds { contained_by{ } }}
t."organization_id" = $1::uuid AND t."kinds" <@ $2::text[]::"books"."kind_of_account"[]
-- ListSamples {kinds { is_empty: true }}
t."organization_id" = $1::uuid AND cardinality(t."kinds") = 0
-- ListSamples {kinds { length { gte: 1 in { values: 1 } ne: 7 } }}
t."organization_id" = $1::uuid AND cardinality(t."kinds") <> $2::integer AND cardinality(t."kinds") = ANY($3::integer[]) AND cardinality(t."kinds") >= $4::integer
-- ListContacts {name { gte: 'a' lt: 'b' } type { in { values: 1 values: 2 } }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND t."name" < $2::text AND t."name" >= $3::text AND t."type" = ANY($4::text[]::"saas"."contact_type"[])
-- ListContacts {all_of { name { eq: 'a' } } all_of { name { eq: 'b' } phone { eq: 'c' } }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND t."name" = $2::text AND (t."name" = $3::text AND t."phone" = $4::text)
-- ListContacts {any_of { name { eq: 'a' } } any_of { name { eq: 'b' } phone { eq: 'c' } }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND (t."name" = $2::text OR (t."name" = $3::text AND t."phone" = $4::text))
-- ListContacts {any_of { }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND (true)
-- ListContacts {none_of { name { eq: 'a' } } none_of { phone { eq: 'b' } } none_of { }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND NOT (t."name" = $2::text) AND (t."phone" = $3::text) IS NOT TRUE AND NOT (true)
-- ListContacts {orders { some { } }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND EXISTS (SELECT 1 FROM "saas"."orders" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = t."id")
-- ListContacts {orders { none { status { eq: ORDER_STATUS_PENDING } } }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND NOT (EXISTS (SELECT 1 FROM "saas"."orders" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = t."id" AND t1."status" = $2::text::"saas"."order_status"))
-- ListContacts {orders { every { total_cents { gt: 1 } tracking_number { eq: 'x' } } }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND NOT (EXISTS (SELECT 1 FROM "saas"."orders" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = t."id" AND ((t1."total_cents" > $2::integer AND t1."tracking_number" = $3::text)) IS NOT TRUE))
-- ListContacts {orders { some { items { some { product { slug { starts_with: '50%_' } } } } } }}
t."tenant_id" = $1::uuid AND t."deleted_at" IS NULL AND EXISTS (SELECT 1 FROM "saas"."orders" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."contact_id" = t."id" AND EXISTS (SELECT 1 FROM "saas"."order_items" AS t2 WHERE t2."tenant_id" = $1::uuid AND t2."order_id" = t1."id" AND EXISTS (SELECT 1 FROM "saas"."products" AS t3 WHERE t3."tenant_id" = $1::uuid AND t3."id" = t2."product_id" AND t3."slug" LIKE $2::text)))
-- ListOrders {contact { } shipping_address { city { ilike: 'Bern' } }}
t."tenant_id" = $1::uuid AND EXISTS (SELECT 1 FROM "saas"."contacts" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."deleted_at" IS NULL AND t1."id" = t."contact_id") AND EXISTS (SELECT 1 FROM "saas"."addresses" AS t2 WHERE t2."tenant_id" = $1::uuid AND t2."id" = t."shipping_address_id" AND t2."city" ILIKE $2::text)
-- ListOrders {none_of { contact { email { is_null: false } } }}
t."tenant_id" = $1::uuid AND NOT (EXISTS (SELECT 1 FROM "saas"."contacts" AS t1 WHERE t1."tenant_id" = $1::uuid AND t1."deleted_at" IS NULL AND t1."id" = t."contact_id" AND NOT (t1."email" IS NULL)))
-- ListAccounts {parent { parent { code { eq: 'a' } } }}
t."organization_id" = $1::uuid AND EXISTS (SELECT 1 FROM "books"."chart" AS t1 WHERE t1."organization_id" = $1::uuid AND t1."id" = t."parent_id" AND EXISTS (SELECT 1 FROM "books"."chart" AS t2 WHERE t2."organization_id" = $1::uuid AND t2."id" = t1."parent_id" AND t2."code" = $2::text))
