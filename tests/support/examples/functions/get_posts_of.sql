SELECT p.*
  FROM posts AS p
  WHERE p.tenant_id = p_tenant_id AND p.author_id = p_author_id
    AND (cardinality(p_statuses) = 0 OR p.status = ANY (p_statuses))
  ORDER BY p.id DESC
