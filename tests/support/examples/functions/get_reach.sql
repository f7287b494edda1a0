SELECT a.id, a.name, count(f.account_id),
       (SELECT p.title FROM posts AS p
          WHERE p.tenant_id = p_tenant_id AND p.author_id = a.id ORDER BY p.published_at DESC NULLS LAST, p.id DESC LIMIT 1)
  FROM accounts AS a JOIN followers AS f ON f.tenant_id = p_tenant_id AND f.author_id = a.id
  WHERE a.tenant_id = p_tenant_id
  GROUP BY a.id, a.name
  ORDER BY 3 DESC, a.id
  LIMIT p_limit
